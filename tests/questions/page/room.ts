// A page with nothing but the questions of one session: the real client and the real panel.

import { LiveClient } from "../../../web/src/live/client";
import { mountQuestions } from "../../../web/src/questions/panel";
import { loadTexts } from "../../../web/src/translation";

const { session, account } = document.body.dataset as { session: string; account: string };
const client = new LiveClient({
  session,
  account,
  formToken: "token",
  onState: (state, waiting) => {
    document.body.dataset.state = state;
    document.body.dataset.waiting = String(waiting);
  },
  onClosed: ({ code }) => {
    document.body.dataset.closed = code;
  },
});
const endsAt = Date.now() + 30 * 60_000;
void loadTexts().then(() => {
  const place = document.getElementById("questions");
  if (place) mountQuestions(place, client, { page: "/karbala/session/MORN01", endsAt: () => endsAt, presents: () => true });
  client.enter();
});
Object.assign(window, { client });
