// What this tab sends of its own: camera, microphone and screen, from the device to the room.

import { extras } from "../later/fetched";
import { DeviceError } from "../media";
import type { OwnDevices } from "./own_sources";
import type { RoomSession } from "./room_session";
import { me } from "./room_state";
import type { Source, TrackSource } from "./wire";

export class OwnSending {
  private readonly devices: OwnDevices;

  constructor(private readonly visit: RoomSession) {
    this.devices = visit.devices;
  }

  /** Throws `DeviceError` when the microphone cannot be opened, `LiveError` when the server refuses. */
  async setMicrophone(on: boolean): Promise<void> {
    if (on && this.spares("microphone")) return;
    if (on && !this.devices.state.value.microphone) {
      await this.visit.media.publish("microphone", await this.devices.open("microphone"));
    }
    this.devices.switchMicrophone(on);
    this.show();
  }

  async setCamera(on: boolean): Promise<void> {
    if (on && this.spares("camera")) return;
    if (on) await this.visit.media.publish("camera", await this.devices.open("camera"));
    else this.stop("camera");
    this.show();
  }

  async setScreen(on: boolean): Promise<void> {
    if (on && this.spares("screen")) return;
    if (on) {
      const { video, audio } = await this.devices.openScreen();
      await this.visit.media.publish("screen", video);
      if (audio) await this.visit.media.publish("screen-audio", audio);
    } else this.stop("screen");
    this.show();
  }

  /** Opens the device and sends from it in the place of what was sent. */
  async reopen(kind: "microphone" | "camera", id?: string): Promise<MediaStreamTrack> {
    const { microphone, microphoneOn } = this.devices.state.value;
    const track = await this.devices.open(kind, id);
    if (kind === "microphone" && microphone && !microphoneOn) this.devices.switchMicrophone(false);
    await this.visit.media.publish(kind, track);
    this.show();
    return track;
  }

  /** Whether the person's own limit forbids sending this now; says so. */
  private spares(source: Source): boolean {
    const level = this.visit.data.level.value;
    const spares = level === "reached" || (level === "saving" && source !== "microphone");
    if (spares) this.visit.note(this.visit.words().long, true);
    return spares;
  }

  /** Closes what the limit does not allow to be sent. */
  spare(): void {
    const level = this.visit.data.level.value;
    if (level === "saving" || level === "reached") this.visit.media.sendLess(level === "reached");
  }

  private stop(source: "camera" | "screen"): void {
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
    const sources = { microphone: microphoneOn, camera: camera !== null, screen: screen !== null };
    this.visit.live.send("ShowSources", sources).catch(() => undefined); // the next entry shows it again
  }

  /** What went wrong with a device and what to do about it. */
  explainDevice(source: Source, error: unknown): void {
    if (!(error instanceof DeviceError)) this.visit.explain(error);
    else if (error.code !== "cancelled") void this.advise(source, error);
  }

  private advise(source: Source, error: DeviceError): Promise<void> {
    return extras().then(({ deviceAdvice }) => {
      const { what, how } = deviceAdvice(source, error.code);
      this.visit.note(`${what} ${how}`, true);
    }, this.visit.failed);
  }
}
