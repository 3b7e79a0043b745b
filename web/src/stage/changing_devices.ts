// Other devices, other treatment of noise, less to send: while it goes on. Fetched with the settings.

import { LiveError } from "../live/client";
import { t } from "../translation";
import { type Noise, rememberDevice } from "./own_sources";
import type { RoomSession } from "./room_session";
import { me } from "./room_state";
import { limitsOf, type SendChoice } from "./sending";

type Device = "microphone" | "camera";

/** Another camera or microphone, also in the middle of a talk; a muted microphone stays muted. */
export async function changeDevice(visit: RoomSession, kind: Device, id: string): Promise<void> {
  rememberDevice(kind, id);
  await visit.own.reopen(kind, id).catch((error: unknown) => visit.own.explainDevice(kind, error));
}

export async function chooseNoise(visit: RoomSession, noise: Noise): Promise<void> {
  visit.devices.chooseNoise(noise);
  const { microphone } = visit.devices.state.value;
  if (!microphone) return;
  // Chromium goes on treating an open device as it did when it was opened.
  const { deviceId } = microphone.getSettings();
  microphone.stop();
  try {
    await visit.own.reopen("microphone", deviceId);
  } catch (error) {
    visit.devices.close("microphone");
    visit.media.unpublish("microphone");
    visit.own.show();
    visit.own.explainDevice("microphone", error);
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
    const track = await visit.own.reopen(kind, "");
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
