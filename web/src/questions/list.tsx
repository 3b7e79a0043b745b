// The lists everybody sees: the room's, and one's own.

import type { ComponentChildren, ComponentType, RefObject, VNode } from "preact";
import { useRef } from "preact/hooks";
import { n, t } from "../translation";
import type { QuestionBoard } from "./board";
import { QuestionItem } from "./item";
import { type Settled, useSettledOrder } from "./order";
import { byAge, byInterest, type Question } from "./state";

interface ListProps {
  board: QuestionBoard;
  all: Map<string, Question>;
  settled: Settled;
  place: RefObject<HTMLDivElement | null>;
  empty: string;
  /** What a moderator can do with each; without it the list is the room's. */
  Acts?: ComponentType<{ board: QuestionBoard; question: Question; done: boolean }>;
  /** Beside what is said of the list, in the line that is always there. */
  children?: ComponentChildren;
}

export function SettledList({ board, all, settled, place, empty, Acts, children }: ListProps): VNode {
  const { order, fresh, moved, gone, refresh } = settled;
  const bar = (words: string, soft = true) => (
    <button
      type="button"
      class={soft ? "questions-fresh questions-moved" : "questions-fresh"}
      onClick={refresh}
    >
      {words}
    </button>
  );
  return (
    <div ref={place} tabIndex={-1} class="question-list">
      <div class="question-bar">
        {fresh > 0
          ? bar(n("{count} new question", "{count} new questions", fresh), false)
          : moved
            ? bar(t("The votes changed the order. Sort again"))
            : Acts && gone.size > 0
              ? bar(n("{count} done. Clear it away", "{count} done. Clear them away", gone.size))
              : order.length > 0 && <p>{n("{count} question", "{count} questions", order.length)}</p>}
        {children}
      </div>
      {order.length === 0 ? (
        <p class="empty">{empty}</p>
      ) : (
        <ol class="rows questions">
          {order.map((id) => {
            const question = all.get(id);
            if (!question || (!Acts && !isShown(question))) {
              return (
                <li key={id} class="question question-gone">
                  {t("This question is no longer shown.")}
                </li>
              );
            }
            const done = gone.has(id);
            return (
              <QuestionItem key={id} board={board} question={question} done={Acts && done}>
                {Acts && <Acts board={board} question={question} done={done} />}
              </QuestionItem>
            );
          })}
        </ol>
      )}
    </div>
  );
}

export const ids = (list: Question[]): string[] => list.map(({ id }) => id);
const isShown = ({ state }: Question): boolean => state === "approved" || state === "answered";

/** One's own questions that the room does not see, with what became of each. */
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
  const settled = useSettledOrder(ids(open), place, (id) => board.fetched.has(id));
  const more = board.known.more.approved ?? 0;
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
      {more > 0 && (
        <button
          type="button"
          class="button button-quiet button-small"
          onClick={() => void board.fetchMore("approved", [...open].sort(byAge)[0]?.id)}
        >
          {n("Show {count} more question", "Show {count} more questions", more)}
        </button>
      )}
      {answered.length > 0 && (
        <details class="questions-answered" open={!board.hall}>
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
