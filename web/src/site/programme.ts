// Open schedule pages on conference days: when another release is out or a hall runs late, the page shows it in
// place. One small question every 20 s, only while somebody looks (GET …/schedule/state: 60 bytes, mostly 304).

const EVERY_MS = 20_000;

/** `main[data-programme]` names what to ask and `data-state` what is shown. */
export function followProgramme(): void {
  const { programme, state } = element()?.dataset ?? {};
  if (!programme || !state) return;
  let shown = state;
  let busy = false;
  const look = async () => {
    if (busy || document.visibilityState !== "visible") return;
    busy = true;
    try {
      const answer = await fetch(programme, { cache: "no-cache" });
      const state = (await answer.json()) as { r: number; d: number };
      const { r, d } = state;
      document.dispatchEvent(new CustomEvent("programme-state", { detail: state }));
      if (answer.ok && `${r}-${d}` !== shown && (await refresh())) shown = `${r}-${d}`;
    } catch {
      // no connection just now: the next question comes in any case
    }
    busy = false;
  };
  setInterval(look, EVERY_MS);
  document.addEventListener("visibilitychange", look);
}

function element(): HTMLElement | null {
  return document.querySelector("[data-programme]");
}

/** The programme's part of the same page as it is now; whether it could be put in place. */
async function refresh(): Promise<boolean> {
  const answer = await fetch(location.href, { cache: "no-cache" });
  // Our policy forbids new style elements, even in a page that is only read: the rules are taken out first.
  let rules = "";
  const text = (await answer.text()).replace(/<style>([^<]*)<\/style>/, (_, found: string) => {
    rules = found;
    return "";
  });
  const page = new DOMParser().parseFromString(text, "text/html");
  const old = element();
  const fresh = page.querySelector("[data-programme]");
  if (!answer.ok || !old || !fresh) return false;
  if (!place(rules)) {
    location.reload();
    return true;
  }
  const open = [...old.querySelectorAll("details")].map((details) => details.open);
  const top = scrollY;
  old.replaceWith(document.adoptNode(fresh));
  fresh.querySelectorAll("details").forEach((details, index) => {
    details.open = open[index] ?? details.open;
  });
  scrollTo({ top, behavior: "instant" });
  return true;
}

/** New places of the grid, in a sheet made by us. */
function place(rules: string): boolean {
  if (!("adoptedStyleSheets" in document)) return false;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(rules);
  document.adoptedStyleSheets = [sheet];
  return true;
}
