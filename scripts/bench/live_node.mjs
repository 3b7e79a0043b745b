// The same broadcast by socket.io on Node.js: lines of JSON in, lines of JSON out, as live_hall.py.
//   node live_node.mjs FOLDER   (where node_modules with socket.io is)

import { createServer } from "node:http";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(`${process.argv[2]}/package.json`);
const { Server } = require("socket.io");
const http = createServer();
const io = new Server(http, { path: "/live/socket/", transports: ["websocket"], pingInterval: 10_000 });
io.on("connection", (socket) => socket.join("hall"));

const cpu = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

async function act({ do: what, rounds, pause: between, body }) {
  if (what === "usage") return { cpu: cpu(), kb: process.memoryUsage().rss / 1000 };
  const before = cpu();
  for (let number = 0; number < rounds; number++) {
    const envelope = { channel: "session:MORN01", seq: 1_000_000 + number, at: new Date().toISOString() };
    io.to("hall").emit("event", { ...envelope, ...JSON.parse(body) });
    await pause(between);
  }
  return { cpu: cpu() - before, delivered: rounds * io.sockets.adapter.rooms.get("hall").size };
}

http.listen(0, "127.0.0.1", async () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${http.address().port}` }));
  for await (const line of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await act(JSON.parse(line))));
  }
  process.exit(0);
});
