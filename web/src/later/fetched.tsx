// Components that listening and asking does not need, in files fetched when the first of them is shown. Each such file
// lies in this folder and is a group: `extras` for presenters, moderators and settings, one for every tab of the
// panel that is not open at first. Their texts come in one file, their styles in another.

import type { ComponentType, VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { loadTexts } from "../translation";

const AGAIN_MS = 3_000;
const AHEAD_MS = 30_000;

/** A file of components that is fetched once, when it is first wanted. */
export class Group<Parts> {
  fetched: Parts | null = null;

  constructor(private readonly load: () => Promise<Parts>) {}

  /** All of them; rejects where the file cannot be fetched now. */
  async parts(): Promise<Parts> {
    if (!this.fetched) [this.fetched] = await Promise.all([this.load(), laterTexts(), laterStyles()]);
    return this.fetched;
  }

  /** The component of that name; nothing until it is there. It is asked for again for as long as it is shown. */
  show<P extends object>(
    pick: (parts: Parts) => ComponentType<P>,
    waiting: VNode | null = null,
  ): (props: P) => VNode | null {
    const group = this;
    return function Later(props: P): VNode | null {
      const parts = group.use(0);
      if (!parts) return waiting;
      const Wanted = pick(parts);
      return <Wanted {...props} />;
    };
  }

  /** A hook: fetches them after `wait` ms, and again for as long as that fails. */
  use(wait: number): Parts | null {
    const [found, setFound] = useState<Parts | null>(this.fetched);
    useEffect(() => {
      if (this.fetched) return setFound(this.fetched);
      const fetchThem = () => {
        this.parts().then(setFound, () => {
          timer = setTimeout(fetchThem, AGAIN_MS);
        });
      };
      let timer = setTimeout(fetchThem, wait);
      return () => clearTimeout(timer);
    }, [wait]);
    return found;
  }
}

const extraParts = new Group(() => import("./extras"));

export const extras = () => extraParts.parts();
export const later: typeof extraParts.show = (pick, waiting) => extraParts.show(pick, waiting);

/** Fetch them before they are wanted: some are needed most when the connection is bad. */
export function useExtrasAhead(): void {
  extraParts.use(AHEAD_MS);
}

let texts: Promise<void> | undefined;

function laterTexts(): Promise<void> {
  texts ??= loadTexts("later-texts");
  return texts;
}

let styles: Promise<void> | undefined;

/** Where the styles cannot be fetched, bare words are better than nothing: the parts are shown all the same. */
function laterStyles(): Promise<void> {
  styles ??= new Promise((resolve) => {
    const address = document.querySelector<HTMLMetaElement>('meta[name="later-styles"]')?.content;
    if (!address) return resolve();
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = address;
    link.onload = () => resolve();
    link.onerror = () => {
      styles = undefined;
      resolve();
    };
    document.head.append(link);
  });
  return styles;
}
