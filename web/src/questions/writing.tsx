// Writing something about a question, in its place: nothing opens over the room, and nothing typed is lost.

import type { ComponentChildren, VNode } from "preact";
import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import { t } from "../translation";
import { Draft } from "./draft";

interface WritingProps {
  label: string;
  button: string;
  /** The name it is kept under on the device until it is sent. */
  draft: string;
  before: string;
  needed?: boolean;
  rows?: number;
  /** Words that are often needed, to begin with. */
  ready?: string[];
  children?: ComponentChildren;
  onClose: () => void;
  onSend: (text: string) => Promise<boolean>;
}

export function Writing(props: WritingProps): VNode {
  const draft = useMemo(() => new Draft(props.draft), [props.draft]);
  const [text, setText] = useState(() => draft.read() || props.before);
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  useEffect(() => field.current?.focus(), []);

  function type(next: string): void {
    setText(next);
    draft.write(next);
  }

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
        rows={props.rows ?? 2}
        value={text}
        required={props.needed ?? false}
        onInput={(event) => type(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") props.onClose();
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void submit(event);
        }}
      />
      {props.ready && (
        <div class="question-ready">
          {props.ready.map((words) => (
            <button
              key={words}
              type="button"
              onClick={() => {
                type(words);
                field.current?.focus();
              }}
            >
              {words}
            </button>
          ))}
        </div>
      )}
      {props.children}
      <div class="question-acts">
        <button type="submit" class="button button-small" disabled={busy}>
          {props.button}
        </button>
        <button type="button" class="link-button" onClick={props.onClose}>
          {t("Cancel")}
        </button>
        {busy && <OnItsWay />}
      </div>
    </form>
  );
}

/** Said only after a moment: most answers are there before it could be read. */
export function OnItsWay(): VNode | null {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 700);
    return () => clearTimeout(timer);
  }, []);
  return late ? <span class="hint">{t("On its way")}</span> : null;
}
