// The standard socket.io-client in Node.js, told by lines of JSON what to do; answers each with one line.
//   node client.mjs URL PATH ORIGIN NAMESPACE AUTH
// {"emit": name, "body": …}: the acknowledgement. {"heard": n}: what was heard, once it is n messages. {"close": true}

import { createInterface } from "node:readline";
import { io } from "socket.io-client";

const [url, path, origin, namespace, auth] = process.argv.slice(2);
const socket = io(`${url}${namespace}`, {
  path,
  transports: ["websocket"],
  extraHeaders: { Origin: origin },
  auth: JSON.parse(auth),
  reconnection: false,
});
const heard = [];
let waiting = () => {};
const say = (answer) => console.log(JSON.stringify(answer));
socket.onAny((name, body) => {
  heard.push([name, body]);
  waiting();
});
socket.on("connect", () => {
  socket.io.engine.once("close", () => {});
  say({ connected: true, packs: "permessage-deflate" in (socket.io.engine.transport.ws._extensions ?? {}) });
});
socket.on("connect_error", (error) => say({ refused: error.message }));
socket.on("disconnect", (reason) => heard.push(["disconnect", reason]));

for await (const line of createInterface({ input: process.stdin })) {
  const wish = JSON.parse(line);
  if (wish.emit) say(await socket.emitWithAck(wish.emit, wish.body));
  if (wish.heard) {
    await new Promise((resolve) => {
      waiting = () => heard.length >= wish.heard && resolve();
      waiting();
    });
    say(heard);
  }
  if (wish.close) break;
}
socket.disconnect();
