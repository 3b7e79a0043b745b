// When to doubt a connection that still looks whole: another network, a device that slept, a page that was frozen.

/** Not in every browser (Network Information API). */
interface NetworkInformation extends EventTarget {
  readonly type?: string;
}

const BEAT_MS = 5_000;
/** A beat this much too late means that the device slept; a busy page is late by a second or two. */
const SLEPT_MS = 15_000;

/** Whether the clock on the wall went on while nothing ran here. Pure. */
export function slept(before: number, now: number): boolean {
  return now - before > BEAT_MS + SLEPT_MS;
}

/**
 * Calls `changed` when the network may be another, or the device has woken up. That it is back at all (`online`) the
 * live channel and the media hear for themselves. Returns how to stop.
 */
export function followNetwork(changed: () => void): () => void {
  const network = (navigator as { connection?: NetworkInformation }).connection;
  let type = network?.type;
  let beat = Date.now();
  const timer = setInterval(() => {
    const now = Date.now();
    // A hidden page's timers are slow by design, and its sound goes on.
    if (slept(beat, now) && document.visibilityState === "visible") changed();
    beat = now;
  }, BEAT_MS);
  // Estimates of speed change all the time; only another kind of network is news.
  const moved = () => {
    if (network?.type === type) return;
    type = network?.type;
    changed();
  };
  network?.addEventListener("change", moved);
  return () => {
    clearInterval(timer);
    network?.removeEventListener("change", moved);
  };
}
