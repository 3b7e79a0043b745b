// The reader's time zone: told to the server for the next page, and shown on this first one.

import { locale } from "../translation";

const year = 365 * 86_400;

export function rememberZone(): void {
  if (/(^|; )zone=/.test(document.cookie)) return;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone) return;
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in older browsers
  document.cookie = `zone=${zone}; path=/; max-age=${year}; samesite=lax`;
  const event = document.querySelector<HTMLMetaElement>('meta[name="event-zone"]')?.content;
  if (event && event !== zone) showBeside(event, zone);
}

/** Adds the reader's clock to every time the server could only say on the event's. */
function showBeside(event: string, zone: string): void {
  let differs = false;
  for (const time of document.querySelectorAll<HTMLTimeElement>(".when > time")) {
    const at = new Date(time.dateTime);
    const here = shown(at, zone);
    if (here === shown(at, event)) continue;
    differs = true;
    if (time.parentElement?.querySelector(".there")) continue;
    const beside = document.createElement("span");
    beside.className = "there";
    const sameDay = day(at, zone) === day(at, event);
    const words = time.closest<HTMLElement>("[data-there]")?.dataset.there ?? "{time}";
    beside.textContent = words.replace("{time}", sameDay ? here : `${day(at, zone)} ${here}`);
    time.after(" ", beside);
  }
  const line = document.querySelector<HTMLElement>("[data-clock]");
  if (differs && line?.dataset.clock) line.append(line.dataset.clock);
}

const shown = (at: Date, timeZone: string): string =>
  at.toLocaleTimeString(locale, { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

const day = (at: Date, timeZone: string): string =>
  at.toLocaleDateString(locale, { timeZone, weekday: "long" });
