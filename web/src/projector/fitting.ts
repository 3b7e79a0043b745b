// Letters as large as their place allows: a question of six words and one of six hundred letters both fill it.

import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

const LEAST_PX = 18;
const STEPS = 9;

/** Fits the element's font size to its parent's room, anew when `content` or the window changes. */
export function useFitted(content: string, mostPx: () => number): RefObject<HTMLParagraphElement | null> {
  const element = useRef<HTMLParagraphElement>(null);
  useLayoutEffect(() => {
    const fit = () => {
      const text = element.current;
      const place = text?.parentElement;
      if (!text || !place) return;
      let least = LEAST_PX;
      let most = Math.max(LEAST_PX, mostPx());
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
