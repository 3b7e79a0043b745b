// How to lay out people so that they are as large as the stage allows.

import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

export interface Grid {
  /** Width of one tile in CSS pixels, and its width to height. */
  readonly width: number;
  readonly shape: number;
}

// Cameras send 16:9; cropped to 4:3 a face loses nothing and may become larger. Who is alone is shown whole.
const SHAPES = [16 / 9, 4 / 3];

/** The tile size that makes `count` people largest in a box of `width` × `height`, `gap` apart. */
export function bestGrid(count: number, width: number, height: number, gap: number): Grid {
  let best: Grid = { width: 0, shape: 16 / 9 };
  for (const shape of SHAPES.slice(0, count === 1 ? 1 : undefined)) {
    for (let columns = 1; columns <= count; columns++) {
      const rows = Math.ceil(count / columns);
      const byWidth = (width - gap * (columns - 1)) / columns;
      const byHeight = ((height - gap * (rows - 1)) / rows) * shape;
      const fits = Math.floor(Math.min(byWidth, byHeight));
      if (fits ** 2 / shape > best.width ** 2 / best.shape) best = { width: fits, shape };
    }
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
