// An order that does not move under a thumb: new questions and new ranks wait until they are asked for.

import type { RefObject } from "preact";
import { useReducer, useRef } from "preact/hooks";

export interface Settled {
  /** The ids to show, in an order that only changes by `refresh` (or at its end, when appending). */
  order: string[];
  /** How many wait behind the bar. */
  fresh: number;
  /** The order by interest has become another one. */
  moved: boolean;
  /** Those still in their places that the list is no longer about. */
  gone: Set<string>;
  refresh: () => void;
}

/**
 * `wanted` is the order as it should be now; those that `append` names join at the end, where they move nothing.
 * While `place` cannot be seen, nothing can move under anybody and the order follows at once.
 */
export function useSettledOrder(
  wanted: string[],
  place: RefObject<HTMLElement | null>,
  append: (id: string) => boolean,
): Settled {
  const [, redraw] = useReducer((count: number, _: undefined) => count + 1, 0);
  const kept = useRef<string[]>(wanted);
  const unseen = document.hidden || place.current?.offsetParent === null;
  if (unseen || kept.current.length === 0) kept.current = wanted;
  const missing = wanted.filter((id) => !kept.current.includes(id));
  const joining = missing.filter(append);
  if (joining.length > 0) kept.current = [...kept.current, ...joining];
  const order = kept.current;
  const gone = new Set(order.filter((id) => !wanted.includes(id)));
  const still = order.filter((id) => !gone.has(id));
  return {
    order,
    fresh: missing.length - joining.length,
    moved: missing.length === joining.length && still.some((id, rank) => wanted[rank] !== id),
    gone,
    refresh: () => {
      kept.current = wanted;
      redraw(undefined);
      place.current?.focus();
    },
  };
}
