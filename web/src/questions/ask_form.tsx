// Asking: the form, and the questions that are on their way.

import type { VNode } from "preact";
import { useEffect, useId, useMemo, useState } from "preact/hooks";
import { n, t } from "../translation";
import type { QuestionBoard } from "./board";
import { Draft } from "./draft";

const MAX_LENGTH = 600;
const SHOW_LEFT = 120;

export function AskForm({ board }: { board: QuestionBoard }): VNode {
  const { account, session } = board.client.options;
  const draft = useMemo(() => new Draft(`majlis-question ${account} ${session}`), [account, session]);
  const [text, setText] = useState(() => draft.read());
  const [anonymous, setAnonymous] = useState(false);
  const [error, setError] = useState("");
  const id = useId();
  const { returned } = board;
  const { rules } = board.known;

  useEffect(() => {
    if (!returned) return;
    board.taken();
    setError(returned.message);
    // What was typed since comes first; what came back is put after it, not thrown away.
    type(text.trim() && text.trim() !== returned.text ? `${text.trim()}\n\n${returned.text}` : returned.text);
    setAnonymous(returned.anonymous);
  }, [returned]);

  function type(next: string): void {
    setText(next);
    draft.write(next);
  }

  function submit(event: Event): void {
    event.preventDefault();
    const question = text.trim();
    setError(question ? "" : t("Write your question first."));
    if (!question || [...question].length > MAX_LENGTH) return;
    setText("");
    void board.ask(question, anonymous && rules.anonymous_allowed).then(() => {
      // Safe in the outbox now. What was typed since is the new draft.
      if (draft.read().trim() === question) draft.write("");
    });
  }

  if (!rules.open) {
    return (
      <div class="questions-closed">
        <p class="notice">{t("Questions are closed for this session.")}</p>
        {text && (
          <p class="question-text">
            <bdi>{text}</bdi>
          </p>
        )}
      </div>
    );
  }
  const left = MAX_LENGTH - [...text.trim()].length;
  return (
    <form class="ask" onSubmit={submit}>
      <label for={`${id}-text`}>{t("Your question")}</label>
      <textarea
        id={`${id}-text`}
        dir="auto"
        rows={2}
        value={text}
        placeholder={t("Ask the speakers something")}
        aria-describedby={`${id}-error ${id}-left`}
        aria-invalid={error || left < 0 ? "true" : undefined}
        onInput={(event) => {
          setError("");
          type(event.currentTarget.value);
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit(event);
        }}
      />
      <p class="field-error" id={`${id}-error`} role="alert">
        {error}
      </p>
      <p class={left < 0 ? "field-error" : "hint"} id={`${id}-left`}>
        {left < 0 && n("{count} letter too long", "{count} letters too long", -left)}
        {left >= 0 && left <= SHOW_LEFT && n("{count} letter left", "{count} letters left", left)}
      </p>
      <div class="ask-end">
        {rules.anonymous_allowed && (
          <label class="choice">
            <input
              type="checkbox"
              checked={anonymous}
              onChange={(event) => setAnonymous(event.currentTarget.checked)}
            />
            <span>
              {t("Without my name")}
              {anonymous && <span class="hint"> {t("The moderators see it, the room does not.")}</span>}
            </span>
          </label>
        )}
        <button type="submit" class="button" disabled={left < 0}>
          {t("Ask")}
        </button>
      </div>
    </form>
  );
}

/** Questions on this device that the server has not acknowledged. */
export function OnTheirWay({ board }: { board: QuestionBoard }): VNode | null {
  // The event of a question may overtake its acknowledgement: then it is listed already.
  const arrived = new Set([...board.known.own.values()].map(({ text }) => text));
  const unsent = board.unsent().filter(({ text }) => !arrived.has(text));
  if (unsent.length === 0) return null;
  const online = board.client.state === "online";
  return (
    <ul class="rows questions-unsent">
      {unsent.map((question) => (
        <li key={question.client_id} class="question">
          <p class="question-text">
            <bdi>{question.text}</bdi>
          </p>
          <p class="question-line">
            {online ? t("Sending…") : t("Kept on this device. It will be sent when the connection returns.")}
          </p>
        </li>
      ))}
    </ul>
  );
}
