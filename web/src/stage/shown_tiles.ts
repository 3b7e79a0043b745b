// Which pictures are on the screen and how large, told to the server so that it sends none larger.

import { TellingPace } from "./telling_pace";

/** One picture on the screen, in device pixels: `ShownTile` in conference/stage/messages.py. */
export interface ShownTile {
  readonly participant: string;
  readonly source: "camera" | "screen";
  readonly width: number;
  readonly height: number;
}

interface Watched {
  readonly participant: string;
  readonly source: "camera" | "screen";
  visible: boolean;
}

/** Sizes are told in steps: a tile that grows by a pixel is no news. */
const STEP = 16;
const MOST = 32;
/** The window of picture in picture is small on every system, and the page is not told when it is dragged larger. */
const IN_FRONT = { width: 640, height: 360 };

/** Follows elements by intersection and size; a page in the background shows none, but for a window in front. */
export class ShownTiles {
  readonly #watched = new Map<Element, Watched>();
  readonly #seen: IntersectionObserver;
  readonly #sized: ResizeObserver;
  readonly #pace = new TellingPace(() => this.#tellNow());
  /** Something may have changed. */
  readonly soon = this.#pace.changed;
  #told = "";

  constructor(
    private readonly tell: (tiles: ShownTile[]) => Promise<unknown>,
    /** Elements that stay on the screen while the page is in the background: picture in picture. */
    private readonly inFront: () => Element | null = () => null,
  ) {
    this.#seen = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        const watched = this.#watched.get(entry.target);
        if (watched) watched.visible = entry.isIntersecting;
      }
      this.soon();
    });
    this.#sized = new ResizeObserver(this.soon);
    document.addEventListener("visibilitychange", this.soon);
  }

  /** Returns how to stop. */
  watch(element: Element, participant: string, source: "camera" | "screen"): () => void {
    this.#watched.set(element, { participant, source, visible: false });
    this.#seen.observe(element);
    this.#sized.observe(element); // both say at once how it is
    return () => {
      this.#watched.delete(element);
      this.#seen.unobserve(element);
      this.#sized.unobserve(element);
      this.soon();
    };
  }

  /** Tell again, though nothing has changed here: the server has lost what it knew. */
  again(): void {
    this.#told = "";
    this.soon();
  }

  close(): void {
    this.#pace.close();
    this.#seen.disconnect();
    this.#sized.disconnect();
    document.removeEventListener("visibilitychange", this.soon);
  }

  #tellNow(): boolean {
    const tiles = this.#now();
    const said = JSON.stringify(tiles);
    if (said === this.#told) return false;
    this.#told = said;
    this.tell(tiles).catch(() => {
      this.#told = ""; // the next entry tells it again
    });
    return true;
  }

  #now(): ShownTile[] {
    const hidden = document.visibilityState === "hidden";
    const front = this.inFront();
    return [...this.#watched]
      .filter(([element, { visible }]) => (hidden ? element === front : visible || element === front))
      .map(([element, { participant, source }]) => ({
        participant,
        source,
        ...(element === front ? IN_FRONT : pixels(element)),
      }))
      .filter(({ width, height }) => width > 0 && height > 0)
      .slice(0, MOST);
  }
}

function pixels(element: Element): { width: number; height: number } {
  const scale = window.devicePixelRatio || 1;
  const { clientWidth, clientHeight } = element;
  const stepped = (length: number) => Math.min(16_384, Math.ceil((length * scale) / STEP) * STEP);
  return { width: stepped(clientWidth), height: stepped(clientHeight) };
}
