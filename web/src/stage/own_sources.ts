// The devices this tab has open and what of them is on: one owner for every camera light.

import { type DeviceError, openCamera, openMicrophone, openScreen } from "../media";
import { Cell } from "./cell";
import { store, stored } from "./stored";
import type { Source } from "./wire";

export interface OwnSources {
  readonly microphone: MediaStreamTrack | null;
  readonly camera: MediaStreamTrack | null;
  readonly screen: MediaStreamTrack | null;
  readonly screenAudio: MediaStreamTrack | null;
  /** A microphone may be open and switched off: it is kept for a quick return. */
  readonly microphoneOn: boolean;
}

const nothing: OwnSources = {
  microphone: null,
  camera: null,
  screen: null,
  screenAudio: null,
  microphoneOn: false,
};

/** Remembered from one session to the next, on this device only. */
const REMEMBERED = { microphone: "majlis.microphone", camera: "majlis.camera" } as const;

export function rememberedDevice(kind: "microphone" | "camera"): string {
  return stored(REMEMBERED[kind]) ?? "";
}

export function rememberDevice(kind: "microphone" | "camera", id: string): void {
  store(REMEMBERED[kind], id);
}

/** What is done about noise: nothing, what every browser can, or keeping one voice apart (some devices). */
export type Noise = "off" | "standard" | "isolation";
/** What a shared screen is good for: sharp letters, or smooth motion (MediaStreamTrack Content Hints). */
export type ScreenHint = "detail" | "motion";

const NOISE = "majlis.noise";
const SPEAKER = "majlis.speaker";

function noiseConstraints(noise: Noise): MediaTrackConstraints {
  return {
    noiseSuppression: noise !== "off",
    ...(noise === "isolation" ? { voiceIsolation: true } : {}),
  } as MediaTrackConstraints;
}

/** What is known of a device before anybody is heard or seen. */
export type DeviceFact = "works" | "blocked" | "missing" | "unknown";

export class OwnDevices {
  private readonly problems = new Map<string, DeviceFact>();

  readonly state = new Cell<OwnSources>(nothing);
  readonly noise = new Cell<Noise>((stored(NOISE) as Noise | null) ?? "standard");
  /** Where sound comes out; empty for the device's own choice. */
  readonly speaker = new Cell<string>(stored(SPEAKER) ?? "");
  readonly screenHint = new Cell<ScreenHint>("detail");

  has(source: Source): boolean {
    const state = this.state.value;
    return source === "microphone" ? state.microphone !== null && state.microphoneOn : state[source] !== null;
  }

  /** Open the chosen or remembered device; a remembered one that is gone gives way to any. Throws `DeviceError`. */
  async open(kind: "microphone" | "camera", id = rememberedDevice(kind)): Promise<MediaStreamTrack> {
    const opening = (wanted?: string) =>
      kind === "camera" ? openCamera(wanted) : openMicrophone(wanted, noiseConstraints(this.noise.value));
    const track = await this.firstOf(kind, id, opening);
    this.close(kind);
    this.state.change((state) => ({
      ...state,
      [kind]: track,
      ...(kind === "microphone" ? { microphoneOn: true } : {}),
    }));
    return track;
  }

  /** For the organizers, beside what a try of the connection has found. */
  facts(): { camera: DeviceFact; microphone: DeviceFact } {
    const fact = (kind: "camera" | "microphone"): DeviceFact =>
      this.state.value[kind] ? "works" : (this.problems.get(kind) ?? "unknown");
    return { camera: fact("camera"), microphone: fact("microphone") };
  }

  private async firstOf(
    kind: "microphone" | "camera",
    id: string,
    opening: (id?: string) => Promise<MediaStreamTrack>,
  ): Promise<MediaStreamTrack> {
    try {
      return await opening(id || undefined);
    } catch (error) {
      const { code } = error as DeviceError;
      if (id && code === "none-found") return this.firstOf(kind, "", opening);
      this.problems.set(kind, code === "refused" ? "blocked" : code === "none-found" ? "missing" : "unknown");
      throw error;
    }
  }

  /** Throws `DeviceError`; must be called from a click. */
  async openScreen(): Promise<{ video: MediaStreamTrack; audio: MediaStreamTrack | null }> {
    const screen = await openScreen();
    this.screenHint.set("detail");
    this.state.change((state) => ({ ...state, screen: screen.video, screenAudio: screen.audio }));
    return screen;
  }

  chooseNoise(noise: Noise): void {
    this.noise.set(noise);
    store(NOISE, noise);
  }

  chooseSpeaker(id: string): void {
    this.speaker.set(id);
    store(SPEAKER, id || null);
  }

  switchMicrophone(on: boolean): void {
    const { microphone } = this.state.value;
    if (microphone) microphone.enabled = on;
    this.state.change((state) => ({ ...state, microphoneOn: on && microphone !== null }));
  }

  close(source: Source): void {
    const state = this.state.value;
    state[source]?.stop();
    if (source === "screen") state.screenAudio?.stop();
    this.state.set({
      ...state,
      [source]: null,
      ...(source === "screen" ? { screenAudio: null } : {}),
      ...(source === "microphone" ? { microphoneOn: false } : {}),
    });
  }

  closeAll(): void {
    for (const source of ["microphone", "camera", "screen"] as const) this.close(source);
  }
}
