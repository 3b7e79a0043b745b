// The moderators' desk: the queue in the order of asking, what has left it, and what is asked next.

import type { VNode } from "preact";
import { useEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";
import { n, t } from "../translation";
import { AskNext } from "./ask_next";
import type { QuestionBoard } from "./board";
import { DeskActs } from "./desk_acts";
import { DeskBar } from "./desk_bar";
import { Acts } from "./desk_context";
import { chooses, DeskSearch, type Search } from "./desk_search";
import { ids, SettledList } from "./list";
import { Moderating } from "./moderating";
import { useSettledOrder } from "./order";
import { RulesOfAsking } from "./rules";
import { byAge, byInterest, type Question, type QuestionStep } from "./state";

type View = "waiting" | "approved" | "answered" | "out";

const STATES: Record<View, QuestionStep[]> = {
  waiting: ["waiting"],
  approved: ["approved"],
  answered: ["answered"],
  out: ["declined", "hidden", "merged"],
};

interface Props {
  board: QuestionBoard;
  all: Map<string, Question>;
}

export function QuestionDesk({ board, all }: Props): VNode {
  const acts = useMemo(() => new DeskActs(board), [board]);
  const [view, setView] = useState<View>("waiting");
  // On a narrow screen the line is a view of its own, on a wide one it stands beside the others.
  const [line, setLine] = useState(false);
  const [search, setSearch] = useState<Search>({ words: "", only: "" });
  const chosen = [...all.values()].filter((question) => chooses(board, question, search));
  const of = (name: View) => chosen.filter(({ state }) => STATES[name].includes(state));
  const names: Record<View, string> = {
    waiting: t("To approve"),
    approved: t("Shown"),
    answered: t("Answered"),
    out: t("Not shown"),
  };
  const empty: Record<View, string> = {
    waiting: t("Nothing waits for you."),
    approved: t("No question is shown to the room."),
    answered: t("No question has been answered yet."),
    out: t("No question was declined, hidden or put together with another."),
  };
  const searching = search.words !== "" || search.only !== "";
  const choose = (name: View | null) => {
    setLine(name === null);
    if (name) setView(name);
  };
  const tab = (name: View | null, words: string, count: number) => (
    <button
      key={name}
      type="button"
      class={name ? undefined : "desk-line-tab"}
      aria-current={(name ? !line && view === name : line) ? "true" : undefined}
      onClick={() => choose(name)}
    >
      <span>
        {words} <span class="numbers">{count}</span>
      </span>
    </button>
  );
  const places = (Object.keys(names) as View[]).map((name) => tab(name, names[name], of(name).length));
  places.splice(2, 0, tab(null, t("Ask next"), board.known.next.length));
  return (
    <Acts.Provider value={acts}>
      <div class="desk">
        <DeskBar board={board}>
          <DeskSearch board={board} search={search} onSearch={setSearch} />
        </DeskBar>
        <nav class="tabs question-views" aria-label={t("Questions by state")}>
          {places}
        </nav>
        <div class={line ? "desk-columns desk-columns-line" : "desk-columns"}>
          <div class="desk-queue">
            <Queue
              key={`${view} ${search.words} ${search.only}`}
              board={board}
              all={all}
              acts={acts}
              queue={of(view)}
              view={view}
              empty={searching ? t("No question here fits the search.") : empty[view]}
            />
          </div>
          <section class="desk-next" aria-label={t("Ask next")}>
            <h3>{t("Ask next")}</h3>
            <AskNext board={board} all={all} />
          </section>
        </div>
        <RulesOfAsking board={board} />
      </div>
    </Acts.Provider>
  );
}

interface QueueProps extends Props {
  acts: DeskActs;
  queue: Question[];
  view: View;
  empty: string;
}

function Queue({ board, all, acts, queue, view, empty }: QueueProps): VNode {
  const place = useRef<HTMLDivElement>(null);
  const ranked = view === "approved";
  const wanted = ids(queue.sort(ranked ? byInterest : byAge));
  const settled = useSettledOrder(wanted, place, ranked ? (id) => board.fetched.has(id) : () => true);
  const left = STATES[view].find((state) => (board.known.more[state] ?? 0) > 0);
  return (
    <>
      <SettledList board={board} all={all} settled={settled} place={place} empty={empty} Acts={Moderating}>
        <LastStepLine acts={acts} />
      </SettledList>
      {left && (
        <button
          type="button"
          class="button button-quiet button-small"
          onClick={() => void board.fetchMore(left, oldest(all, left))}
        >
          {n("Show {count} more question", "Show {count} more questions", board.known.more[left] ?? 0)}
        </button>
      )}
    </>
  );
}

/** The one of a state asked first among those known. */
function oldest(all: Map<string, Question>, state: QuestionStep): string | undefined {
  return [...all.values()].filter((question) => question.state === state).sort(byAge)[0]?.id;
}

/** What was done last, with the way back. */
function LastStepLine({ acts }: { acts: DeskActs }): VNode {
  const [, redraw] = useReducer((count: number, _: undefined) => count + 1, 0);
  useEffect(() => acts.watch(() => redraw(undefined)), [acts]);
  const { last } = acts;
  return (
    <div class="desk-last">
      <p role="status">{last?.words}</p>
      {last && last.undo.length > 0 && (
        <button type="button" class="link-button" onClick={() => void acts.undo()}>
          {t("Undo")}
        </button>
      )}
    </div>
  );
}
