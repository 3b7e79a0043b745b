// Asking: the form, and the questions that are on their way.

import type { VNode } from "preact";
import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import { Group } from "../later/fetched";
import { n, t } from "../translation";
import type { QuestionBoard } from "./board";
import { Draft } from "./draft";
import { inTheHall } from "./item";
import { NameChoice, useName } from "./name_choice";

const MAX_LENGTH = 600;
const SHOW_LEFT = 120;
/** How long a slow link may keep somebody from asking: the server looks for identifiers as well. */
const PATIENCE_MS = 4_000;

const aid = new Group(() => import("../later/asking"));
const AlreadyAsked = aid.show(({ AlreadyAsked }) => AlreadyAsked);
const IdentifierWarning = aid.show(({ IdentifierWarning }) => IdentifierWarning);

/** The kinds of patient identifiers `text` seems to hold; none where what looks for them cannot be fetched. */
async function identifiersOf(text: string): Promise<string[]> {
  const late = new Promise<null>((resolve) => setTimeout(resolve, PATIENCE_MS, null));
  const parts = await Promise.race([aid.parts().catch(() => null), late]);
  return parts?.identifiersIn(text) ?? [];
}

export function AskForm({ board }: { board: QuestionBoard }): VNode {
  const { account, session } = board.client.options;
  const draft = useMemo(() => new Draft(`majlis-question ${account} ${session}`), [account, session]);
  const [text, setText] = useState(() => draft.read());
  const [touched, setTouched] = useState(false);
  const [error, setError] = useState("");
  const [warned, setWarned] = useState<string[]>([]);
  const { rules } = board.known;
  const choice = useName(board);
  const busy = useRef(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  const { returned } = board;

  useEffect(() => {
    if (!returned) return;
    board.taken();
    setError(returned.message);
    // What was typed since comes first; what came back is put after it, not thrown away.
    type(text.trim() && text.trim() !== returned.text ? `${text.trim()}\n\n${returned.text}` : returned.text);
    choice.choose(returned.name);
  }, [returned]);

  function type(next: string): void {
    setText(next);
    setWarned([]);
    draft.write(next);
  }

  async function submit(event: Event | null, sure = false): Promise<void> {
    event?.preventDefault();
    const question = text.trim();
    setError(question ? "" : t("Write your question first."));
    if (!question || [...question].length > MAX_LENGTH || rules.paused || busy.current) return;
    busy.current = true;
    const found = sure ? [] : await identifiersOf(question);
    busy.current = false;
    setWarned(found);
    if (found.length > 0) return;
    setText("");
    await board.ask({ text: question, ...choice.wish });
    // Safe in the outbox now. What was typed since is the new draft.
    if (draft.read().trim() === question) draft.write("");
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
    <form class="ask" onSubmit={(event) => void submit(event)}>
      <label for={`${id}-text`}>{t("Your question")}</label>
      <textarea
        id={`${id}-text`}
        ref={field}
        dir="auto"
        rows={2}
        value={text}
        placeholder={t("Ask the speakers something")}
        aria-describedby={`${id}-error ${id}-left`}
        aria-invalid={error || left < 0 ? "true" : undefined}
        onFocus={() => setTouched(true)}
        onInput={(event) => {
          setError("");
          type(event.currentTarget.value);
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void submit(event);
        }}
      />
      <p class="field-error" id={`${id}-error`} role="alert">
        {error}
      </p>
      <p class={left < 0 ? "field-error" : "hint"} id={`${id}-left`}>
        {left < 0 && n("{count} letter too long", "{count} letters too long", -left)}
        {left >= 0 && left <= SHOW_LEFT && n("{count} letter left", "{count} letters left", left)}
      </p>
      {rules.until && !rules.paused && (
        <p class="hint">{t("Questions until {time}", { time: inTheHall(rules.until) })}</p>
      )}
      {rules.paused && (
        <p class="hint">{t("Questions are paused. What you write is kept here until they go on.")}</p>
      )}
      {warned.length > 0 ? (
        <IdentifierWarning
          found={warned}
          onChange={() => {
            setWarned([]);
            field.current?.focus();
          }}
          onSend={() => void submit(null, true)}
        />
      ) : (
        <div class="ask-end">
          <NameChoice choice={choice} />
          <button type="submit" class="button" disabled={left < 0 || rules.paused}>
            {t("Ask")}
          </button>
        </div>
      )}
      {touched && <AlreadyAsked board={board} text={text} />}
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
            <span class="badge">{t("On its way")}</span>
            {!online && t("Kept on this device. It will be sent when the connection returns.")}
          </p>
        </li>
      ))}
    </ul>
  );
}
