// The questions on a session's page: read as they come with the page, and quickened when somebody wants to ask.

import type { AwayPage } from "../questions/away";

const data = document.getElementById("ahead-data")?.textContent;
const place = document.getElementById("session-questions");
const button = document.getElementById("session-questions-open");
/** The form for a page without a script: web/templates/questions/ask_form.html. */
const plain = document.getElementById("ask") as HTMLDetailsElement | null;

// Whoever has begun to write in the plain form is left to it.
if (data && place && button && !plain?.open) {
  const page = JSON.parse(data) as AwayPage;
  const open = async (asked: boolean) => {
    button.hidden = true;
    try {
      const { showQuestions } = await import("../questions/away");
      await showQuestions(place, page);
      if (asked) place.querySelector("textarea")?.focus();
    } catch {
      button.hidden = false; // without a connection: to be tried again, or asked by the form
      plain?.removeAttribute("hidden");
    }
  };
  button.hidden = false;
  plain?.setAttribute("hidden", "");
  button.addEventListener("click", () => void open(true));
  // Something typed or not sent yet is waiting on this device.
  if (keeps(`majlis-question ${page.account} ${page.session}`) || keeps(`majlis-unsent ${page.session}`)) {
    void open(false);
  }
}

function keeps(name: string): boolean {
  try {
    return localStorage.getItem(name) !== null;
  } catch {
    return false;
  }
}
