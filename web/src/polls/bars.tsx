// Results people can read: each line says its number and share in words; the bar beside it only shows them again.

import type { VNode } from "preact";
import { locale, n, t } from "../translation";
import type { Answer, Asked, Tally } from "./wire";

const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
const decimal = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });

interface Line {
  key: string;
  text: string;
  /** What stands at the end of the line, in words. */
  said: string;
  /** The bar's length, 0–1. */
  length: number;
  mine?: boolean;
  right?: boolean;
  place?: number;
}

interface ResultProps {
  poll: Asked & { right?: string[] };
  tally: Tally;
  mine?: Answer | null;
}

export function Results({ poll, tally, mine = null }: ResultProps): VNode {
  const answered = tally.answered ?? 0;
  if (answered === 0) return <p class="poll-empty">{t("Nobody has answered yet.")}</p>;
  const lines = linesOf(poll, tally, mine);
  const ranked = poll.kind === "ordering";
  return (
    <div class="poll-results">
      <ol class="poll-bars">
        {lines.map((line) => (
          <li key={line.key} class={line.right ? "poll-bar poll-bar-right" : "poll-bar"}>
            <p class="poll-bar-text">
              {ranked && <span class="poll-place numbers">{line.place}</span>}
              <bdi dir="auto">{line.text}</bdi>
              {line.right && <span class="poll-mark">✓ {t("right")}</span>}
              {line.mine && <span class="poll-mark">{t("your answer")}</span>}
            </p>
            <p class="poll-bar-said numbers">{line.said}</p>
            <div class="poll-track" aria-hidden="true">
              <div class="poll-fill" style={{ inlineSize: `${Math.round(line.length * 1000) / 10}%` }} />
            </div>
          </li>
        ))}
      </ol>
      <p class="poll-sum">{summary(poll, tally)}</p>
    </div>
  );
}

/** How many answered, and the figure that stands for all. */
function summary(poll: Asked, tally: Tally): string {
  const people = n("{count} person answered", "{count} people answered", tally.answered ?? 0);
  const more: string[] = [people];
  if (poll.kind === "rating" && tally.mean !== undefined) {
    more.push(
      t("average {mean} of {points}", { mean: decimal.format(tally.mean), points: poll.points ?? 0 }),
    );
  }
  if (poll.kind === "likert" && tally.median !== undefined) {
    more.push(
      t("in the middle {median} of {points}", {
        median: decimal.format(tally.median),
        points: poll.points ?? 0,
      }),
    );
  }
  if (tally.others) more.push(n("{count} more answer", "{count} more answers", tally.others));
  return more.join(" · ");
}

function linesOf(poll: Asked & { right?: string[] }, tally: Tally, mine: Answer | null): Line[] {
  const answered = tally.answered ?? 1;
  const share = (count: number) => count / answered;
  const said = (count: number) =>
    n("{count} person · {share}", "{count} people · {share}", count, { share: percent.format(share(count)) });
  switch (poll.kind) {
    case "likert":
    case "rating":
      return Array.from({ length: poll.points ?? 0 }, (_, at) => {
        const count = tally.counts?.[String(at + 1)] ?? 0;
        return {
          key: String(at + 1),
          text: stepText(poll, at + 1),
          said: said(count),
          length: share(count),
          mine: mine?.value === at + 1,
        };
      });
    case "ordering":
      return ordered(poll, tally);
    case "text":
      return (tally.groups ?? []).map(({ id, label, count }) => ({
        key: id,
        text: label,
        said: said(count),
        length: count / Math.max(...(tally.groups ?? []).map((group) => group.count)),
      }));
    default:
      return (poll.options ?? []).map(({ id, text }) => {
        const count = tally.counts?.[id] ?? 0;
        return {
          key: id,
          text,
          said: said(count),
          length: share(count),
          mine: mine?.choices?.includes(id) ?? false,
          right: poll.right?.includes(id) ?? false,
        };
      });
  }
}

/** The most points first; those with the same share a place. */
function ordered(poll: Asked, tally: Tally): Line[] {
  const options = poll.options ?? [];
  const points = (id: string) => tally.points?.[id] ?? 0;
  const most = Math.max(1, (tally.answered ?? 1) * (options.length - 1));
  return [...options]
    .sort((one, other) => points(other.id) - points(one.id))
    .map(({ id, text }) => ({
      key: id,
      text,
      place: 1 + options.filter((other) => points(other.id) > points(id)).length,
      said: n(
        "{count} point, place {rank} on average",
        "{count} points, place {rank} on average",
        points(id),
        {
          rank: decimal.format(tally.ranks?.[id] ?? 0),
        },
      ),
      length: points(id) / most,
    }));
}

/** A step of a scale: its number, with what stands at the ends. */
export function stepText(poll: Asked, step: number): string {
  if (poll.kind === "rating") return n("{count} star", "{count} stars", step);
  const end = step === 1 ? poll.low : step === poll.points ? poll.high : "";
  return end ? `${step} — ${end}` : String(step);
}
