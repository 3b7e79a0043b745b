// How to lay out people of 16:9 so that they are as large as the stage allows.

import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

export interface Grid {
  readonly columns: number;
  /** Width of one tile in CSS pixels. */
  readonly width: number;
}

const SHAPE = 16 / 9;

/** The number of columns that makes `count` tiles largest in a box of `width` × `height`, `gap` apart. */
export function bestGrid(count: number, width: number, height: number, gap: number): Grid {
  let best: Grid = { columns: 1, width: 0 };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const byWidth = (width - gap * (columns - 1)) / columns;
    const byHeight = ((height - gap * (rows - 1)) / rows) * SHAPE;
    const fits = Math.floor(Math.min(byWidth, byHeight));
    if (fits > best.width) best = { columns, width: fits };
  }
  return best;
}

/** The best grid for the element that gets the ref, kept up as the element changes its size. */
export function useBestGrid(count: number, gap: number): [RefObject<HTMLDivElement | null>, Grid | null] {
  const box = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState<{ width: number; height: number } | null>(null);
  useEffect(() => {
    const observed = box.current;
    if (!observed) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setSize({ width: entry.contentRect.width, height: entry.contentRect.height });
    });
    observer.observe(observed);
    return () => observer.disconnect();
  }, []);
  return [box, size && bestGrid(count, size.width, size.height, gap)];
}
