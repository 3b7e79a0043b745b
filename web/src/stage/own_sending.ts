// What this tab sends of its own: camera, microphone and screen, from the device to the room.

import { extras } from "../later/fetched";
import type { OwnDevices } from "./own_sources";
import type { RoomSession } from "./room_session";
import { me } from "./room_state";
import type { TrackSource } from "./wire";

export class OwnSending {
  private readonly devices: OwnDevices;

  constructor(private readonly visit: RoomSession) {
    this.devices = visit.devices;
  }

  /** Closes what the limit does not allow to be sent. */
  spare(): void {
    const level = this.visit.data.level.value;
    if (level === "saving" || level === "reached") this.visit.media.sendLess(level === "reached");
  }

  /** No more of it, and its device is released. */
  stop(source: "camera" | "screen"): void {
    this.devices.close(source);
    if (source === "screen") this.visit.media.unpublish("screen-audio");
    this.visit.media.unpublish(source);
  }

  /** The browser says that a source has ended: unplugged, or stopped from outside the page. */
  ended(source: TrackSource): void {
    if (source === "screen-audio") return;
    const muted = source === "microphone" && !this.devices.has("microphone");
    this.devices.close(source);
    this.show();
    if (source === "screen") this.visit.media.unpublish("screen-audio");
    else void extras().then(({ fallBack }) => fallBack(this.visit, source, muted), this.visit.failed);
  }

  /** Send what is open and switched on, as far as the limit allows. */
  async sendOpen(): Promise<void> {
    this.spare();
    await this.visit.media.publishOpen();
    this.show();
  }

  /** Tell the others what this tab sends, so that their tiles say so. */
  show(): void {
    if (me(this.visit.room.value).state !== "on-stage" && !this.visit.media.sending) return;
    const { microphoneOn, camera, screen } = this.devices.state.value;
    if (microphoneOn)
      void extras().then(
        ({ watchSound }) => watchSound(this.visit),
        () => undefined,
      );
    const sources = { microphone: microphoneOn, camera: camera !== null, screen: screen !== null };
    this.visit.live.send("ShowSources", sources).catch(() => undefined); // the next entry shows it again
  }
}
