// The projector's and the speaker's view with the real client, without the pages around them.

import { h, render } from "preact";
import { HallTab } from "../../../web/src/projector/hall_tab";
import { Projector } from "../../../web/src/projector/projector";
import { SpeakerView } from "../../../web/src/speaker/speaker_view";
import { loadTexts } from "../../../web/src/translation";

const { session, account, view } = document.body.dataset as Record<"session" | "account" | "view", string>;
const tab = new HallTab({
  session,
  account,
  event: "/karbala",
  title: "The febrile child",
  title_language: "en",
  title_direction: "ltr",
  starts_at: new Date(Date.now() - 30 * 60_000).toISOString(),
  ends_at: new Date(Date.now() + 30 * 60_000).toISOString(),
  ask_address: "majlis.example/karbala/session/MORN01",
  ask_code: { size: 9, path: "M4 4h1v1h-1z" },
  form_token: "token",
  now: new Date().toISOString(),
});
tab.live.onChange(() => {
  document.body.dataset.state = tab.live.state;
});
void Promise.all([loadTexts(), loadTexts("later-texts")]).then(() => {
  const place = document.getElementById("questions");
  document.body.classList.add("in-hall");
  if (place) render(h(view === "speaker" ? SpeakerView : Projector, { tab }), place);
  tab.live.enter();
});
