/** How each source is encoded: layers of different sizes of a camera, few sharp pictures of a slide, mono speech. */

import type { Source } from "./signal";

/** What the way up carries. `weak`: one camera layer and lean sound; `poor`: lean sound alone. */
export type Uplink = "good" | "weak" | "poor";

type Encoding = RTCRtpEncodingParameters & { scalabilityMode?: string };

const SPEECH = { good: 32_000, lean: 16_000 };
/** Text is read, so it may come slowly but must be sharp; a moving picture is watched. */
const SCREEN = {
  detail: { maxFramerate: 5, maxBitrate: 1_200_000 },
  motion: { maxFramerate: 15, maxBitrate: 2_500_000 },
} as const;
const WEAK_SCREEN = {
  detail: { maxFramerate: 1, maxBitrate: 150_000 },
  motion: { maxFramerate: 5, maxBitrate: 200_000 },
} as const;
/** Lowest first. A quarter of 1280×720 is as large as a tile in a full room. */
const LAYERS: readonly Encoding[] = [
  { rid: "q", scaleResolutionDownBy: 4, maxBitrate: 120_000 },
  { rid: "h", scaleResolutionDownBy: 2, maxBitrate: 350_000 },
  { rid: "f", scaleResolutionDownBy: 1, maxBitrate: 1_300_000 },
];
/** Of a camera of half that size. */
const SMALL: Record<string, number> = { h: 150_000, f: 600_000 };
const CAMERA_RATE = 24;
/** Browsers make three layers from this width on, two from the next; of a smaller picture a quarter shows nothing. */
const WIDTH_FOR_THREE = 960;
const WIDTH_FOR_TWO = 480;

/** The encodings to open a transceiver with; their number cannot change later. */
export function encodingsFor(source: Source, track: MediaStreamTrack): Encoding[] {
  if (source !== "camera") return [{ ...(track.kind === "video" ? { scalabilityMode: "L1T3" } : {}) }];
  const count = layerCount(track);
  if (count === 1) return [{ scalabilityMode: "L1T3" }];
  return LAYERS.slice(-count).map((layer) => ({ ...layer, scalabilityMode: "L1T3" }));
}

/** How many layers a picture of this size is worth. */
function layerCount(track: MediaStreamTrack): number {
  const { width = 0, height = 0 } = track.getSettings();
  const size = Math.max(width, height);
  return size >= WIDTH_FOR_THREE ? 3 : size >= WIDTH_FOR_TWO ? 2 : 1;
}

export interface Wishes {
  readonly uplink: Uplink;
  /** The layers somebody wants (rids; "" for that of a source without layers); null: not told, so all. */
  readonly wanted: readonly string[] | null;
}

/**
 * Sets limits and switches layers on or off, in place. A smaller camera in the place of a larger one has fewer
 * layers, the lowest of the encodings: Chromium begins no others, and a quarter of it would show nothing.
 */
export function tune(
  encodings: Encoding[],
  source: Source,
  track: MediaStreamTrack | null,
  { uplink, wanted }: Wishes,
): void {
  const count =
    source === "camera" && track ? Math.min(encodings.length, layerCount(track)) : encodings.length;
  const allowed = uplink === "good" ? count : 1;
  const off = wanted?.length === 0 || (uplink === "poor" && track?.kind === "video");
  const able = encodings.slice(0, allowed).some((encoding) => isWanted(encoding, encodings, wanted));
  encodings.forEach((encoding, index) => {
    // When all that is wanted is beyond this uplink, the best it can carry stands in.
    const chosen = able ? isWanted(encoding, encodings, wanted) : index === allowed - 1;
    encoding.active = !off && index < allowed && chosen;
    if (encodings.length > 1) encoding.scaleResolutionDownBy = 2 ** Math.max(0, count - 1 - index);
    Object.assign(encoding, limits(index, count, source, track, uplink));
  });
}

function isWanted(encoding: Encoding, all: Encoding[], wanted: readonly string[] | null): boolean {
  return wanted === null || all.length === 1 || wanted.includes(encoding.rid ?? "");
}

function limits(
  index: number,
  count: number,
  source: Source,
  track: MediaStreamTrack | null,
  uplink: Uplink,
): Encoding {
  if (source === "microphone") return { maxBitrate: uplink === "good" ? SPEECH.good : SPEECH.lean };
  if (source === "screen-audio") return { maxBitrate: uplink === "good" ? 64_000 : SPEECH.good };
  if (source === "screen") {
    const hint = track?.contentHint === "motion" ? "motion" : "detail";
    return { ...(uplink === "good" ? SCREEN : WEAK_SCREEN)[hint] };
  }
  const layer = LAYERS.slice(-count)[index];
  const full = count === 2 ? SMALL[layer?.rid ?? ""] : count === 3 ? layer?.maxBitrate : undefined;
  const maxBitrate = full ?? (uplink === "good" ? 600_000 : 120_000);
  return { maxBitrate, maxFramerate: uplink === "good" ? CAMERA_RATE : 15 };
}

/** What the browser knows of the way up before anything was sent. */
export function expectedUplink(): Uplink {
  const connection = (
    navigator as { connection?: { saveData?: boolean; effectiveType?: string; downlink?: number } }
  ).connection;
  if (!connection) return "good";
  if (connection.effectiveType === "slow-2g" || connection.effectiveType === "2g") return "poor";
  return connection.saveData || connection.effectiveType === "3g" ? "weak" : "good";
}
