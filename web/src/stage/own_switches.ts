// Microphone, camera and screen on and off. Fetched by whoever may send something.

import { DeviceError } from "../media";
import { deviceAdvice } from "./device_words";
import type { RoomSession } from "./room_session";
import type { Source } from "./wire";

/** Throws `DeviceError` when the microphone cannot be opened, `LiveError` when the server refuses. */
export async function setMicrophone(visit: RoomSession, on: boolean): Promise<void> {
  const { devices, media, own } = visit;
  if (on && spares(visit, "microphone")) return;
  if (on && !devices.state.value.microphone)
    await media.publish("microphone", await devices.open("microphone"));
  devices.switchMicrophone(on);
  own.show();
}

export async function setCamera(visit: RoomSession, on: boolean): Promise<void> {
  const { devices, media, own } = visit;
  if (on && spares(visit, "camera")) return;
  if (on) await media.publish("camera", await devices.open("camera"));
  else own.stop("camera");
  own.show();
}

export async function setScreen(visit: RoomSession, on: boolean): Promise<void> {
  const { devices, media, own } = visit;
  if (on && spares(visit, "screen")) return;
  if (on) {
    const { video, audio } = await devices.openScreen();
    await media.publish("screen", video);
    if (audio) await media.publish("screen-audio", audio);
  } else own.stop("screen");
  own.show();
}

/** Whether the person's own limit forbids sending this now; says so. */
function spares(visit: RoomSession, source: Source): boolean {
  const level = visit.data.level.value;
  const spares = level === "reached" || (level === "saving" && source !== "microphone");
  if (spares) visit.noteLimit(level);
  return spares;
}

/** What went wrong with a device and what to do about it. */
export function explainDevice(visit: RoomSession, source: Source, error: unknown): void {
  if (!(error instanceof DeviceError)) visit.explain(error);
  else if (error.code !== "cancelled") {
    const { what, how } = deviceAdvice(source, error.code);
    visit.note(`${what} ${how}`, true);
  }
}
