// Forms that work by themselves and are quicker with a script: stars, filters, colours.

const year = 365 * 86_400;

const RETRY_MS = 3_000;

/** A star is set without leaving the page. When the server says no, the form is sent as it would be without us. */
async function toggleStar(button: HTMLButtonElement, form: HTMLFormElement): Promise<void> {
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form, button)) body.append(name, String(value));
  const starred = button.getAttribute("aria-pressed") !== "true";
  show(button, form, starred);
  const address = button.getAttribute("formaction") ?? form.action;
  if (await send(address, body)) return;
  show(button, form, !starred);
  form.requestSubmit(button);
}

/** Sends until there is an answer (a star set twice is one star); false when it was a refusal. */
async function send(address: string, body: URLSearchParams): Promise<boolean> {
  const headers = { Accept: "application/json" };
  for (;;) {
    try {
      const answer = await fetch(address, { method: "POST", body, headers, keepalive: true });
      tellOffline(false);
      return answer.ok;
    } catch {
      tellOffline(true);
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

/** One line at the edge of the page while what was done waits for the connection. */
function tellOffline(waiting: boolean): void {
  const line = document.querySelector<HTMLElement>("#waiting");
  if (line) line.hidden = !waiting;
}

function show(button: HTMLButtonElement, form: HTMLFormElement, starred: boolean): void {
  button.setAttribute("aria-pressed", String(starred));
  const next = starred ? "" : "yes";
  if (button.name) button.value = next;
  const field = form.querySelector<HTMLInputElement>("input[name=starred]");
  if (field) field.value = next;
  const words = button.querySelector<HTMLElement>("[data-on]");
  if (words) words.textContent = (starred ? words.dataset.on : words.dataset.off) ?? "";
}

/** Clicks on stars; `sent` marks the second, scriptless way so that it is not caught again. */
export function quickenStars(): void {
  const sent = new WeakSet<HTMLButtonElement>();
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!(button instanceof HTMLButtonElement) || !button.matches(".star") || sent.has(button)) return;
    sent.add(button);
    event.preventDefault();
    void toggleStar(button, event.target as HTMLFormElement).then(() => sent.delete(button));
  });
}

/** A filter applies as soon as it is chosen; empty ones stay out of the address. */
export function quickenFilters(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-auto]")) {
    form.addEventListener("change", () => form.requestSubmit());
    form.addEventListener("submit", () => {
      for (const choice of form.querySelectorAll("select")) choice.disabled = choice.value === "";
    });
    form.querySelector("button")?.classList.add("visually-hidden");
  }
}

export function quickenTheme(): void {
  const choice = document.querySelector<HTMLSelectElement>("#theme-choice");
  choice?.addEventListener("change", () => {
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in older browsers
    document.cookie = `theme=${choice.value}; path=/; max-age=${year}; samesite=lax`;
    if (choice.value) document.documentElement.dataset.theme = choice.value;
    else delete document.documentElement.dataset.theme;
  });
}
