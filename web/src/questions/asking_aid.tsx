// While somebody writes a question: what others have asked already, and what should not be in it.

import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { n, t } from "../translation";
import type { QuestionBoard } from "./board";
import { VoteButton } from "./item";
import { similar } from "./similar";
import type { Question } from "./state";

const PAUSE_MS = 500;

/** Questions like the one being typed, to vote for instead. Below the form's button, so that it pushes nothing away. */
export function AlreadyAsked({ board, text }: { board: QuestionBoard; text: string }): VNode | null {
  const [settled, setSettled] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const all = [...board.questions().values()];
  const found = text.trim() ? similar(settled, all.filter(isShown)) : [];
  return (
    <>
      {found.length > 0 && (
        <section class="asked-already" aria-label={t("Already asked?")}>
          <h3>{t("Already asked? A vote brings it forward.")}</h3>
          <ul class="rows questions">
            {found.map((question) => (
              <li key={question.id} class="question">
                <div class="question-body">
                  <p class="question-text" id={`asked-text-${question.id}`}>
                    <bdi>{question.text}</bdi>
                  </p>
                  {question.state === "answered" && (
                    <p class="question-line">
                      <span class="badge">{t("Answered")}</span>
                    </p>
                  )}
                </div>
                {question.state === "approved" && (
                  <VoteButton board={board} question={question} about={`asked-text-${question.id}`} />
                )}
              </li>
            ))}
          </ul>
        </section>
      )}
      <p class="visually-hidden" aria-live="polite">
        {found.length > 0 &&
          n(
            "{count} question like yours is asked already",
            "{count} questions like yours are asked already",
            found.length,
          )}
      </p>
    </>
  );
}

const isShown = ({ state, mine }: Question): boolean =>
  !mine && (state === "approved" || state === "answered");

interface WarningProps {
  found: string[];
  onChange: () => void;
  onSend: () => void;
}

/** Before a question with a patient's details is sent. Its writer decides. */
export function IdentifierWarning({ found, onChange, onSend }: WarningProps): VNode {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => place.current?.focus(), []);
  return (
    // biome-ignore lint/a11y/useSemanticElements: not a set of fields, but words and two ways on
    <div
      class="notice notice-warn ask-warning"
      role="group"
      tabIndex={-1}
      ref={place}
      aria-labelledby="ask-warning"
    >
      <p id="ask-warning">
        <b>{t("Could this tell who a patient is?")}</b>
      </p>
      <p>{t("The text seems to hold: {things}.", { things: found.map(identifierWords).join(t(", ")) })}</p>
      <p class="hint">
        {t(
          "Age, sex and findings are enough to ask. Everybody in the room may read it, and it may be recorded.",
        )}
      </p>
      <div class="question-acts">
        <button type="button" class="button button-small" onClick={onChange}>
          {t("Change the text")}
        </button>
        <button type="button" class="button button-quiet button-small" onClick={onSend}>
          {t("Send it as it is")}
        </button>
      </div>
    </div>
  );
}

/** A kind of identifier in words. */
export function identifierWords(kind: string): string {
  switch (kind) {
    case "phone":
      return t("a phone number");
    case "national_id":
      return t("an identity number");
    case "email":
      return t("an e-mail address");
    case "birth_date":
      return t("a date of birth");
    case "patient_name":
      return t("a patient’s name");
    default:
      return t("personal details");
  }
}
