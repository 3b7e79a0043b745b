// One question: what was asked, by whom, the votes, the answer.

import type { ComponentChildren, VNode } from "preact";
import { locale, n, t } from "../translation";
import type { QuestionBoard } from "./board";
import type { Question } from "./state";

// The clock of the programme and of the hall, as on the pages: not the reader's.
const timeZone = document.querySelector<HTMLMetaElement>('meta[name="event-zone"]')?.content;
const clock = new Intl.DateTimeFormat(locale, {
  timeZone,
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

interface Shown {
  board: QuestionBoard;
  question: Question;
  children?: ComponentChildren;
}

export function QuestionItem({ board, question, children }: Shown): VNode {
  const votable = question.state === "approved";
  return (
    <li class={question.pinned ? "question question-pinned" : "question"} id={`question-${question.id}`}>
      <div class="question-body">
        <p class="question-text" id={`question-text-${question.id}`}>
          <bdi>{question.text}</bdi>
        </p>
        <p class="question-line">
          {question.pinned && <span class="badge">{t("Pinned")}</span>}
          <Asker question={question} moderates={board.known.moderates} />
          <time dateTime={question.askedAt}>{clock.format(new Date(question.askedAt))}</time>
          <Standing question={question} moderates={board.known.moderates} />
        </p>
        <Answer question={question} />
        {children}
      </div>
      {votable ? (
        <VoteButton board={board} question={question} />
      ) : (
        question.votes > 0 && (
          <p class="question-votes">{n("{count} vote", "{count} votes", question.votes)}</p>
        )
      )}
    </li>
  );
}

function VoteButton({ board, question }: { board: QuestionBoard; question: Question }): VNode {
  const on = board.voted(question.id);
  return (
    <button
      type="button"
      class="vote"
      aria-pressed={on}
      aria-describedby={`question-text-${question.id}`}
      onClick={() => void board.vote(question.id, !on)}
    >
      <span class="vote-count">{question.votes}</span>{" "}
      <span class="vote-word">{on ? t("Voted") : t("Vote")}</span>
    </button>
  );
}

function Asker({ question, moderates }: { question: Question; moderates: boolean }): VNode {
  if (question.mine && !moderates) {
    return <span>{question.anonymous ? t("You, without your name") : t("You")}</span>;
  }
  if (question.asker === null) return <span>{t("Someone in the room")}</span>;
  return (
    <span>
      <bdi>{question.asker}</bdi>
      {question.anonymous && <span class="badge question-hidden-name">{t("Name hidden from the room")}</span>}
    </span>
  );
}

function Standing({ question, moderates }: { question: Question; moderates: boolean }): VNode | null {
  if (question.state === "answered" && !question.answer)
    return <span class="badge">{t("Answered live")}</span>;
  if (question.state === "answered") return <span class="badge">{t("Answered")}</span>;
  if (question.state === "declined") return <span class="badge">{t("Declined")}</span>;
  if (question.state === "waiting" && question.mine && !moderates) {
    return <span class="badge">{t("Waiting for a moderator")}</span>;
  }
  return null;
}

function Answer({ question }: { question: Question }): VNode | null {
  if (question.state === "declined") {
    if (!question.reason) return null;
    return (
      <div class="question-answer">
        <p class="question-line">{t("Why it was declined")}</p>
        <p>
          <bdi>{question.reason}</bdi>
        </p>
      </div>
    );
  }
  if (question.state !== "answered" || !question.answer) return null;
  return (
    <div class="question-answer">
      <p class="question-line">{t("Answer")}</p>
      <p>
        <bdi>{question.answer}</bdi>
      </p>
    </div>
  );
}
