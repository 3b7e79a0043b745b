// The devices this tab has open and what of them is on: one owner for every camera light.

import { type DeviceError, openCamera, openMicrophone, openScreen } from "../media";
import { Cell } from "./cell";
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
  try {
    return localStorage.getItem(REMEMBERED[kind]) ?? "";
  } catch {
    return ""; // storage is forbidden in some private windows
  }
}

export function rememberDevice(kind: "microphone" | "camera", id: string): void {
  try {
    localStorage.setItem(REMEMBERED[kind], id);
  } catch {
    // Only a convenience.
  }
}

export class OwnDevices {
  readonly state = new Cell<OwnSources>(nothing);

  has(source: Source): boolean {
    const state = this.state.value;
    return source === "microphone" ? state.microphone !== null && state.microphoneOn : state[source] !== null;
  }

  /** Open the chosen or remembered device; a remembered one that is gone gives way to any. Throws `DeviceError`. */
  async open(kind: "microphone" | "camera", id = rememberedDevice(kind)): Promise<MediaStreamTrack> {
    const opening = kind === "camera" ? openCamera : openMicrophone;
    let track: MediaStreamTrack;
    try {
      track = await opening(id || undefined);
    } catch (error) {
      if (!id || (error as DeviceError).code !== "none-found") throw error;
      track = await opening();
    }
    this.close(kind);
    this.state.change((state) => ({
      ...state,
      [kind]: track,
      ...(kind === "microphone" ? { microphoneOn: true } : {}),
    }));
    return track;
  }

  /** Throws `DeviceError`; must be called from a click. */
  async openScreen(): Promise<{ video: MediaStreamTrack; audio: MediaStreamTrack | null }> {
    const screen = await openScreen();
    this.state.change((state) => ({ ...state, screen: screen.video, screenAudio: screen.audio }));
    return screen;
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
