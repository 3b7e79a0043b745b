// For whoever speaks: the questions the room sees, in the order they are asked next, and one tap for each.

import type { VNode } from "preact";
import { useEffect, useReducer, useRef, useState } from "preact/hooks";
import { BellButton } from "../notices/bell";
import type { HallTab } from "../projector/hall_tab";
import { inTheHall } from "../questions/item";
import { useSettledOrder } from "../questions/order";
import { byInterest, type Question } from "../questions/state";
import { useCell } from "../stage/cell";
import { RoomMood } from "../stage/mood";
import { useServerNow } from "../stage/server_time";
import { useWakeLock } from "../stage/wakefulness";
import { n, t } from "../translation";

export function SpeakerView({ tab }: { tab: HallTab }): VNode {
  const [, redraw] = useReducer((count: number, _: undefined) => count + 1, 0);
  const { board } = tab;
  useEffect(() => board.watch(() => redraw(undefined)), [board]);
  useWakeLock(true);
  const all = board.questions();
  const { now, shown } = board.known;
  const answering = now && shown.has(now.question) ? all.get(now.question) : undefined;
  return (
    <div class="speaker">
      <Head tab={tab} />
      <div class="speaker-mood">
        <RoomMood live={tab.live} />
      </div>
      {board.trouble && (
        <p class="notice notice-danger" role="alert">
          {board.trouble}
        </p>
      )}
      <section class="speaker-now" aria-label={t("Being answered now")}>
        {answering ? (
          <>
            <p class="speaker-text" id="speaker-now">
              <bdi>{answering.text}</bdi>
            </p>
            <div class="question-acts">
              <button
                type="button"
                class="button"
                aria-describedby="speaker-now"
                onClick={() => void board.act("AnswerQuestion", { question: answering.id })}
              >
                {t("Answered")}
              </button>
              <button
                type="button"
                class="link-button"
                onClick={() => void board.act("AnswerNow", { question: answering.id, on: false })}
              >
                {t("Not answering it now")}
              </button>
            </div>
          </>
        ) : (
          <p class="soft">
            {t("No question is being answered. Tap one when you begin, and the hall sees which.")}
          </p>
        )}
      </section>
      {board.loaded ? <Questions tab={tab} all={all} /> : <p class="empty">{t("Loading the questions…")}</p>}
      <RunningPolls tab={tab} />
    </div>
  );
}

function Head({ tab }: { tab: HallTab }): VNode {
  const [told, setTold] = useState("");
  const { title, title_language, title_direction } = tab.page;
  const cutOff = useCell(tab.cutOff);
  const refused = useCell(tab.refused);
  const starts = useCell(tab.startsAt);
  const sessionEnds = useCell(tab.endsAt);
  const now = useServerNow(1_000);
  const { until } = tab.board.known.rules;
  const minutes = Math.ceil((sessionEnds - now) / 60_000);
  const forQuestions = until ? Math.ceil((Date.parse(until) - now) / 60_000) : null;
  return (
    <header class="speaker-head">
      <h1 lang={title_language} dir={title_direction}>
        {title}
      </h1>
      <p class="speaker-time">
        {now < starts
          ? t("Starts at {time}", { time: inTheHall(new Date(starts).toISOString()) })
          : minutes > 0
            ? n("{count} minute left", "{count} minutes left", minutes)
            : n("{count} minute over", "{count} minutes over", -minutes)}
      </p>
      <BellButton
        live={tab.live}
        bell={tab.bell}
        base={tab.page.event}
        here={tab.page.session}
        say={setTold}
      />
      <p class="speaker-state" role="status">
        {refused ||
          told ||
          (cutOff
            ? t("No connection just now. What you tap is kept and sent when it is back.")
            : forQuestions !== null && forQuestions >= 0
              ? n("{count} minute left for questions", "{count} minutes left for questions", forQuestions)
              : "")}
      </p>
    </header>
  );
}

/** What the room is asked just now, so that nobody talks over it. */
function RunningPolls({ tab }: { tab: HallTab }): VNode | null {
  useCell(tab.polls.changed);
  const open = [...tab.polls.shown.values()].filter((poll) => poll.open);
  if (open.length === 0) return null;
  return (
    <ul class="rows speaker-polls" aria-label={t("Polls")}>
      {open.map((poll) => (
        <li key={poll.id}>
          <span class="badge badge-live">{t("Poll, open now")}</span> <bdi>{poll.question}</bdi>{" "}
          <span class="hint">
            {n("{count} person answered", "{count} people answered", poll.answered ?? 0)}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Questions({ tab: { board }, all }: { tab: HallTab; all: Map<string, Question> }): VNode {
  const { next, shown } = board.known;
  const place = useRef<HTMLDivElement>(null);
  const line = (question: Question) => (next.includes(question.id) ? next.indexOf(question.id) : next.length);
  const wanted = [...all.values()]
    .filter(({ id, state }) => state === "approved" && shown.has(id))
    .sort(
      (one, other) => line(one) - line(other) || byInterest({ ...one, now: false }, { ...other, now: false }),
    )
    .map(({ id }) => id);
  const { order, fresh, moved, refresh } = useSettledOrder(wanted, place, () => false);
  return (
    <div ref={place} tabIndex={-1} class="question-list speaker-list">
      {fresh > 0 && (
        <button type="button" class="questions-fresh" onClick={refresh}>
          {n("{count} new question", "{count} new questions", fresh)}
        </button>
      )}
      {moved && (
        <button type="button" class="questions-fresh questions-moved" onClick={refresh}>
          {t("The order has changed. Show the new one")}
        </button>
      )}
      {order.length === 0 ? (
        <p class="empty">{t("No question is shown to the room.")}</p>
      ) : (
        <ol class="rows">
          {order.map((id) => {
            const question = shown.has(id) ? all.get(id) : undefined;
            return question ? (
              <SpeakersQuestion
                key={id}
                question={question}
                place={next.indexOf(id)}
                onNow={(on) => void board.act("AnswerNow", { question: id, on })}
              />
            ) : (
              <li key={id} class="question question-gone">
                {t("This question is no longer shown.")}
              </li>
            );
          })}
        </ol>
      )}
    </div>
  );
}

interface QuestionProps {
  question: Question;
  /** In what is asked next; -1 when it is not in it. */
  place: number;
  onNow: (on: boolean) => void;
}

function SpeakersQuestion({ question, place, onNow }: QuestionProps): VNode {
  const { id, now, state } = question;
  return (
    <li class={now ? "question question-now" : "question"}>
      <div class="question-body">
        <p class="speaker-text" id={`speaker-${id}`}>
          <bdi>{question.text}</bdi>
        </p>
        <p class="question-line">
          {place >= 0 && (
            <span class="badge badge-line">{t("Next: number {number}", { number: place + 1 })}</span>
          )}
          {question.asker && <bdi>{question.asker}</bdi>}
          <span>{t("asked at {time}", { time: inTheHall(question.askedAt) })}</span>
          <span>{n("{count} vote", "{count} votes", question.votes)}</span>
        </p>
      </div>
      {state === "answered" ? (
        <span class="badge">{t("Answered")}</span>
      ) : (
        <button
          type="button"
          class={now ? "button" : "button button-soft"}
          aria-pressed={now}
          aria-describedby={`speaker-${id}`}
          onClick={() => onNow(!now)}
        >
          {t("Answering this now")}
        </button>
      )}
    </li>
  );
}
