// The keyboard of a phone covers half of the page. While a message is written, the room fits into what is left.

import { useEffect } from "preact/hooks";

const COVERED = 0.75; // of the page can be seen: then a keyboard is open

export function useKeyboardRoom(): void {
  useEffect(() => {
    const seen = window.visualViewport;
    if (!seen) return;
    const root = document.documentElement;
    const fit = () => {
      const writing = document.activeElement?.closest(".chat-write") !== null;
      const covered = writing && seen.scale === 1 && seen.height < innerHeight * COVERED;
      document.body.classList.toggle("chat-keyboard", covered);
      if (covered) root.style.setProperty("--seen", `${seen.height}px`);
    };
    seen.addEventListener("resize", fit);
    addEventListener("focusin", fit);
    return () => {
      seen.removeEventListener("resize", fit);
      removeEventListener("focusin", fit);
      document.body.classList.remove("chat-keyboard");
    };
  }, []);
}
