// A part of a page that tells how things are now: fetched again every so many seconds, while somebody looks.

/** `[data-fresh]` names the seconds; what is folded open stays open, and the focus stays where it is. */
export function keepFresh(): void {
  const seconds = Number(part()?.dataset.fresh);
  if (!seconds) return;
  let busy = false;
  const look = async () => {
    if (busy || document.visibilityState !== "visible") return;
    busy = true;
    try {
      await refresh();
    } catch {
      // no connection just now: what is shown says of when it is
    }
    busy = false;
  };
  setInterval(look, seconds * 1000);
  document.addEventListener("visibilitychange", look);
}

const part = () => document.querySelector<HTMLElement>("[data-fresh]");

async function refresh(): Promise<void> {
  const answer = await fetch(location.href, { cache: "no-store" });
  if (!answer.ok) return;
  // Our policy forbids new style elements, even in a page that is only read.
  const text = (await answer.text()).replace(/<style>[^<]*<\/style>/g, "");
  const fresh = new DOMParser().parseFromString(text, "text/html").querySelector("[data-fresh]");
  const old = part();
  // Somebody who is in it by keyboard must not be thrown out.
  if (!fresh || !old || old.contains(document.activeElement)) return;
  const open = new Set(
    [...old.querySelectorAll<HTMLElement>("details[open]")].map(({ dataset }) => dataset.of),
  );
  for (const details of fresh.querySelectorAll<HTMLDetailsElement>("details"))
    details.open = open.has(details.dataset.of);
  old.replaceWith(document.adoptNode(fresh));
}
