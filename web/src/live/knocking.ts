// Noticing that a link is back of which nothing tells: somebody answers again.

/** Milliseconds to wait for an answer, in turn: most links answer soon, the slowest within eight seconds. */
const PATIENCE = [700, 700, 700, 3_000, 700, 700, 700, 3_000, 700, 700, 700, 8_000];
const MOST = 3 * PATIENCE.length;

export type Knocked = "answered" | "refused" | "silence";

/**
 * Knocks at a WebSocket's address until somebody answers or says no, or after a minute of silence. Returns how to
 * stop.
 *
 * Requests will not do. TCP repeats what nobody answers ever more seldom, and of an aborted request Chromium keeps
 * the connection that waits for this, up to six of them, and opens no other; measured, one of them notices after 2 to
 * 13 s that the link is back. A socket that is closed is gone, and the next begins at once.
 */
export function knock(url: string, done: (how: Knocked) => void): () => void {
  let socket: WebSocket;
  let timer: ReturnType<typeof setTimeout>;
  let knocks = 0;
  const stop = () => {
    clearTimeout(timer);
    socket.onopen = socket.onerror = null;
    socket.close();
  };
  const end = (how: Knocked) => {
    stop();
    done(how);
  };
  const once = () => {
    socket = new WebSocket(url);
    socket.onopen = () => end("answered");
    socket.onerror = () => end("refused");
    timer = setTimeout(
      () => {
        if (++knocks === MOST) return end("silence");
        stop();
        once();
      },
      PATIENCE[knocks % PATIENCE.length],
    );
  };
  once();
  return stop;
}
