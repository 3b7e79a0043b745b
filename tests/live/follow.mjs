// Runs schedules through the browser's Follower: one JSON line in, one out.
//   node follow.mjs <follower.js>
// in:  {"start": seq, "steps": [["event", n] | ["catch_up"], …], "head": seq}
// out: {"applied": [seq, …]}: what the client applied, asking for what is missing whenever it noticed.

import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const { Follower } = await import(pathToFileURL(process.argv[2]));

for await (const line of createInterface({ input: process.stdin })) {
  const { start, steps, head } = JSON.parse(line);
  const applied = [];
  const follower = new Follower((event) => applied.push(event.seq));
  const event = (seq) => ({ channel: "hall", seq, at: "", type: "Said" });
  // As client.ts does: everything after the last applied, as the log has it at that moment.
  const catchUp = (upTo) => {
    for (let seq = follower.last + 1; seq <= upTo; seq++) follower.receive(event(seq));
  };
  let known = start;
  for (const [kind, seq] of steps) {
    if (kind === "enter") {
      if (follower.startAt(start)) catchUp(known);
    } else {
      known = Math.max(known, seq);
      if (follower.receive(event(seq))) catchUp(known);
    }
  }
  catchUp(head); // a reconnection at the end
  console.log(JSON.stringify({ applied }));
}
