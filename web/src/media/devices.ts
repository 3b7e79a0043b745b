/** Cameras, microphones and screens: listing, opening, level metering, and what went wrong in a word. */

export type DeviceProblem = "refused" | "none-found" | "in-use" | "insecure" | "cancelled" | "failed";

export class DeviceError extends Error {
  constructor(
    readonly code: DeviceProblem,
    cause: unknown,
  ) {
    super(code, { cause });
  }
}

export interface Devices {
  readonly cameras: readonly MediaDeviceInfo[];
  readonly microphones: readonly MediaDeviceInfo[];
  readonly speakers: readonly MediaDeviceInfo[];
}

/** Labels are empty until the person has granted a device once. */
export async function listDevices(): Promise<Devices> {
  const all = (await media().enumerateDevices()).filter(
    (device) => device.deviceId !== "" || device.label !== "",
  );
  return {
    cameras: all.filter((device) => device.kind === "videoinput"),
    microphones: all.filter((device) => device.kind === "audioinput"),
    speakers: all.filter((device) => device.kind === "audiooutput"),
  };
}

/** 1280×720, of which layers down to 320×180 are made: what is sent is what somebody looks at. */
export function openCamera(deviceId?: string, more: MediaTrackConstraints = {}): Promise<MediaStreamTrack> {
  return open("video", {
    width: { ideal: 1280 },
    height: { ideal: 720 },
    frameRate: { ideal: 24, min: 5, max: 30 },
    ...exactly(deviceId),
    ...more,
  });
}

/** One channel; the browser's echo and noise suppression stay on unless `more` says otherwise. */
export function openMicrophone(
  deviceId?: string,
  more: MediaTrackConstraints = {},
): Promise<MediaStreamTrack> {
  return open("audio", {
    channelCount: { ideal: 1 },
    echoCancellation: true,
    noiseSuppression: true,
    autoGainControl: true,
    ...exactly(deviceId),
    ...more,
  });
}

export interface Screen {
  readonly video: MediaStreamTrack;
  readonly audio: MediaStreamTrack | null;
}

/** Must be called from a click. Text stays sharp (`detail`) and at most 15 pictures a second are taken. */
export async function openScreen(options: DisplayMediaStreamOptions = {}): Promise<Screen> {
  if (!navigator.mediaDevices?.getDisplayMedia) throw new DeviceError("none-found", null);
  try {
    const stream = await navigator.mediaDevices.getDisplayMedia({
      video: { frameRate: { ideal: 15, max: 15 } },
      audio: true,
      ...options,
    });
    const video = stream.getVideoTracks()[0];
    if (!video) throw new DeviceError("failed", null);
    video.contentHint = "detail";
    return { video, audio: stream.getAudioTracks()[0] ?? null };
  } catch (error) {
    throw asDeviceError(error, "cancelled");
  }
}

async function open(kind: "audio" | "video", constraints: MediaTrackConstraints): Promise<MediaStreamTrack> {
  try {
    const stream = await media().getUserMedia({ [kind]: constraints });
    const track = stream.getTracks()[0];
    if (!track) throw new DeviceError("none-found", null);
    return track;
  } catch (error) {
    throw asDeviceError(error, "refused");
  }
}

function exactly(deviceId: string | undefined): MediaTrackConstraints {
  return deviceId ? { deviceId: { exact: deviceId } } : {};
}

function media(): MediaDevices {
  // Absent on plain http: browsers give devices to secure pages only.
  if (!navigator.mediaDevices?.getUserMedia) throw new DeviceError("insecure", null);
  return navigator.mediaDevices;
}

/** `refusal` names NotAllowedError: for a screen it usually means that the person closed the picker. */
function asDeviceError(error: unknown, refusal: DeviceProblem): DeviceError {
  if (error instanceof DeviceError) return error;
  const name = error instanceof Error ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return new DeviceError(refusal, error);
  if (name === "NotFoundError" || name === "OverconstrainedError")
    return new DeviceError("none-found", error);
  if (name === "NotReadableError" || name === "AbortError") return new DeviceError("in-use", error);
  return new DeviceError("failed", error);
}

/** How loud a track is now, 0 (silent) to 1 (full scale), for a meter that is read on every animation frame. */
export class LevelMeter {
  readonly #context: AudioContext;
  readonly #source: MediaStreamAudioSourceNode;
  readonly #analyser: AnalyserNode;
  readonly #samples: Uint8Array<ArrayBuffer>;

  constructor(track: MediaStreamTrack) {
    this.#context = new AudioContext();
    this.#source = this.#context.createMediaStreamSource(new MediaStream([track]));
    this.#analyser = this.#context.createAnalyser();
    this.#analyser.fftSize = 512;
    this.#samples = new Uint8Array(this.#analyser.fftSize);
    this.#source.connect(this.#analyser);
    void this.#context.resume();
  }

  /** Loudness on a scale of 50 dB, which is how people judge it. */
  value(): number {
    this.#analyser.getByteTimeDomainData(this.#samples);
    let sum = 0;
    for (const sample of this.#samples) sum += ((sample - 128) / 128) ** 2;
    const decibel = 10 * Math.log10(sum / this.#samples.length + 1e-10);
    return Math.min(1, Math.max(0, (decibel + 50) / 50));
  }

  close(): void {
    this.#source.disconnect();
    void this.#context.close();
  }
}
