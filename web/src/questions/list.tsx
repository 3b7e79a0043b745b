// The lists: everybody's, one's own, and the moderators' views of the queue.

import type { VNode } from "preact";
import { useReducer, useRef, useState } from "preact/hooks";
import { n, t } from "../translation";
import type { QuestionBoard } from "./board";
import { QuestionItem } from "./item";
import { Moderating } from "./moderating";
import { useSettledOrder } from "./order";
import { byAge, byInterest, type Question } from "./state";

interface ListProps {
  board: QuestionBoard;
  all: Map<string, Question>;
  wanted: Question[];
  empty: string;
  /** New ones join at the end at once: for a queue in the order of asking. */
  append?: boolean;
}

export function SettledList({ board, all, wanted, empty, append = false }: ListProps): VNode {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const place = useRef<HTMLDivElement>(null);
  // Hidden behind another tab, or the page itself is: then nothing can move under anybody.
  const free = document.hidden || place.current?.offsetParent === null;
  const ids = wanted.map(({ id }) => id);
  const { order, fresh, moved, refresh } = useSettledOrder(ids, free, append, () => redraw(undefined));
  const show = () => {
    refresh();
    place.current?.focus();
  };
  return (
    <div ref={place} tabIndex={-1} class="question-list">
      {fresh > 0 && (
        <button type="button" class="questions-fresh" onClick={show}>
          {n("{count} new question", "{count} new questions", fresh)}
        </button>
      )}
      {moved && (
        <button type="button" class="questions-fresh questions-moved" onClick={show}>
          {t("The votes changed the order. Sort again")}
        </button>
      )}
      {order.length === 0 ? (
        <p class="empty">{empty}</p>
      ) : (
        <ol class="rows questions">
          {order.map((id) => {
            const question = all.get(id);
            if (!question || (!board.known.moderates && !isShown(question) && !append))
              return <Gone key={id} />;
            return (
              <QuestionItem key={id} board={board} question={question}>
                {board.known.moderates && <Moderating board={board} question={question} />}
              </QuestionItem>
            );
          })}
        </ol>
      )}
    </div>
  );
}

const isShown = ({ state }: Question): boolean => state === "approved" || state === "answered";

function Gone(): VNode {
  return <li class="question question-gone">{t("This question is no longer shown.")}</li>;
}

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
  const answered = [...all.values()].filter(({ state }) => state === "answered").sort(byAge);
  return (
    <>
      <SettledList
        board={board}
        all={all}
        wanted={open}
        empty={
          answered.length > 0
            ? t("Every question so far has been answered.")
            : t("No questions yet. Yours could be the first.")
        }
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
      <SettledList
        key={view}
        board={board}
        all={all}
        wanted={of(view).sort(view === "approved" ? byInterest : byAge)}
        empty={empty[view]}
        append={view !== "approved"}
      />
    </>
  );
}
