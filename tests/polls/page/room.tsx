// A page with nothing but the polls of one session: the real client, the tab's words and its inside; or the wall.

import { render } from "preact";
import { LiveClient } from "../../../web/src/live/client";
import { pollNews } from "../../../web/src/polls/heard";
import { PollsPanel } from "../../../web/src/polls/panel";
import { newestShown } from "../../../web/src/polls/projected";
import { PollsWords } from "../../../web/src/polls/words";
import { FittedPoll } from "../../../web/src/projector/projector";
import { useCell } from "../../../web/src/stage/cell";
import type { RoomSession } from "../../../web/src/stage/room_session";
import { loadTexts } from "../../../web/src/translation";

const { session: code, account, wall } = document.body.dataset as Record<string, string>;
const live = new LiveClient({
  session: code ?? "",
  account: account ?? "",
  formToken: "token",
  onState: (state, waiting) => {
    document.body.dataset.state = state;
    document.body.dataset.waiting = String(waiting);
  },
});
const notes: string[] = [];
const session = { live, note: (text: string) => notes.push(text) } as unknown as RoomSession;

function Wall() {
  const news = pollNews(live);
  useCell(news.changed);
  const poll = newestShown(news.shown.values());
  return <div class="projector">{poll && <FittedPoll poll={poll} />}</div>;
}

void Promise.all([loadTexts(), loadTexts("later-texts")]).then(() => {
  const place = document.getElementById("polls");
  if (!place) return;
  render(
    wall ? (
      <Wall />
    ) : (
      <>
        <div id="tab">
          <PollsWords session={session} />
        </div>
        <PollsPanel session={session} />
      </>
    ),
    place,
  );
  live.enter();
});
Object.assign(window, { live, notes });
