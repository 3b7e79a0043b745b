// Notifications on pages without a socket. One small question every 20 s, only while somebody looks, and the same
// one that open programmes ask (GET …/schedule/state: under 150 bytes, mostly 304).

const EVERY_MS = 20_000;
const SHOWN_MS = 15_000;
const KEPT = 30;

interface Notice {
  id: string;
  words: string;
  title?: string;
  session?: string;
}

/** How many are unread, and which came last. */
interface State {
  n?: number;
  m?: string | undefined;
}

/** `a[data-notices]` is the bell: it names the event's address and has the few words that are said here. */
export function followNotices(): void {
  const bell = document.querySelector<HTMLAnchorElement>("[data-notices]");
  // The live room hears of everything by itself.
  if (!bell || document.getElementById("room-data")) return;
  const base = bell.dataset.notices ?? "";
  let known: State = { n: 0 };
  let busy = false;
  const hear = async (state: State) => {
    const { n: unread = 0, m } = state;
    if (unread === known.n && m === known.m) return;
    const isNew = m !== known.m;
    known = { n: unread, m };
    show(bell, unread);
    if (isNew && unread > 0) await tellNew(bell, base);
  };
  const look = async () => {
    if (busy || document.visibilityState !== "visible") return;
    busy = true;
    try {
      const answer = await fetch(`${base}/schedule/state`, { cache: "no-cache" });
      if (answer.ok) await hear((await answer.json()) as State);
    } catch {
      // no connection just now: the next question comes in any case
    }
    busy = false;
  };
  void look();
  document.addEventListener("visibilitychange", look);
  // Where a programme is open it asks already, and says what it was told.
  document.addEventListener("programme-state", (event) => void hear((event as CustomEvent<State>).detail));
  if (!document.querySelector("[data-programme][data-state]")) setInterval(look, EVERY_MS);
  markRead();
}

function show(bell: HTMLElement, unread: number): void {
  const badge = bell.querySelector<HTMLElement>(".badge");
  if (!badge) return;
  badge.hidden = unread === 0;
  badge.textContent = String(unread);
  bell
    .querySelector(".visually-hidden")
    ?.replaceChildren(
      unread === 0 ? (bell.dataset.none ?? "") : (bell.dataset.some ?? "").replace("{count}", String(unread)),
    );
}

/** Says what no page of this browser has said yet. */
async function tellNew(bell: HTMLElement, base: string): Promise<void> {
  const answer = await fetch(`${base}/notifications/new`);
  if (!answer.ok) return;
  const { notifications } = (await answer.json()) as { notifications: Notice[] };
  const key = `majlis-told${base}`;
  const told = (localStorage.getItem(key) ?? "").split(" ");
  const fresh = notifications.filter(({ id }) => !told.includes(id));
  if (fresh.length === 0) return;
  localStorage.setItem(key, [...fresh.map(({ id }) => id), ...told].slice(0, KEPT).join(" "));
  const [one] = fresh;
  if (fresh.length === 1 && one) return say(bell, base, one.words, one);
  say(bell, base, (bell.dataset.some ?? "").replace("{count}", String(fresh.length)));
}

/** At the upper edge, where no thumb is; it takes no focus and goes by itself, or when told to. */
function say(bell: HTMLElement, base: string, words: string, { title, session }: Partial<Notice> = {}): void {
  const place = document.getElementById("toasts");
  if (!place) return;
  const toast = document.createElement("div");
  toast.className = "toast";
  const text = document.createElement("p");
  text.textContent = words;
  if (session && title) {
    const link = document.createElement("a");
    link.href = `${base}/session/${session}`;
    link.dir = "auto";
    link.textContent = title;
    text.append(" ", link);
  }
  const close = document.createElement("button");
  close.type = "button";
  close.className = "toast-close";
  close.setAttribute("aria-label", bell.dataset.close ?? "");
  close.textContent = "×";
  close.addEventListener("click", () => toast.remove());
  toast.append(text, close);
  place.append(toast);
  const leave = () => {
    // Whoever reads it or has come to it by keyboard keeps it.
    if (toast.matches(":hover, :focus-within")) setTimeout(leave, SHOWN_MS);
    else toast.remove();
  };
  setTimeout(leave, SHOWN_MS);
}

/** The page of notifications has been looked at. */
function markRead(): void {
  const form = document.querySelector<HTMLFormElement>("form[data-read]");
  if (!form) return;
  form.hidden = true;
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form)) body.append(name, String(value));
  fetch(form.action, { method: "POST", body, redirect: "manual", keepalive: true }).catch(() => {
    form.hidden = false;
  });
}
