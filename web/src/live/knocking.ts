// Noticing that a link is back of which nothing tells: somebody answers again.

/**
 * Milliseconds between the first requests, and between all later ones. One that nobody answers holds its connection for
 * 131 s: those there are are used up while the outage is most likely to end, and begun again as they end.
 */
const FIRST = [10_000, 10_000, 10_000, 10_000, 10_000, 81_000];
const LATER = 22_000;
/** After each of the first requests a socket is tried, one at a time, and these alone: see below. */
const SOCKET_AFTER = 5_000;
const SOCKETS = 6;
/** What fails sooner has been refused: the network says that there is no way. */
const AT_ONCE = 1_000;

/**
 * Asks for `path`, and for `socket` in between, until somebody answers or the network says no. Returns how to stop.
 *
 * TCP repeats what nobody answers every second at first, then ever more seldom, so new connections are begun beside
 * the old ones: a browser makes six to a server at a time. Without credentials, which browsers connect apart: a ticket
 * asked for afterwards would be given one of the old connections, and fail with it. Sockets are not counted among
 * the six, but browsers hold them back for seconds when a dozen have failed, the one that is wanted in the end as well.
 */
export function knock(path: string, socket: string, done: (how: "answered" | "refused") => void): () => void {
  const ended = new AbortController();
  let knocks = 0;
  let timer: ReturnType<typeof setTimeout>;
  let trying: WebSocket | undefined;
  let next: ReturnType<typeof setTimeout>;
  const end = (how: "answered" | "refused") => {
    if (ended.signal.aborted) return;
    stop();
    done(how);
  };
  const stop = () => {
    clearTimeout(timer);
    clearTimeout(next);
    ended.abort();
    trying?.close();
  };
  const trySocket = () => {
    trying?.close();
    trying = new WebSocket(new URL(socket, location.href.replace(/^http/, "ws")));
    trying.onopen = () => end("answered");
  };
  const once = () => {
    const begun = performance.now();
    fetch(path, { method: "HEAD", cache: "no-store", credentials: "omit", signal: ended.signal }).then(
      () => end("answered"),
      () => performance.now() - begun < AT_ONCE && end("refused"),
    );
    if (knocks < SOCKETS) next = setTimeout(trySocket, SOCKET_AFTER);
    timer = setTimeout(once, FIRST[knocks++] ?? LATER);
  };
  once();
  return stop;
}
