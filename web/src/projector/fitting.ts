// Letters as large as their place allows: a question of six words and one of six hundred letters both fill it.

import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

/** Below it nothing is read from the last row. */
const LEAST_PX = 18;
const STEPS = 9;

/** Fits the element's font size to its parent's room, anew when `content` or the window changes. */
export function useFitted<Fitted extends HTMLElement = HTMLParagraphElement>(
  content: string,
  mostPx: () => number,
  leastPx = LEAST_PX,
): RefObject<Fitted | null> {
  const element = useRef<Fitted>(null);
  useLayoutEffect(() => {
    const fit = () => {
      const text = element.current;
      const place = text?.parentElement;
      if (!text || !place) return;
      let least = leastPx;
      let most = Math.max(leastPx, mostPx());
      for (let step = 0; step < STEPS; step++) {
        const size = (least + most) / 2;
        text.style.fontSize = `${size}px`;
        const fits = text.scrollHeight <= place.clientHeight && text.scrollWidth <= place.clientWidth;
        if (fits) least = size;
        else most = size;
      }
      text.style.fontSize = `${Math.floor(least)}px`;
    };
    fit();
    const watcher = new ResizeObserver(fit);
    if (element.current?.parentElement) watcher.observe(element.current.parentElement);
    return () => watcher.disconnect();
  }, [content]);
  return element;
}
