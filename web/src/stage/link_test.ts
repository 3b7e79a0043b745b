// Trying out one's connection before going in: how long an answer takes, how much goes each way, and whether sound
// gets through and comes back. A few seconds and at most 300 kB; nothing waits for it.

import { MediaConnection, type Offer } from "../media";

/** `LinkFound` in conference/stage/link_notes.py. */
export interface LinkFound {
  readonly round_trip_ms: number;
  readonly transport: "udp" | "tcp" | "none";
  readonly loss: number | null;
  readonly down_kbits: number | null;
  readonly up_kbits: number | null;
}

/** What the server makes of it. */
export interface LinkVerdict {
  readonly verdict: "pictures" | "small" | "sound" | "text" | "blocked";
  readonly sending: "camera" | "voice" | "too-weak" | "unknown";
}

type Device = "works" | "blocked" | "missing" | "unknown";
export type DeviceFacts = { camera: Device; microphone: Device };

const PINGS = 4;
const DOWN = 120_000;
const UP = [8_000, 80_000];
/** Each way may take this long; what has gone by then is enough to know the rate. */
const RATE_MS = 2_500;
const CONNECT_MS = 8_000;
/** So much sound is sent: 150 packets tell a loss of one in a hundred from none. */
const SOUND_MS = 3_000;

/** Rejects when it was stopped or the server cannot be reached. */
export async function testLink(address: string, formToken: string, stop: AbortSignal): Promise<LinkFound> {
  const desk = new Desk(address, formToken, stop);
  const round_trip_ms = await desk.roundTrip();
  const sound = await soundThere(desk, stop);
  stop.throwIfAborted();
  const down_kbits = await desk.down();
  const up_kbits = await desk.up(round_trip_ms);
  return { round_trip_ms, down_kbits, up_kbits, ...sound };
}

/** Keeps the result for the organizers; answers with what it means. */
export async function tellLink(
  address: string,
  formToken: string,
  found: LinkFound & DeviceFacts,
): Promise<LinkVerdict> {
  return new Desk(address, formToken).ask<LinkVerdict>("result", found);
}

class Desk {
  constructor(
    private readonly address: string,
    private readonly formToken: string,
    private readonly stop?: AbortSignal,
  ) {}

  async ask<Answer>(path: string, body: object = {}): Promise<Answer> {
    const answer = await this.post(path, JSON.stringify(body), "application/json");
    if (!answer.ok) throw Object.assign(new Error(path), { code: "check.refused" });
    return (await answer.json()) as Answer;
  }

  /** The quickest of a few answers, in ms: the first one opens the connection. */
  async roundTrip(): Promise<number> {
    const times: number[] = [];
    for (let count = 0; count < PINGS; count++) {
      const began = performance.now();
      await (await this.bytes(1)).arrayBuffer();
      times.push(performance.now() - began);
    }
    return Math.round(Math.min(...times));
  }

  /** kbit/s, from the first bytes to the last or until the time is over. */
  async down(): Promise<number | null> {
    const reader = (await this.bytes(DOWN)).body?.getReader();
    if (!reader) return null;
    const began = performance.now();
    let [first, last, before, after] = [began, began, 0, 0];
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      last = performance.now();
      if (before === 0) [first, before] = [last, value.length];
      else after += value.length;
      if (last - began > RATE_MS) break;
    }
    void reader.cancel().catch(() => undefined);
    return kilobits(after || before, last - (after ? first : began));
  }

  /** kbit/s; a second and larger try where the first went quickly. */
  async up(roundTrip: number): Promise<number | null> {
    let rate: number | null = null;
    for (const size of UP) {
      const began = performance.now();
      await this.post(
        "bytes",
        crypto.getRandomValues(new Uint8Array(Math.min(size, 65_536))),
        "application/octet-stream",
      );
      const took = performance.now() - began - roundTrip;
      rate = kilobits(Math.min(size, 65_536), took);
      if (took > RATE_MS / 4) break;
    }
    return rate;
  }

  private bytes(size: number): Promise<Response> {
    return fetch(`${this.address}/bytes?size=${size}`, { cache: "no-store", signal: this.stop ?? null });
  }

  private post(path: string, body: BodyInit, type: string): Promise<Response> {
    return fetch(`${this.address}/${path}`, {
      method: "POST",
      headers: { "Content-Type": type, "X-Form-Token": this.formToken },
      body,
      signal: this.stop ?? null,
    });
  }
}

/** What is too quick to be timed counts as a millisecond; the words for it have a ceiling (link_check.tsx). */
function kilobits(bytes: number, ms: number): number {
  return Math.round((bytes * 8) / Math.max(ms, 1));
}

type SoundFound = Pick<LinkFound, "transport" | "loss">;

/** Sends a sound to the server and has it sent back. */
async function soundThere(desk: Desk, stop: AbortSignal): Promise<SoundFound> {
  const { ice_servers } = await desk.ask<{ ice_servers: RTCIceServer[] }>("begin");
  const audio = new AudioContext();
  const [tone, out] = [audio.createOscillator(), audio.createMediaStreamDestination()];
  tone.connect(out);
  tone.start();
  const media = new MediaConnection({
    signal: {
      publishOffer: async (sdp, sources) =>
        (await desk.ask<{ sdp: string }>("publish", { sdp, sources })).sdp,
      subscribe: () => desk.ask<Offer>("subscribe"),
      restartSubscribe: () => Promise.reject(Object.assign(new Error(), { code: "check.over" })),
      answer: (version, sdp) => desk.ask("answer", { version, sdp }),
    },
    iceServers: () => ice_servers,
    onTrack: () => undefined,
    onState: () => undefined,
  });
  try {
    const track = out.stream.getAudioTracks()[0];
    if (!track) return { transport: "none", loss: null };
    await media.publish("microphone", track);
    await media.watch();
    if (!(await connected(media, stop))) return { transport: "none", loss: null };
    await pause(SOUND_MS, stop);
    return await read(media);
  } finally {
    media.close();
    tone.stop();
    void audio.close();
  }
}

async function connected(media: MediaConnection, stop: AbortSignal): Promise<boolean> {
  for (const end = performance.now() + CONNECT_MS; performance.now() < end; ) {
    if (media.state === "connected") return true;
    await pause(100, stop);
  }
  return false;
}

/** The way that was found, and the worse of the two directions. */
async function read(media: MediaConnection): Promise<SoundFound> {
  const { publish, subscribe } = media.connections;
  let transport: SoundFound["transport"] = "udp";
  const losses: number[] = [];
  for (const connection of [publish, subscribe]) {
    const report = connection ? [...(await connection.getStats()).values()] : [];
    const pair = report.find(
      ({ type, nominated, state }) => type === "candidate-pair" && nominated && state === "succeeded",
    );
    const local = report.find(({ id }) => id === pair?.localCandidateId);
    if ((local?.relayProtocol ?? local?.protocol) === "tcp" || local?.relayProtocol === "tls")
      transport = "tcp";
    const inbound = report.find(({ type }) => type === "inbound-rtp");
    if (inbound && inbound.packetsReceived > 0)
      losses.push(share(inbound.packetsLost, inbound.packetsReceived));
    const remote = report.find(({ type }) => type === "remote-inbound-rtp");
    if (remote) losses.push(Math.max(0, remote.fractionLost ?? 0));
  }
  return { transport, loss: losses.length ? Math.min(1, Math.max(...losses)) : null };
}

function share(lost: number, received: number): number {
  const missing = Math.max(0, lost);
  return missing + received > 0 ? missing / (missing + received) : 0;
}

function pause(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    stop.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        reject(stop.reason);
      },
      { once: true },
    );
  });
}
