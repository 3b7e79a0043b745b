// The speaker's page: web/templates/stage/speaker.html with its data in #hall-data.

import { render } from "preact";
import { type HallPage, HallTab } from "../projector/hall_tab";
import { SpeakerView } from "../speaker/speaker_view";
import { setServerTime } from "../stage/server_time";
import { loadTexts } from "../translation";

const place = document.getElementById("hall");
const data = document.getElementById("hall-data")?.textContent;

if (place && data) {
  const page = JSON.parse(data) as HallPage;
  setServerTime(page.now);
  void Promise.all([loadTexts(), loadTexts("later-texts")]).then(() => {
    const tab = new HallTab(page);
    document.body.classList.add("in-hall");
    place.replaceChildren();
    render(<SpeakerView tab={tab} />, place);
    tab.live.enter();
  });
}
