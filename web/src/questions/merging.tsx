// Putting questions together that ask the same: the votes add up, each voter once, and both askers are told.

import type { VNode } from "preact";
import { useContext, useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import { n, t } from "../translation";
import type { QuestionBoard } from "./board";
import { Acts } from "./desk_context";
import { folded, holds } from "./folding";
import { similar } from "./similar";
import type { Found, Question, QuestionStep } from "./state";

/** What another question can be put into. */
const TAKES: QuestionStep[] = ["waiting", "approved", "answered"];
const MOST = 6;

function others(board: QuestionBoard, id: string): Question[] {
  return [...board.questions().values()].filter((one) => one.id !== id && TAKES.includes(one.state));
}

/** The first question that seems to ask the same, offered where the other is decided on. */
export function Proposals({ board, question }: { board: QuestionBoard; question: Question }): VNode | null {
  const desk = useContext(Acts);
  const { filed } = board.known;
  const alike = useMemo(
    () => (question.state === "waiting" ? similar(question.text, others(board, question.id)) : [])[0],
    [question.text, question.state, filed.size],
  );
  if (!alike || !TAKES.includes(filed.get(alike.id)?.state ?? "declined")) return null;
  return (
    <div class="question-alike">
      <p>
        <span class="hint">{t("Much the same:")}</span> <bdi>{alike.text}</bdi>
      </p>
      <button
        type="button"
        class="link-button"
        onClick={() => void desk.act("MergeQuestions", { into: alike.id, questions: [question.id] })}
      >
        {t("Put together")}
      </button>
    </div>
  );
}

interface Props {
  board: QuestionBoard;
  question: Question;
  onClose: () => void;
}

/** Choosing what to put a question together with: the most alike first, or what is searched for. */
export function Merging({ board, question, onClose }: Props): VNode {
  const desk = useContext(Acts);
  const [wanted, setWanted] = useState("");
  const [proposed, setProposed] = useState<string[]>([]);
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  useEffect(() => {
    field.current?.focus();
    const body = { text: question.text.slice(0, 600), but: question.id };
    void board.client.send("FindSimilar", body).then(
      (reply) => {
        const found = reply as Found;
        board.find(found);
        setProposed(found.order ?? []);
      },
      () => undefined, // without a connection the device compares for itself
    );
  }, []);
  const all = others(board, question.id);
  const alike = [...new Set([...proposed, ...similar(question.text, all).map((one) => one.id)])];
  const rank = ({ id: one }: Question) => (alike.includes(one) ? alike.indexOf(one) : alike.length);
  const words = folded(wanted);
  const listed = all
    .filter((one) => (words ? holds(folded(one.text), words) : alike.includes(one.id)))
    .sort((one, other) => rank(one) - rank(other) || other.votes - one.votes)
    .slice(0, MOST);
  const put = (into: string) =>
    void desk.act("MergeQuestions", { into, questions: [question.id] }).then((done) => done && onClose());
  return (
    <div class="question-writing">
      <label for={id}>{t("Put together with")}</label>
      <input
        id={id}
        ref={field}
        type="search"
        dir="auto"
        placeholder={t("Words of the other question")}
        value={wanted}
        onInput={(event) => setWanted(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Escape" && onClose()}
      />
      {listed.length === 0 ? (
        <p class="hint">
          {words ? t("No question has these words.") : t("None seems to ask the same. Search for one.")}
        </p>
      ) : (
        <ul class="question-targets">
          {listed.map((one) => (
            <li key={one.id}>
              <button type="button" onClick={() => put(one.id)}>
                <bdi>{one.text}</bdi>
                <span class="hint">{n("{count} vote", "{count} votes", one.votes)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <button type="button" class="link-button" onClick={onClose}>
        {t("Cancel")}
      </button>
    </div>
  );
}
