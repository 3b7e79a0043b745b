// The questions on the session's page, without a live room: asked ahead of it, and answered after it.

import { setServerTime } from "../stage/server_time";
import { loadTexts } from "../translation";
import { AwayChannel } from "./away_channel";
import { mountQuestions } from "./panel";

/** The JSON the page carries: web/templates/questions/on_session.html. */
export interface AwayPage {
  session: string;
  account: string;
  form_token: string;
  /** Where the questions are told. */
  address: string;
  now: string;
  styles: string;
  later_texts: string;
}

/** Puts the questions with everything that can be done into `place`. */
export async function showQuestions(place: HTMLElement, page: AwayPage): Promise<void> {
  const { session, account, form_token: formToken, address } = page;
  setServerTime(page.now);
  const meta = document.createElement("meta");
  meta.name = "later-texts";
  meta.content = page.later_texts;
  document.head.append(meta);
  await Promise.all([loadTexts(), loadTexts("later-texts"), styles(page.styles)]);
  const channel = new AwayChannel({ session, account, formToken, address });
  place.replaceChildren();
  mountQuestions(place, channel);
  channel.now();
}

/** Without them the page is bare, and works. */
function styles(href: string): Promise<void> {
  return new Promise((resolve) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = href;
    link.onload = link.onerror = () => resolve();
    document.head.append(link);
  });
}
