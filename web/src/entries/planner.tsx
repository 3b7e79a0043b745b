// The organizers' planner: web/templates/agenda/planner.html with its data in #planner-data.

import { render } from "preact";
import { Api } from "../planner/api";
import { Planner } from "../planner/planner";
import { PlannerPage } from "../planner/planner_page";
import type { PlannerPage as PageData, WireDraft } from "../planner/wire";
import { loadTexts, t } from "../translation";

const AGAIN_MS = 3_000;

async function start(place: HTMLElement, page: PageData): Promise<void> {
  const api = new Api(page.api, page.form_token);
  const texts = Promise.all([loadTexts(), loadTexts("planner-texts")]);
  for (;;) {
    const [answer] = await Promise.all([api.get<WireDraft>("/draft"), texts]);
    if (answer.ok && answer.body) {
      const planner = new Planner(page, answer.body);
      place.replaceChildren();
      render(<PlannerPage planner={planner} />, place);
      planner.start();
      return;
    }
    // Signed out, or no longer an organizer: asking again would bring nothing.
    const refused = !answer.ok && answer.error.status >= 400;
    place.textContent =
      (!answer.ok && answer.error.message) || t("The draft cannot be fetched just now; trying again.");
    if (refused) return;
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

const place = document.getElementById("planner");
const data = document.getElementById("planner-data")?.textContent;
if (place && data) void start(place, JSON.parse(data) as PageData);
