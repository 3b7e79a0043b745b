// Everything this session costs on this device: media, live channel and page, and the limit a person may set.

import type { Traffic } from "../media";
import { Cell } from "./cell";
import { type CapLevel, capLevel, DataRate, type DataUse, dataUse } from "./data_cap";
import { channelTraffic, pageFiles, type Spoken } from "./page_bytes";
import { serverNow } from "./server_time";
import { store, stored } from "./stored";

interface Kept {
  /** Bytes of this session on this device: earlier visits, and other tabs that are open. */
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
  readonly #files = pageFiles();
  readonly #filesBefore = this.#files.counted;
  readonly #rate = new DataRate();
  #kept: Kept;
  /** What of `total` is in `#kept` already. */
  #told = 0;
  #media: Traffic = { received: 0, sent: 0 };
  #closedMedia = 0;
  #bytesPerSecond: number | null = null;

  constructor(
    session: string,
    public endsAt: number,
    private readonly channel: () => Heard,
  ) {
    this.#key = `majlis.data.${session}`;
    this.#kept = read(this.#key) ?? { used: 0, cap: null };
    this.cap.set(this.#kept.cap);
    this.#tell();
    this.#judge("free");
  }

  /** Bytes up to now, headers included. */
  get total(): number {
    const { heard, said } = this.channel();
    const parts = [this.#media, channelTraffic(heard, said)];
    const files = this.#files.total - this.#filesBefore;
    return parts.reduce((sum, { received, sent }) => sum + received + sent, this.#closedMedia + files);
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
    const { total } = this;
    this.#bytesPerSecond = this.#rate.note(performance.now(), total);
    // Another tab of the session counts as well, and a limit set there holds here.
    const { used, cap } = this.#found();
    const raised = cap !== this.#kept.cap;
    this.#kept = { used: Math.round(used + total - this.#told), cap };
    this.#told = total;
    this.#files.counted = this.#files.total;
    this.#keep();
    this.cap.set(cap);
    this.#tell();
    this.#judge(raised ? "free" : this.level.value);
  }

  /** What is kept now; what this tab knows, where nothing may be kept. */
  #found(): Kept {
    const found = read(this.#key);
    return found && found.used >= this.#kept.used ? found : this.#kept;
  }

  #keep(): void {
    store(this.#key, JSON.stringify(this.#kept));
  }

  /** What is asked for has changed, and the present rate with it. */
  restart(): void {
    this.#rate.restart();
    this.#bytesPerSecond = null;
    this.#tell();
  }

  /** Bytes for the whole session, null for no limit. A higher one lets everything go on. */
  setCap(cap: number | null): void {
    this.#kept = { ...this.#found(), cap };
    this.#keep();
    this.cap.set(cap);
    // In one step: passing by "free" would ask for pictures that a limit as near does not allow.
    this.#judge("free");
    this.tick();
  }

  close(): void {
    this.tick();
  }

  get #used(): number {
    return this.#kept.used + this.total - this.#told;
  }

  #tell(): void {
    const left = (this.endsAt - serverNow()) / 1000;
    this.use.set(dataUse(this.#used, this.#bytesPerSecond, left));
  }

  #judge(before: CapLevel): void {
    this.level.set(capLevel(this.#used, this.cap.value, this.#bytesPerSecond ?? 0, before));
  }
}

/** Null where nothing is kept, or may be. */
function read(key: string): Kept | null {
  try {
    const { used, cap } = JSON.parse(stored(key) ?? "") as Partial<Kept>;
    return { used: Number(used) || 0, cap: typeof cap === "number" ? cap : null };
  } catch {
    return null;
  }
}
