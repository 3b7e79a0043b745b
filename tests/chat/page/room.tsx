// A page with nothing but the chat of one session: the real client, the real tab, and a panel of the room around it.

import { render, type VNode } from "preact";
import { useState } from "preact/hooks";
import { Announcements } from "../../../web/src/chat/announcements";
import { chatNews } from "../../../web/src/chat/heard";
import { type ChatPlace, ChatPanel } from "../../../web/src/chat/panel";
import { ChatWords } from "../../../web/src/chat/words";
import { LiveClient } from "../../../web/src/live/client";
import { Cell } from "../../../web/src/stage/cell";
import { emptyRoom } from "../../../web/src/stage/room_state";
import { loadTexts } from "../../../web/src/translation";

const { session, account, people } = document.body.dataset as Record<"session" | "account" | "people", string>;
const room = new Cell(emptyRoom);
const live = new LiveClient({
  session,
  account,
  formToken: "token",
  onState: (state, waiting) => {
    document.body.dataset.state = state;
    document.body.dataset.waiting = String(waiting);
  },
});
live.onEntered(() => {
  const moderates = live.me?.roles.includes("chair") ?? false;
  room.set({ ...emptyRoom, presents: moderates, moderates });
});
const place: ChatPlace = {
  page: { account, session_url: `/karbala/session/${session}` },
  live,
  room,
  everybody: async () => ({
    people: people.split(",").map((name) => ({
      person: `${name.toLowerCase()}-public-id`,
      name,
      role: "attendee",
      participants: [],
    })),
  }),
};
chatNews(live);

function Room(): VNode {
  const [looked, look] = useState(true);
  return (
    <div class="room">
      <section class="room-panel" aria-label="Room">
        <Announcements session={place} />
        <div class="tabs room-tabs">
          <button type="button" id="tab-chat" aria-pressed={looked} onClick={() => look(!looked)}>
            <span class="tab-words">
              <ChatWords session={place} />
            </span>
          </button>
        </div>
        <div class="panel" hidden={!looked}>
          <ChatPanel session={place} active={looked} />
        </div>
      </section>
    </div>
  );
}

void Promise.all([loadTexts(), loadTexts("later-texts")]).then(() => {
  const element = document.getElementById("main");
  if (element) render(<Room />, element);
  live.enter();
});
Object.assign(window, { live });
