// An order that does not move under a thumb: new questions and new ranks wait until they are asked for.

import { useRef } from "preact/hooks";

export interface Settled {
  /** The ids to show, in an order that only changes by `refresh` (or at its end, when appending). */
  order: string[];
  /** How many wait behind the bar. */
  fresh: number;
  /** The order by interest has become another one. */
  moved: boolean;
  refresh: () => void;
}

/**
 * `wanted` is the order as it should be now. `free` says that nobody is looking, so it may be taken at once;
 * `append` lets new ones join at the end, where nothing is moved by them.
 */
export function useSettledOrder(
  wanted: string[],
  free: boolean,
  append: boolean,
  redraw: () => void,
): Settled {
  const kept = useRef<string[]>(wanted);
  if (free || kept.current.length === 0) kept.current = wanted;
  const missing = wanted.filter((id) => !kept.current.includes(id));
  if (append && missing.length > 0) kept.current = [...kept.current, ...missing];
  const order = kept.current;
  const still = order.filter((id) => wanted.includes(id));
  return {
    order,
    fresh: append ? 0 : missing.length,
    moved: missing.length === 0 && still.some((id, place) => wanted[place] !== id),
    refresh: () => {
      kept.current = wanted;
      redraw();
    },
  };
}
