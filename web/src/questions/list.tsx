// The lists: everybody's, one's own, and the moderators' views of the queue.

import type { RefObject, VNode } from "preact";
import { useRef, useState } from "preact/hooks";
import { later } from "../later/fetched";
import { n, t } from "../translation";
import type { QuestionBoard } from "./board";
import { QuestionItem } from "./item";
import { type Settled, useSettledOrder } from "./order";
import { byAge, byInterest, type Question } from "./state";

const Moderating = later(({ Moderating }) => Moderating);

interface ListProps {
  board: QuestionBoard;
  all: Map<string, Question>;
  settled: Settled;
  place: RefObject<HTMLDivElement | null>;
  empty: string;
}

function SettledList({ board, all, settled, place, empty }: ListProps): VNode {
  const { order, fresh, moved, refresh } = settled;
  return (
    <div ref={place} tabIndex={-1} class="question-list">
      {fresh > 0 && (
        <button type="button" class="questions-fresh" onClick={refresh}>
          {n("{count} new question", "{count} new questions", fresh)}
        </button>
      )}
      {moved && (
        <button type="button" class="questions-fresh questions-moved" onClick={refresh}>
          {t("The votes changed the order. Sort again")}
        </button>
      )}
      {order.length === 0 ? (
        <p class="empty">{empty}</p>
      ) : (
        <ol class="rows questions">
          {order.map((id) => (
            <ListedQuestion key={id} board={board} question={all.get(id)} />
          ))}
        </ol>
      )}
    </div>
  );
}

function ListedQuestion({
  board,
  question,
}: {
  board: QuestionBoard;
  question: Question | undefined;
}): VNode {
  const { moderates } = board.known;
  if (!question || (!moderates && !isShown(question))) {
    return <li class="question question-gone">{t("This question is no longer shown.")}</li>;
  }
  return (
    <QuestionItem board={board} question={question}>
      {moderates && <Moderating board={board} question={question} />}
    </QuestionItem>
  );
}

const ids = (list: Question[]): string[] => list.map(({ id }) => id);
const isShown = ({ state }: Question): boolean => state === "approved" || state === "answered";

/** One's own questions with what became of each. */
export function OwnQuestions({
  board,
  all,
}: {
  board: QuestionBoard;
  all: Map<string, Question>;
}): VNode | null {
  const mine = [...all.values()].filter((question) => question.mine && !isShown(question)).sort(byAge);
  if (mine.length === 0 || board.known.moderates) return null;
  return (
    <section class="questions-own" aria-label={t("Your questions")}>
      <h3>{t("Your questions")}</h3>
      <ul class="rows questions">
        {mine.map((question) => (
          <QuestionItem key={question.id} board={board} question={question} />
        ))}
      </ul>
    </section>
  );
}

/** What an attendee sees: the open questions, and the answered ones folded away. */
export function RoomList({ board, all }: { board: QuestionBoard; all: Map<string, Question> }): VNode {
  const open = [...all.values()].filter(({ state }) => state === "approved").sort(byInterest);
  const place = useRef<HTMLDivElement>(null);
  const settled = useSettledOrder(ids(open), place, false);
  // One that was answered a moment ago stays where it was read until the list is sorted anew.
  const answered = [...all.values()]
    .filter(({ id, state }) => state === "answered" && !settled.order.includes(id))
    .sort(byAge);
  return (
    <>
      <SettledList
        board={board}
        all={all}
        settled={settled}
        place={place}
        empty={emptyWords(all, answered.length > 0)}
      />
      {answered.length > 0 && (
        <details class="questions-answered">
          <summary>
            {t("Answered")} <span class="numbers">{answered.length}</span>
          </summary>
          <ol class="rows questions">
            {answered.map((question) => (
              <QuestionItem key={question.id} board={board} question={question} />
            ))}
          </ol>
        </details>
      )}
    </>
  );
}

function emptyWords(all: Map<string, Question>, answered: boolean): string {
  if (answered) return t("Every question so far has been answered.");
  if (all.size > 0) return t("No question is shown to the room yet.");
  return t("No questions yet. Yours could be the first.");
}

type View = "waiting" | "approved" | "answered" | "declined";

/** What a moderator sees: the queue in the order of asking, and what has left it. */
export function DeskList({ board, all }: { board: QuestionBoard; all: Map<string, Question> }): VNode {
  const [view, setView] = useState<View>("waiting");
  const everything = [...all.values()];
  const of = (state: View) => everything.filter((question) => question.state === state);
  const names: Record<View, string> = {
    waiting: t("To approve"),
    approved: t("Shown"),
    answered: t("Answered"),
    declined: t("Declined"),
  };
  const empty: Record<View, string> = {
    waiting: t("Nothing waits for you."),
    approved: t("No question is shown to the room."),
    answered: t("No question has been answered yet."),
    declined: t("No question has been declined."),
  };
  return (
    <>
      <nav class="tabs question-views" aria-label={t("Questions by state")}>
        {(Object.keys(names) as View[]).map((name) => (
          <button
            key={name}
            type="button"
            aria-current={view === name ? "true" : undefined}
            onClick={() => setView(name)}
          >
            <span>
              {names[name]} <span class="numbers">{of(name).length}</span>
            </span>
          </button>
        ))}
      </nav>
      <QueueList key={view} board={board} all={all} queue={of(view)} view={view} empty={empty[view]} />
    </>
  );
}

interface QueueProps {
  board: QuestionBoard;
  all: Map<string, Question>;
  queue: Question[];
  view: View;
  empty: string;
}

function QueueList({ board, all, queue, view, empty }: QueueProps): VNode {
  const place = useRef<HTMLDivElement>(null);
  const ranked = view === "approved";
  const settled = useSettledOrder(ids(queue.sort(ranked ? byInterest : byAge)), place, !ranked);
  return <SettledList board={board} all={all} settled={settled} place={place} empty={empty} />;
}
