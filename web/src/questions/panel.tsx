// The questions of a session: asking, the lists, and the one line that is read aloud.

import { render, type VNode } from "preact";
import { useEffect, useReducer, useRef, useState } from "preact/hooks";
import { Group } from "../later/fetched";
import { n, t } from "../translation";
import { AskForm, OnTheirWay } from "./ask_form";
import { type Hall, QuestionBoard } from "./board";
import type { Channel } from "./channel";
import { OwnQuestions, RoomList } from "./list";
import type { Question } from "./state";

const desk = new Group(() => import("../later/desk"));
const QuestionDesk = desk.show(({ QuestionDesk }) => QuestionDesk);

/** Puts the questions of `client`'s session into `element`. Returns how to take them away again. */
export function mountQuestions(element: Element, client: Channel, hall: Hall | null = null): () => void {
  const board = new QuestionBoard(client, hall);
  render(<QuestionsPanel board={board} />, element);
  return () => {
    board.close();
    render(null, element);
  };
}

export function QuestionsPanel({ board }: { board: QuestionBoard }): VNode {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => board.watch(() => redraw(undefined)), [board]);
  const { known, loaded, trouble } = board;
  const all = board.questions();
  return (
    <div class="questions-panel">
      {!known.moderates && <AskForm board={board} />}
      <OnTheirWay board={board} />
      {trouble && (
        <p class="notice notice-danger" role="alert">
          {trouble}
        </p>
      )}
      {!loaded ? (
        <p class="empty">{t("Loading the questions…")}</p>
      ) : known.moderates ? (
        // Who runs the room came for the queue; their own question is the exception.
        <>
          <QuestionDesk board={board} all={all} />
          <AskForm board={board} />
        </>
      ) : (
        <>
          {board.hall?.presents() && (
            <p>
              <a href={`${board.hall.page}/speaker`} target="_blank" rel="noopener">
                {t("Speaker’s view")}
              </a>
            </p>
          )}
          <OwnQuestions board={board} all={all} />
          <RoomList board={board} all={all} />
        </>
      )}
      {loaded && <Heard count={news(all, known.moderates)} moderates={known.moderates} />}
    </div>
  );
}

/** How many questions await this reader: to approve, or to read. */
function news(all: ReadonlyMap<string, Question>, moderates: boolean): number {
  const wanted = moderates ? "waiting" : "approved";
  return [...all.values()].filter((question) => question.state === wanted).length;
}

const QUIET_MS = 15_000;

/** Reads out that something is new: one sentence, and not again for a while however much comes. */
function Heard({ count, moderates }: { count: number; moderates: boolean }): VNode {
  const [said, setSaid] = useState("");
  const before = useRef(count);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef(count);
  latest.current = count;
  useEffect(() => {
    if (count <= before.current) {
      before.current = count;
      return;
    }
    timer.current ??= setTimeout(
      () => {
        timer.current = undefined;
        const fresh = latest.current - before.current;
        before.current = latest.current;
        if (fresh <= 0) return;
        setSaid(
          moderates
            ? n("{count} question to approve", "{count} questions to approve", latest.current)
            : n("{count} new question", "{count} new questions", fresh),
        );
      },
      said ? QUIET_MS : 1_000,
    );
  }, [count]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <p class="visually-hidden" aria-live="polite">
      {said}
    </p>
  );
}
