// What moderators do with a question, in its place: nothing opens over the room.

import type { VNode } from "preact";
import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import { t } from "../translation";
import type { QuestionBoard } from "./board";
import { Draft } from "./draft";
import type { Question, Rules } from "./state";

type Open = "answer" | "decline" | null;

export function Moderating({ board, question }: { board: QuestionBoard; question: Question }): VNode {
  const [open, setOpen] = useState<Open>(null);
  const [busy, setBusy] = useState(false);
  const { id, state } = question;
  const visible = state === "approved" || state === "answered";

  async function act(type: string, body: Record<string, unknown> = {}): Promise<boolean> {
    setBusy(true);
    const reply = await board.act(type, { question: id, ...body });
    setBusy(false);
    return reply !== null;
  }

  if (open === "answer") {
    return (
      <Writing
        label={t("Written answer")}
        button={t("Publish the answer")}
        draft={`majlis-answer ${id}`}
        before={question.answer}
        needed
        onClose={() => setOpen(null)}
        onSend={(text) => act("AnswerQuestion", { text })}
      />
    );
  }
  if (open === "decline") {
    return (
      <Writing
        label={t("Why? Only the person who asked will read it.")}
        button={t("Decline")}
        draft={`majlis-decline ${id}`}
        before=""
        onClose={() => setOpen(null)}
        onSend={(reason) => act("DeclineQuestion", { reason })}
      />
    );
  }
  return (
    <div class="question-acts">
      {(state === "waiting" || state === "declined") && (
        <button
          type="button"
          class="button button-small button-soft"
          disabled={busy}
          onClick={() => void act("ApproveQuestion")}
        >
          {state === "waiting" ? t("Approve") : t("Approve after all")}
        </button>
      )}
      {state === "approved" && (
        <button
          type="button"
          class="button button-small button-soft"
          disabled={busy}
          onClick={() => void act("AnswerQuestion")}
        >
          {t("Answered live")}
        </button>
      )}
      {state !== "declined" && (
        <button type="button" class="link-button" disabled={busy} onClick={() => setOpen("answer")}>
          {state === "answered" && question.answer ? t("Change the answer") : t("Answer in writing")}
        </button>
      )}
      {visible && (
        <button
          type="button"
          class="link-button"
          disabled={busy}
          onClick={() => void act("PinQuestion", { pinned: !question.pinned })}
        >
          {question.pinned ? t("Unpin") : t("Pin")}
        </button>
      )}
      {state !== "declined" && (
        <button type="button" class="link-button" disabled={busy} onClick={() => setOpen("decline")}>
          {state === "waiting" ? t("Decline…") : t("Take down…")}
        </button>
      )}
      {question.undoable && (
        <button
          type="button"
          class="link-button"
          disabled={busy}
          onClick={() => void act("UndoModeration", { version: question.version })}
        >
          {t("Undo")}
        </button>
      )}
    </div>
  );
}

interface WritingProps {
  label: string;
  button: string;
  draft: string;
  before: string;
  needed?: boolean;
  onClose: () => void;
  onSend: (text: string) => Promise<boolean>;
}

function Writing(props: WritingProps): VNode {
  const draft = useMemo(() => new Draft(props.draft), [props.draft]);
  const [text, setText] = useState(() => draft.read() || props.before);
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  useEffect(() => field.current?.focus(), []);

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    if (props.needed && !text.trim()) return field.current?.focus();
    setBusy(true);
    const done = await props.onSend(text.trim());
    setBusy(false);
    if (!done) return;
    draft.write("");
    props.onClose();
  }

  return (
    <form class="question-writing" onSubmit={(event) => void submit(event)}>
      <label for={id}>{props.label}</label>
      <textarea
        id={id}
        ref={field}
        dir="auto"
        rows={2}
        value={text}
        required={props.needed ?? false}
        onInput={(event) => {
          setText(event.currentTarget.value);
          draft.write(event.currentTarget.value);
        }}
        onKeyDown={(event) => {
          if (event.key === "Escape") props.onClose();
        }}
      />
      <div class="question-acts">
        <button type="submit" class="button button-small" disabled={busy}>
          {props.button}
        </button>
        <button type="button" class="link-button" onClick={props.onClose}>
          {t("Cancel")}
        </button>
      </div>
    </form>
  );
}

/** How questions may be asked in this session; each switch takes effect at once. */
export function RulesOfAsking({ board }: { board: QuestionBoard }): VNode {
  // Shown as wished until the server has answered: a slow link must not look like a refusal.
  const [wished, setWished] = useState<Partial<Rules>>({});
  const rules = { ...board.known.rules, ...wished };
  async function change(changed: Partial<Rules>): Promise<void> {
    setWished((before) => ({ ...before, ...changed }));
    await board.act("ChangeQuestionRules", changed);
    setWished((before) => Object.fromEntries(Object.entries(before).filter(([name]) => !(name in changed))));
  }
  return (
    <details class="question-rules">
      <summary>{t("How questions are asked here")}</summary>
      <Switch on={rules.open} onChange={(open) => void change({ open })}>
        {t("Questions are open")}
      </Switch>
      <Switch on={rules.moderated} onChange={(moderated) => void change({ moderated })}>
        {t("A moderator approves each question first")}
      </Switch>
      <Switch
        on={rules.anonymous_allowed}
        onChange={(anonymous_allowed) => void change({ anonymous_allowed })}
      >
        {t("People may ask without their name")}
      </Switch>
    </details>
  );
}

interface SwitchProps {
  on: boolean;
  onChange: (on: boolean) => void;
  children: string;
}

function Switch({ on, onChange, children }: SwitchProps): VNode {
  return (
    <label class="choice">
      <input type="checkbox" checked={on} onChange={(event) => onChange(event.currentTarget.checked)} />
      <span>{children}</span>
    </label>
  );
}
