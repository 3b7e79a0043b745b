// What the hall sees on the wall: the question being answered, big, and nothing to press.

import type { VNode } from "preact";
import { useEffect, useReducer } from "preact/hooks";
import { concernsSince, newestShown, ProjectedPoll } from "../polls/projected";
import type { ShownPoll } from "../polls/wire";
import { inTheHall } from "../questions/item";
import type { Shown } from "../questions/state";
import { useCell } from "../stage/cell";
import { useServerNow } from "../stage/server_time";
import { useWakeLock } from "../stage/wakefulness";
import { n, t } from "../translation";
import { useFitted } from "./fitting";
import type { HallTab } from "./hall_tab";

export function Projector({ tab }: { tab: HallTab }): VNode {
  const [, redraw] = useReducer((count: number, _: undefined) => count + 1, 0);
  useEffect(() => tab.board.watch(() => redraw(undefined)), [tab]);
  useWakeLock(true);
  useCell(tab.polls.changed);
  const { known } = tab.board;
  // From what the room sees, never from what a moderator sees as well.
  const question = known.now ? known.shown.get(known.now.question) : undefined;
  const poll = newestShown(tab.polls.shown.values());
  // What began last is what the hall talks about.
  const asked = question && !question.answered && !(poll && concernsSince(poll) > (known.now?.since ?? ""));
  return (
    <div class="projector">
      {asked ? <Projected question={question} /> : poll ? <FittedPoll poll={poll} /> : <Idle tab={tab} />}
      <Foot tab={tab} idle={!asked && !poll} />
    </div>
  );
}

function Projected({ question }: { question: Shown }): VNode {
  const { asker, asked_at, slide, votes = 0, merged = 0 } = question;
  const text = onTheWall(question.text);
  const fitted = useFitted(text, () => innerHeight / 7);
  const time = inTheHall(asked_at);
  return (
    <>
      <p class="projector-kicker">{t("Being answered now")}</p>
      <div class="projector-place" aria-live="polite">
        <p class="projector-text" dir="auto" ref={fitted}>
          {text}
        </p>
      </div>
      <p class="projector-about">
        {asker && <bdi>{asker}</bdi>}
        <span>
          {slide === undefined
            ? t("asked at {time}", { time })
            : t("asked at {time} · slide {slide}", { time, slide })}
        </span>
        {votes > 0 && <span>{n("{count} vote", "{count} votes", votes)}</span>}
        {merged > 0 && <span>{n("with {count} like it", "with {count} like it", merged)}</span>}
      </p>
    </>
  );
}

/** Twelve long options on a small wall: small letters are better than half a poll. */
const LEAST_POLL_PX = 9;

export function FittedPoll({ poll }: { poll: ShownPoll }): VNode {
  const largest = () => Math.min(innerHeight / 24, innerWidth / 24);
  const fitted = useFitted<HTMLDivElement>(JSON.stringify(poll), largest, LEAST_POLL_PX);
  return (
    <div class="projector-poll">
      <div ref={fitted}>
        <ProjectedPoll poll={poll} />
      </div>
    </div>
  );
}

const MOST_LINES = 6;

/** Lines as they were written, unless they are so many that the letters would have to be small. */
function onTheWall(text: string): string {
  const lines = text.split(/\n+/).filter((line) => line.trim());
  return lines.join(lines.length > MOST_LINES ? " " : "\n");
}

function Idle({ tab }: { tab: HallTab }): VNode {
  const { title, title_language, title_direction, ask_address, ask_code } = tab.page;
  const { open, paused } = tab.board.known.rules;
  const refused = useCell(tab.refused);
  const fitted = useFitted(title, () => innerHeight / 9);
  const asks = !refused && open && !paused;
  return (
    <>
      <p class="projector-kicker">{t("Questions")}</p>
      <div class={asks ? "projector-beside" : "projector-place"}>
        <div class="projector-place">
          <p class="projector-text" lang={title_language} dir={title_direction} ref={fitted}>
            {title}
          </p>
        </div>
        {asks && <AddressCode {...ask_code} address={ask_address} />}
      </div>
      <p class="projector-about">
        {refused ||
          (!open ? t("Questions are closed.") : paused ? t("Questions are paused.") : t("Ask yours at"))}
        {asks && (
          <bdi class="projector-address" dir="ltr">
            {ask_address}
          </bdi>
        )}
      </p>
    </>
  );
}

/** Black on white on any ground: what a telephone reads, with the white around it that it needs. */
function AddressCode({ size, path, address }: { size: number; path: string; address: string }): VNode {
  return (
    <svg class="projector-code" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={address}>
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" shape-rendering="crispEdges" />
    </svg>
  );
}

function Foot({ tab, idle }: { tab: HallTab; idle: boolean }): VNode {
  const cutOff = useCell(tab.cutOff);
  const starts = useCell(tab.startsAt);
  const ends = useCell(tab.endsAt);
  const now = useServerNow(5_000);
  const minutes = Math.ceil((ends - now) / 60_000);
  return (
    <p class="projector-foot">
      {!idle && (
        <span lang={tab.page.title_language} dir={tab.page.title_direction}>
          {tab.page.title}
        </span>
      )}
      <span>
        {now < starts
          ? t("Starts at {time}", { time: inTheHall(new Date(starts).toISOString()) })
          : minutes > 0
            ? n("{count} minute left", "{count} minutes left", minutes)
            : ""}
      </span>
      <span role="status">
        {cutOff &&
          (tab.board.loaded
            ? t("No connection just now; this is the last that was known.")
            : t("No connection"))}
      </span>
    </p>
  );
}
