// One question: what was asked, by whom, the votes, the answer.

import type { ComponentChildren, VNode } from "preact";
import { clockLength } from "../stage/words";
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

/** 09:22 in the hall. */
export const inTheHall = (moment: string): string => clock.format(new Date(moment));

interface Shown {
  board: QuestionBoard;
  question: Question;
  /** It only keeps its place until the list is cleared. */
  done?: boolean | undefined;
  children?: ComponentChildren;
}

export function QuestionItem({ board, question, done, children }: Shown): VNode {
  const { moderates } = board.known;
  const votable = question.state === "approved" && !done;
  const kind = done ? "done" : question.now ? "now" : question.pinned && "pinned";
  return (
    <li class={kind ? `question question-${kind}` : "question"} id={`question-${question.id}`}>
      <div class="question-body">
        <p class="question-text" id={`question-text-${question.id}`}>
          <bdi>{question.text}</bdi>
        </p>
        <p class="question-line">
          {question.now && <span class="badge badge-live">{t("Being answered now")}</span>}
          {question.pinned && <span class="badge">{t("Pinned")}</span>}
          <Asker question={question} moderates={moderates} />
          <AskedAt question={question} />
          {question.merged > 0 && (
            <span>{n("with {count} like it", "with {count} like it", question.merged)}</span>
          )}
          {question.edited && <span>{t("edited by a moderator")}</span>}
          <Standing question={question} moderates={moderates} />
        </p>
        <Answer board={board} question={question} />
        {children}
      </div>
      {votable ? (
        <VoteButton board={board} question={question} />
      ) : (
        question.votes > 0 &&
        !done && <p class="question-votes">{n("{count} vote", "{count} votes", question.votes)}</p>
      )}
    </li>
  );
}

/** When it was asked, not when it arrived, and what was on the screen then. */
function AskedAt({ question: { askedAt, slide } }: { question: Question }): VNode {
  const time = inTheHall(askedAt);
  return (
    <time dateTime={askedAt}>
      {slide === undefined
        ? t("asked at {time}", { time })
        : t("asked at {time} · slide {slide}", { time, slide })}
    </time>
  );
}

interface VoteProps {
  board: QuestionBoard;
  question: Question;
  /** The element with its text. */
  about?: string;
}

export function VoteButton({ board, question, about = `question-text-${question.id}` }: VoteProps): VNode {
  const on = board.voted(question.id);
  const waits = board.client.state !== "online" && board.voting(question.id);
  return (
    <button
      type="button"
      class="vote"
      aria-pressed={on}
      aria-describedby={about}
      onClick={() => void board.vote(question.id, !on)}
    >
      <span class="vote-count">{question.votes}</span>{" "}
      <span class="vote-word">{waits ? t("On its way") : on ? t("Voted") : t("Vote")}</span>
    </button>
  );
}

function Asker({ question, moderates }: { question: Question; moderates: boolean }): VNode {
  const { asker, pseudonym, anonymous } = question;
  if (question.mine && !moderates) {
    if (anonymous) return <span>{t("You, without your name")}</span>;
    return (
      <span>
        {t("You")}
        {pseudonym && (
          <>
            {" "}
            (<bdi>{pseudonym}</bdi>)
          </>
        )}
      </span>
    );
  }
  if (asker === null) return <span>{t("Someone in the room")}</span>;
  return (
    <span>
      <bdi>{asker}</bdi>
      {moderates && (anonymous || pseudonym) && (
        <span class="badge question-hidden-name">
          {pseudonym ? <bdi>{pseudonym}</bdi> : t("Name hidden from the room")}
        </span>
      )}
    </span>
  );
}

function Standing({ question, moderates }: { question: Question; moderates: boolean }): VNode | null {
  if (question.state === "answered")
    return (
      <>
        <span class="badge">{question.answer ? t("Answered") : t("Answered live")}</span>
        {question.moment && (
          <span>{t("{time} into the recording", { time: clockLength(question.moment.seconds) })}</span>
        )}
      </>
    );
  if (question.state === "declined") return <span class="badge">{t("Declined")}</span>;
  if (question.state === "merged") return <span class="badge">{t("Put together with another")}</span>;
  if (question.mine && !moderates && question.state !== "approved")
    return <span class="badge">{t("Waiting for a moderator")}</span>;
  return null;
}

function Answer({ board, question }: { board: QuestionBoard; question: Question }): VNode | null {
  const { state, reason, answer, into } = question;
  // Where a question went is told with the words of the other, which is in the list with the votes of both.
  const other = into && board.questions().get(into)?.text;
  return (
    <>
      {state === "declined" && reason && <Told title={t("Why it was declined")} text={reason} />}
      {state === "merged" && other && <Told title={t("It became part of")} text={other} />}
      {(state === "answered" || state === "merged") && answer && <Told title={t("Answer")} text={answer} />}
    </>
  );
}

function Told({ title, text }: { title: string; text: string }): VNode {
  return (
    <div class="question-answer">
      <p class="question-line">{title}</p>
      <p>
        <bdi>{text}</bdi>
      </p>
    </div>
  );
}
