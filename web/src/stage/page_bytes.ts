// What the page itself costs: files (resource timing) and the live channel, with what the network adds to them.

import type { Traffic } from "../media";

/** Of a request that went over the network: method, address, cookies and the rest, and its acknowledgements. */
const REQUEST = 700;
/** TCP/IP headers per full segment with the TLS record's share; what is acknowledged goes the other way. */
const AROUND = 1 + 52 / 1400 + 22 / 16_000;
const BACK = 52 / 2800;
/** Around one live message: a segment of its own, a TLS record and the frame (RFC 6455 §5.2), and its acknowledgement. */
const MESSAGE = 52 + 22 + 4;
const ACKNOWLEDGEMENT = 52;

interface Loaded {
  readonly transferSize: number;
}

/** Files of the page; one that came from the cache has no size and costs nothing. Pure. */
export function fileTraffic(files: readonly Loaded[]): Traffic {
  let [received, sent] = [0, 0];
  for (const { transferSize } of files) {
    if (!(transferSize > 0)) continue;
    received += transferSize * AROUND;
    sent += REQUEST + transferSize * BACK;
  }
  return { received, sent };
}

export interface Spoken {
  /** Messages, and bytes in them. */
  readonly messages: number;
  readonly bytes: number;
}

/** The live channel. Pure. */
export function channelTraffic(heard: Spoken, said: Spoken): Traffic {
  return {
    received: heard.bytes + heard.messages * MESSAGE + said.messages * ACKNOWLEDGEMENT,
    sent: said.bytes + said.messages * MESSAGE + heard.messages * ACKNOWLEDGEMENT,
  };
}

/** Follows what this page loads, from its beginning on. */
class PageFiles {
  /** What a meter has counted: whoever leaves and goes in again has paid for it once. */
  counted = 0;
  #total = 0;

  constructor() {
    const observer =
      "PerformanceObserver" in window ? new PerformanceObserver((list) => this.#add(list)) : null;
    for (const type of ["navigation", "resource"]) observer?.observe({ type, buffered: true });
  }

  /** Bytes, both ways. */
  get total(): number {
    return this.#total;
  }

  #add(list: PerformanceObserverEntryList): void {
    const { received, sent } = fileTraffic(list.getEntries() as PerformanceResourceTiming[]);
    this.#total += received + sent;
  }
}

let files: PageFiles | undefined;

export function pageFiles(): PageFiles {
  files ??= new PageFiles();
  return files;
}
