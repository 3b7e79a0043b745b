// The server's clock: a phone's may be minutes wrong, and the demo plays another day.

import { useEffect, useState } from "preact/hooks";

let offset = 0;

/** `now` is what the server's clock showed when it answered (ISO 8601). */
export function setServerTime(now: string): void {
  offset = Date.parse(now) - Date.now();
}

export function serverNow(): number {
  return Date.now() + offset;
}

/** The server's time in ms; the component renders again every `every` ms. */
export function useServerNow(every: number): number {
  const [now, setNow] = useState(serverNow());
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}
