// The live room's page: web/templates/stage/room.html with its data in #room-data.

import { render } from "preact";
import { setServerTime } from "../stage/server_time";
import { Visit } from "../stage/visit";
import type { RoomPage } from "../stage/wire";
import { loadTexts } from "../translation";

const place = document.getElementById("room");
const data = document.getElementById("room-data")?.textContent;

if (place && data) {
  const page = JSON.parse(data) as RoomPage;
  setServerTime(page.door.now);
  void loadTexts().then(() => {
    place.replaceChildren();
    render(<Visit page={page} />, place);
  });
}
