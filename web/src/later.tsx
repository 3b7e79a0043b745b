// Components that listening and asking does not need: one file of their own, fetched when the first of them is shown,
// or in advance once the room has settled.

import type { ComponentType, VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { loadTexts } from "./translation";

type Extras = typeof import("./extras");

const AGAIN_MS = 3_000;
const AHEAD_MS = 30_000;

let fetched: Extras | null = null;

/** All of them; rejects where the file cannot be fetched now. */
export async function extras(): Promise<Extras> {
  if (!fetched) [fetched] = await Promise.all([import("./extras"), loadTexts("later-texts")]);
  return fetched;
}

/** The component of that name; nothing until it is there. It is asked for again for as long as it is shown. */
export function later<P extends object>(
  pick: (extras: Extras) => ComponentType<P>,
): (props: P) => VNode | null {
  return function Later(props: P): VNode | null {
    const extras = useExtras(0);
    if (!extras) return null;
    const Wanted = pick(extras);
    return <Wanted {...props} />;
  };
}

/** Fetch them before they are wanted: some are needed most when the connection is bad. */
export function useExtrasAhead(): void {
  useExtras(AHEAD_MS);
}

function useExtras(wait: number): Extras | null {
  const [found, setFound] = useState(fetched);
  useEffect(() => {
    if (fetched) return setFound(fetched);
    let timer = setTimeout(function fetchThem() {
      extras().then(setFound, () => {
        timer = setTimeout(fetchThem, AGAIN_MS);
      });
    }, wait);
    return () => clearTimeout(timer);
  }, [wait]);
  return found;
}
