// What changes with the minute: countdowns, the now-line of the schedule, and pages whose state has changed.

import { locale } from "../translation";

const minute = 60_000;
const kept = "majlis-clock";

/** How far the server's clock is ahead of this device's, in ms; small differences count as none. */
function serverOffset(): number {
  const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  // A page out of the history tells an old time; what a fresh one said still holds.
  const stored = sessionStorage.getItem(kept);
  if (navigation?.type === "back_forward" && stored !== null) return Number(stored);
  const told = document.querySelector<HTMLMetaElement>('meta[name="server-time"]')?.content;
  const offset = told ? Date.parse(told) + minute / 2 - Date.now() : 0;
  const used = Math.abs(offset) < minute ? 0 : offset;
  sessionStorage.setItem(kept, String(used));
  return used;
}

const offset = serverOffset();

/** The moment it is for the server, in ms since 1970. */
export const serverNow = (): number => Date.now() + offset;

/** `2 hr 5 min`, `ساعتان و5 دقائق`: as the server says it. */
export function duration(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / minute));
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return unit(Math.floor(hours / 24), "day");
  const parts = hours > 0 ? [unit(hours, "hour")] : [];
  if (minutes % 60 > 0 || hours === 0) parts.push(unit(minutes % 60, "minute"));
  return parts.join(locale.startsWith("ar") ? " و" : " ");
}

function unit(count: number, name: "day" | "hour" | "minute"): string {
  const unitDisplay = locale.startsWith("ar") || name === "day" ? "long" : "short";
  // en-GB shortens to "mins"; the server, like most of the world, to "min"
  const said = locale.startsWith("ar") ? locale : "en";
  return new Intl.NumberFormat(said, { style: "unit", unit: name, unitDisplay }).format(count);
}

function tick(): void {
  const now = serverNow();
  for (const element of document.querySelectorAll<HTMLElement>("[data-until]")) {
    const { until = "", words = "{time}", done = "" } = element.dataset;
    const left = Date.parse(until) - now;
    element.textContent = left > 0 ? words.replace("{time}", duration(left)) : done || element.textContent;
  }
  for (const grid of document.querySelectorAll<HTMLElement>("[data-lines]")) moveLine(grid, now / 1000);
  const changes = document.querySelector<HTMLElement>("[data-changes]")?.dataset.changes;
  if (changes && Date.parse(changes) <= now && document.visibilityState === "visible") location.reload();
}

function moveLine(grid: HTMLElement, now: number): void {
  const line = document.getElementById(`${grid.id}now`);
  const lines = (grid.dataset.lines ?? "").split(" ").map(Number);
  const row = lines.findIndex((start, index) => start <= now && now < (lines[index + 1] ?? start));
  if (!line) return;
  line.hidden = row < 0;
  if (row < 0) return;
  const [start = 0, end = 1] = lines.slice(row, row + 2);
  line.classList.add("is-placed");
  line.style.gridRow = String(row + 2);
  line.style.setProperty("--passed", `${Math.round((100 * (now - start)) / (end - start))}%`);
}

export function startClock(): void {
  tick();
  setInterval(tick, minute / 2);
  document.addEventListener("visibilitychange", tick);
}
