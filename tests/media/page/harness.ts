/** The page of the browser tests: a MediaConnection over a plain WebSocket, driven from Python. */

import {
  codeOf,
  LevelMeter,
  listDevices,
  MediaConnection,
  type MediaState,
  openCamera,
  openMicrophone,
  openScreen,
  type Quality,
  type Signal,
  type Source,
} from "../../../web/src/media";

type Reply = { id: number; result?: unknown; code?: string };

class Desk implements Signal {
  #socket!: WebSocket;
  #next = 0;
  readonly #waiting = new Map<number, [(value: never) => void, (reason: unknown) => void]>();
  onOffer: (version: number, sdp: string) => void = () => undefined;
  onLayers: (source: Source, rids: string[]) => void = () => undefined;

  open(room: string, name: string): Promise<void> {
    this.#socket = new WebSocket(`ws://${location.host}/signal?room=${room}&name=${name}`);
    this.#socket.onmessage = (event) => {
      const message = JSON.parse(event.data) as Reply & {
        offer?: { version: number; sdp: string };
        layers?: { source: Source; rids: string[] };
      };
      if (message.layers) {
        this.onLayers(message.layers.source, message.layers.rids);
        return;
      }
      if (message.offer) {
        this.onOffer(message.offer.version, message.offer.sdp);
        return;
      }
      const [resolve, reject] = this.#waiting.get(message.id) ?? [];
      this.#waiting.delete(message.id);
      if (message.code) reject?.(Object.assign(new Error(message.code), { code: message.code }));
      else resolve?.(message.result as never);
    };
    this.#socket.onclose = () => {
      for (const [, reject] of this.#waiting.values()) reject(new Error("signal closed"));
      this.#waiting.clear();
    };
    return new Promise((resolve) => {
      this.#socket.onopen = () => resolve();
    });
  }

  close(): void {
    this.#socket.close();
  }

  #ask<T>(act: string, body: object): Promise<T> {
    if (this.#socket.readyState !== WebSocket.OPEN) return Promise.reject(new Error("signal closed"));
    const id = ++this.#next;
    this.#socket.send(JSON.stringify({ id, act, ...body }));
    return new Promise((resolve, reject) => this.#waiting.set(id, [resolve as never, reject]));
  }

  publishOffer = (sdp: string, sources: Record<string, Source>) =>
    this.#ask<string>("publish", { sdp, sources });
  subscribe = () => this.#ask<{ version: number; sdp: string }>("subscribe", {});
  restartSubscribe = () => this.#ask<{ version: number; sdp: string }>("restart", {});
  answer = (version: number, sdp: string) => this.#ask<void>("answer", { version, sdp });
}

const elements = new Map<string, HTMLMediaElement>();
const meters = new Map<string, LevelMeter>();
const states: MediaState[] = [];
const ended: Source[] = [];
let quality: Quality | null = null;
let desk = new Desk();
let media: MediaConnection | null = null;

async function join(room: string, name: string, watch = true): Promise<void> {
  desk = new Desk();
  await desk.open(room, name);
  media = new MediaConnection({
    signal: desk,
    onTrack: (participant, source, track) => show(`${participant}~${source}`, track),
    onState: (state) => states.push(state),
    onQuality: (numbers) => {
      quality = numbers;
    },
    onEnded: (source) => ended.push(source),
  });
  desk.onOffer = (version, sdp) => void media?.offered({ version, sdp });
  desk.onLayers = (source, rids) => media?.layersWanted(source, rids);
  if (watch) await media.watch();
}

function show(key: string, track: MediaStreamTrack | null): void {
  elements.get(key)?.remove();
  elements.delete(key);
  meters.get(key)?.close();
  meters.delete(key);
  if (!track) return;
  const element = document.createElement(track.kind === "video" ? "video" : "audio");
  element.autoplay = true;
  if (element instanceof HTMLVideoElement) {
    element.muted = true;
    element.width = 320;
  }
  element.srcObject = new MediaStream([track]);
  document.body.append(element);
  elements.set(key, element);
  if (track.kind === "audio") meters.set(key, new LevelMeter(track));
}

async function publish(source: Source, picture: MediaTrackConstraints = {}): Promise<string> {
  try {
    if (source === "camera") {
      const constraints = { frameRate: { ideal: 15, max: 15 }, ...picture };
      await media?.publish(source, await openCamera(undefined, constraints));
    } else if (source === "microphone") {
      const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
      await media?.publish(source, await openMicrophone(undefined, plain));
    } else {
      const screen = await openScreen({ audio: false });
      await media?.publish("screen", screen.video);
    }
    return "";
  } catch (error) {
    return codeOf(error) || String(error);
  }
}

