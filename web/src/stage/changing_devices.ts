// Other devices, other treatment of noise, less to send: while it goes on. Fetched with the settings.

import { LiveError } from "../live/client";
import { t } from "../translation";
import { type Noise, rememberDevice } from "./own_sources";
import { explainDevice } from "./own_switches";
import type { RoomSession } from "./room_session";
import { me } from "./room_state";
import { limitsOf, type SendChoice } from "./sending";

type Device = "microphone" | "camera";

/** Opens the device and sends from it in the place of what was sent. */
async function reopen(visit: RoomSession, kind: Device, id?: string): Promise<MediaStreamTrack> {
  const { devices } = visit;
  const { microphone, microphoneOn } = devices.state.value;
  const track = await devices.open(kind, id);
  if (kind === "microphone" && microphone && !microphoneOn) devices.switchMicrophone(false);
  await visit.media.publish(kind, track);
  visit.own.show();
  return track;
}

/** Another camera or microphone, also in the middle of a talk; a muted microphone stays muted. */
export async function changeDevice(visit: RoomSession, kind: Device, id: string): Promise<void> {
  rememberDevice(kind, id);
  await reopen(visit, kind, id).catch((error: unknown) => explainDevice(visit, kind, error));
}

export async function chooseNoise(visit: RoomSession, noise: Noise): Promise<void> {
  visit.devices.chooseNoise(noise);
  // Chromium goes on treating an open device as it did when it was opened.
  await renewMicrophone(visit);
}

/** Closes the device and opens it anew. */
export async function renewMicrophone(visit: RoomSession): Promise<void> {
  const { microphone } = visit.devices.state.value;
  if (!microphone) return;
  const { deviceId } = microphone.getSettings();
  microphone.stop();
  try {
    await reopen(visit, "microphone", deviceId);
  } catch (error) {
    visit.devices.close("microphone");
    visit.media.unpublish("microphone");
    visit.own.show();
    explainDevice(visit, "microphone", error);
  }
}

/** What is sent at most from now on; with the voice alone camera and screen are closed. */
export function chooseSending(visit: RoomSession, choice: SendChoice): void {
  limitsOf(visit.media).choose(choice);
  if (choice !== "voice") return;
  visit.media.sendLess(false);
  visit.own.show();
}

/** A device was unplugged: another takes its place where there is one. */
export async function fallBack(visit: RoomSession, kind: Device, muted: boolean): Promise<void> {
  try {
    if (me(visit.room.value).state !== "on-stage")
      throw new LiveError({ code: "stage.not-on-stage", message: "" });
    const track = await reopen(visit, kind, "");
    if (muted) visit.devices.switchMicrophone(false);
    visit.note(
      kind === "camera"
        ? t("The camera was disconnected. Now in use: {name}", { name: track.label })
        : t("The microphone was disconnected. Now in use: {name}", { name: track.label }),
      true,
    );
  } catch {
    visit.note(
      kind === "camera" ? t("The camera was disconnected.") : t("The microphone was disconnected."),
      true,
    );
  }
}
