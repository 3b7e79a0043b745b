// Timers that run when asked: time passes as fast as what waits for it is done.

let now = 0;
let made = 0;
const timers = new Map();

globalThis.setTimeout = (act, after = 0) => {
  timers.set(++made, { at: now + after, act });
  return made;
};
globalThis.clearTimeout = (timer) => timers.delete(timer);

export const time = () => now;

/** Everything that is due up to `until` (milliseconds), in order. */
export async function pass(until) {
  for (;;) {
    await new Promise((settled) => setImmediate(settled)); // every promise that can go on has gone on
    let next;
    for (const [timer, { at }] of timers) if (at <= until && (!next || at < timers.get(next).at)) next = timer;
    if (!next) break;
    const { at, act } = timers.get(next);
    timers.delete(next);
    now = at;
    act();
  }
  now = until;
}
