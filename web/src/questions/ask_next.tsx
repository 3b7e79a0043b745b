// What the chair asks next, in order. Moved by buttons and keys: nobody has to drag.

import type { VNode } from "preact";
import { useContext, useEffect, useRef, useState } from "preact/hooks";
import { n, t } from "../translation";
import type { QuestionBoard } from "./board";
import { Acts } from "./desk_context";
import type { Question } from "./state";

interface Props {
  board: QuestionBoard;
  all: Map<string, Question>;
}

export function AskNext({ board, all }: Props): VNode {
  const desk = useContext(Acts);
  // As wished until the server has told the new order: a slow link must not look like a refusal.
  const [wished, setWished] = useState<readonly string[] | null>(null);
  const [said, setSaid] = useState("");
  const focus = useRef("");
  const list = useRef<HTMLOListElement>(null);
  const told = board.known.next;
  useEffect(() => setWished(null), [told]);
  const line = (wished ?? told).filter((id) => all.has(id));
  useEffect(() => {
    // Moving an element takes the focus from what is in it.
    if (focus.current) list.current?.querySelector<HTMLElement>(focus.current)?.focus();
    focus.current = "";
  });

  function move(id: string, place: number, button: string): void {
    if (place < 0 || place >= line.length) return;
    const next = line.filter((one) => one !== id);
    next.splice(place, 0, id);
    setWished(next);
    const end = place === 0 ? "down" : place === line.length - 1 ? "up" : button;
    focus.current = `[data-move="${end} ${id}"]`;
    setSaid(t("Now number {number} of {count}", { number: place + 1, count: line.length }));
    void desk.act("LineUpQuestion", { question: id, place }).then((done) => !done && setWished(null));
  }

  if (line.length === 0) {
    return (
      <p class="empty">{t("Nothing is lined up. “Ask next” under a question that is shown puts it here.")}</p>
    );
  }
  return (
    <>
      <ol class="rows desk-line" ref={list}>
        {line.map((id, place) => {
          const question = all.get(id);
          if (!question) return null;
          const about = `line-text-${id}`;
          return (
            <li
              key={id}
              class={question.now ? "question question-now" : "question"}
              onKeyDown={(event) => {
                const step = event.altKey && { ArrowUp: -1, ArrowDown: 1 }[event.key];
                if (!step) return;
                event.preventDefault();
                move(id, place + step, step < 0 ? "up" : "down");
              }}
            >
              <span class="desk-place numbers" aria-hidden="true">
                {place + 1}
              </span>
              <div class="question-body">
                <p class="question-text" id={about}>
                  <bdi>{question.text}</bdi>
                </p>
                <p class="question-line">
                  {question.now && <span class="badge badge-live">{t("Being answered now")}</span>}
                  {question.asker && <bdi>{question.asker}</bdi>}
                  <span>{n("{count} vote", "{count} votes", question.votes)}</span>
                </p>
                <div class="question-acts">
                  <button
                    type="button"
                    class="button button-small button-soft"
                    aria-describedby={about}
                    onClick={() =>
                      void desk.act(question.now ? "AnswerQuestion" : "AnswerNow", {
                        question: id,
                        ...(question.now ? {} : { on: true }),
                      })
                    }
                  >
                    {question.now ? t("Answered live") : t("Answering this now")}
                  </button>
                  <button
                    type="button"
                    class="link-button"
                    aria-describedby={about}
                    onClick={() => void desk.act("LineUpQuestion", { question: id, place: null })}
                  >
                    {t("Out of the line")}
                  </button>
                </div>
              </div>
              <div class="desk-moves">
                <Mover
                  to="up"
                  id={id}
                  about={about}
                  off={place === 0}
                  run={() => move(id, place - 1, "up")}
                />
                <Mover
                  to="down"
                  id={id}
                  about={about}
                  off={place === line.length - 1}
                  run={() => move(id, place + 1, "down")}
                />
              </div>
            </li>
          );
        })}
      </ol>
      <p class="visually-hidden" aria-live="polite">
        {said}
      </p>
    </>
  );
}

interface MoverProps {
  to: "up" | "down";
  id: string;
  about: string;
  off: boolean;
  run: () => void;
}

function Mover({ to, id, about, off, run }: MoverProps): VNode {
  return (
    <button
      type="button"
      class="icon-button"
      data-move={`${to} ${id}`}
      aria-label={to === "up" ? t("Earlier") : t("Later")}
      aria-describedby={about}
      aria-keyshortcuts={to === "up" ? "Alt+ArrowUp" : "Alt+ArrowDown"}
      disabled={off}
      onClick={run}
    >
      <svg
        class="icon"
        viewBox="0 0 24 24"
        aria-hidden="true"
        fill="none"
        stroke="currentColor"
        stroke-width="1.8"
      >
        <path d={to === "up" ? "M12 19V5M6 11l6-6 6 6" : "M12 5v14M6 13l6 6 6-6"} />
      </svg>
    </button>
  );
}
