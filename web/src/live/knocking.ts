// Noticing that a link is back of which nothing tells: somebody answers again.

/**
 * Milliseconds between the first knocks, and between all later ones. One that nobody answers holds its connection for
 * 131 s: those there are are used up while the outage is most likely to end, and begun again as they end.
 */
const FIRST = [5_000, 5_000, 5_000, 10_000, 20_000, 86_000];
const LATER = 22_000;
/** What fails sooner has been refused: the network says that there is no way. */
const AT_ONCE = 1_000;

/**
 * Asks for `path` until somebody answers, or the network says no. Returns how to stop.
 *
 * TCP repeats what nobody answers every second at first, then ever more seldom, so new connections are begun beside
 * the old ones: a browser makes six to a server at a time. Without credentials, which browsers connect apart: a ticket
 * asked for afterwards would be given one of the old connections, and fail with it. Sockets would begin at once each
 * time, but browsers hold them back for seconds when a dozen have failed, the one that is wanted in the end as well.
 */
export function knock(path: string, done: (how: "answered" | "refused") => void): () => void {
  const ended = new AbortController();
  let knocks = 0;
  let timer: ReturnType<typeof setTimeout>;
  const end = (how: "answered" | "refused") => {
    if (ended.signal.aborted) return;
    stop();
    done(how);
  };
  const stop = () => {
    clearTimeout(timer);
    ended.abort();
  };
  const once = () => {
    const begun = performance.now();
    fetch(path, { method: "HEAD", cache: "no-store", credentials: "omit", signal: ended.signal }).then(
      () => end("answered"),
      () => performance.now() - begun < AT_ONCE && end("refused"),
    );
    timer = setTimeout(once, FIRST[knocks++] ?? LATER);
  };
  once();
  return stop;
}