/** A drawn picture in place of a device: the fake camera gets stuck when several tabs open and stop it at once. */
async function publishDrawing(source: Source): Promise<string> {
  const canvas = document.createElement("canvas");
  canvas.width = 320;
  canvas.height = 180;
  const pen = canvas.getContext("2d");
  const track = canvas.captureStream(15).getVideoTracks()[0];
  if (!pen || !track) return "no canvas";
  const draw = () => {
    pen.fillStyle = `hsl(${performance.now() / 10} 90% 50%)`;
    pen.fillRect(0, 0, 320, 180);
    if (track.readyState === "live") setTimeout(draw, 66);
  };
  draw();
  try {
    await media?.publish(source, track);
    return "";
  } catch (error) {
    return codeOf(error) || String(error);
  }
}

/** A tone in place of the microphone, for the same reason. */
async function publishTone(): Promise<string> {
  const context = new AudioContext();
  const tone = context.createOscillator();
  const out = context.createMediaStreamDestination();
  tone.connect(out);
  tone.start();
  const track = out.stream.getAudioTracks()[0];
  if (!track) return "no tone";
  try {
    await media?.publish("microphone", track);
    return "";
  } catch (error) {
    return codeOf(error) || String(error);
  }
}

interface Seen {
  frames: number;
  width: number;
  keys: number;
  energy: number;
  packets: number;
  /** Samples played, and those of them that were made up because a packet was missing. */
  samples: number;
  concealed: number;
  nacks: number;
}

/** Decoded frames and audio energy of what is shown, by participant~source. */
async function seen(): Promise<Record<string, Seen>> {
  const out: Record<string, Seen> = {};
  const subscribe = media?.connections.subscribe;
  if (!subscribe) return out;
  for (const [key, element] of elements) {
    const track = (element.srcObject as MediaStream).getTracks()[0];
    const transceiver = subscribe.getTransceivers().find((candidate) => candidate.receiver.track === track);
    (await transceiver?.receiver.getStats())?.forEach((stat) => {
      if (stat.type !== "inbound-rtp") return;
      out[key] = {
        frames: stat.framesDecoded ?? 0,
        width: stat.frameWidth ?? 0,
        keys: stat.keyFramesDecoded ?? 0,
        energy: stat.totalAudioEnergy ?? 0,
        packets: stat.packetsReceived,
        samples: stat.totalSamplesReceived ?? 0,
        concealed: (stat.concealedSamples ?? 0) - (stat.silentConcealedSamples ?? 0),
        nacks: stat.nackCount ?? 0,
      };
    });
  }
  return out;
}

async function sent(): Promise<{ frames: number; bitrate: number }> {
  let frames = 0;
  let bitrate = 0;
  (await media?.connections.publish?.getStats())?.forEach((stat) => {
    if (stat.type === "outbound-rtp" && stat.kind === "video") frames += stat.framesEncoded ?? 0;
    if (stat.type === "candidate-pair" && stat.availableOutgoingBitrate) bitrate = stat.availableOutgoingBitrate;
  });
  return { frames, bitrate };
}

/** Of each video encoding: whether it is switched on, and what it has sent. */
async function layers(): Promise<Record<string, { active: boolean; frames: number; width: number }>> {
  const out: Record<string, { active: boolean; frames: number; width: number }> = {};
  for (const sender of media?.connections.publish?.getSenders() ?? []) {
    if (sender.track?.kind !== "video") continue;
    for (const encoding of sender.getParameters().encodings) {
      out[encoding.rid ?? ""] = { active: encoding.active ?? true, frames: 0, width: 0 };
    }
    (await sender.getStats()).forEach((stat) => {
      const layer = stat.type === "outbound-rtp" ? out[stat.rid ?? ""] : undefined;
      if (layer) Object.assign(layer, { frames: stat.framesSent ?? 0, width: stat.frameWidth ?? 0 });
    });
  }
  return out;
}

/** Which side of the DTLS handshake the browser has been: "server" when the other one opened it. */
async function dtlsRoles(): Promise<string[]> {
  const roles: string[] = [];
  for (const connection of [media?.connections.publish, media?.connections.subscribe])
    (await connection?.getStats())?.forEach((stat) => {
      if (stat.type === "transport") roles.push(stat.dtlsRole);
    });
  return roles;
}

function leave(): void {
  media?.close();
  for (const key of [...elements.keys()]) show(key, null);
  desk.close();
}

const report = () => ({ state: media?.state, states, ended, quality });

Object.assign(window, {
  join,
  openMicrophone,
  publish,
  publishDrawing,
  publishTone,
  unpublish: (source: Source) => media?.unpublish(source),
  enable: (source: Source, on: boolean) => media?.setEnabled(source, on),
  seen,
  sent,
  layers,
  dtlsRoles,
  leave,
  cutSignal: () => desk.close(),
  restoreSignal: async (room: string, name: string) => {
    await desk.open(room, name);
    media?.liveAgain();
  },
  networkChanged: () => media?.networkChanged(),
  listed: async () => {
    const { cameras, microphones } = await listDevices();
    return [cameras.length, microphones.length];
  },
  level: (key: string) => meters.get(key)?.value() ?? -1,
  shown: () => [...elements.keys()].sort(),
  report,
  subscribeAnswer: () => media?.connections.subscribe?.localDescription?.sdp.length ?? 0,
  publishOffer: () => media?.connections.publish?.localDescription?.sdp.length ?? 0,
});
