// Everything this session costs on this device: media, live channel and page, and the limit a person may set.

import type { Traffic } from "../media";
import { Cell } from "./cell";
import { type CapLevel, capLevel, DataRate, type DataUse, dataUse } from "./data_cap";
import { channelTraffic, PageFiles, type Spoken } from "./page_bytes";
import { serverNow } from "./server_time";
import { store, stored } from "./stored";

interface Kept {
  /** Bytes of earlier visits to this session. */
  readonly used: number;
  readonly cap: number | null;
}

interface Heard {
  readonly heard: Spoken;
  readonly said: Spoken;
}

export class DataMeter {
  readonly use = new Cell<DataUse>({ used: 0, perHour: null, atEnd: null });
  readonly cap = new Cell<number | null>(null);
  readonly level = new Cell<CapLevel>("free");
  readonly #key: string;
  readonly #files = new PageFiles();
  readonly #rate = new DataRate();
  readonly #earlier: number;
  #media: Traffic = { received: 0, sent: 0 };
  #closedMedia = 0;
  #bytesPerSecond: number | null = null;

  constructor(
    session: string,
    public endsAt: number,
    private readonly channel: () => Heard,
  ) {
    this.#key = `majlis.data.${session}`;
    const { used, cap } = read(this.#key);
    this.#earlier = used;
    this.cap.set(cap);
    this.#tell();
    this.#judge("free");
  }

  /** Bytes up to now, headers included. */
  get total(): number {
    const { heard, said } = this.channel();
    const parts = [this.#media, this.#files.total, channelTraffic(heard, said)];
    return this.#closedMedia + parts.reduce((sum, { received, sent }) => sum + received + sent, 0);
  }

  /** Totals of the present media connection; call with every reading. */
  media(received: number, sent: number): void {
    this.#media = { received, sent };
    this.tick();
  }

  /** The media connection was closed: the next one counts from nothing. */
  mediaClosed(): void {
    this.#closedMedia += this.#media.received + this.#media.sent;
    this.#media = { received: 0, sent: 0 };
  }

  /** Take a reading: every two seconds with the media, more rarely without. */
  tick(): void {
    this.#bytesPerSecond = this.#rate.note(performance.now(), this.total);
    this.#tell();
    this.#judge(this.level.value);
    store(this.#key, JSON.stringify({ used: Math.round(this.use.value.used), cap: this.cap.value }));
  }

  /** What is asked for has changed, and the present rate with it. */
  restart(): void {
    this.#rate.restart();
    this.#bytesPerSecond = null;
    this.#tell();
  }

  /** Bytes for the whole session, null for no limit. A higher one lets everything go on. */
  setCap(cap: number | null): void {
    this.cap.set(cap);
    // In one step: passing by "free" would ask for pictures that a limit as near does not allow.
    this.#judge("free");
    this.tick();
  }

  close(): void {
    this.#files.stop();
  }

  #tell(): void {
    const used = this.#earlier + this.total;
    const left = (this.endsAt - serverNow()) / 1000;
    this.use.set(dataUse(used, this.#bytesPerSecond, left));
  }

  #judge(before: CapLevel): void {
    const used = this.#earlier + this.total;
    this.level.set(capLevel(used, this.cap.value, this.#bytesPerSecond ?? 0, before));
  }
}

function read(key: string): Kept {
  try {
    const { used, cap } = JSON.parse(stored(key) ?? "{}") as Partial<Kept>;
    return { used: Number(used) || 0, cap: typeof cap === "number" ? cap : null };
  } catch {
    return { used: 0, cap: null };
  }
}
