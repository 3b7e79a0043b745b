// Writing a message: to whom, what it answers, names that are mentioned; kept on the device letter by letter.

import type { VNode } from "preact";
import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import { Draft } from "../questions/draft";
import { Said } from "../stage/words";
import { n, t } from "../translation";
import type { ChatBoard } from "./board";
import { Text } from "./message";
import { Names } from "./names";
import {
  type Audience,
  type ChatRules,
  matching,
  mentionedIn,
  type Named,
  nameBeingWritten,
  type View,
} from "./state";

const MAX_LENGTH = 1000;
const SHOW_LEFT = 100;
const LOOK_MS = 400;

/** What a message is about to be: an answer, another text of one's own, or for one person alone. */
export interface Writing {
  reply?: View;
  edit?: View;
  to: Audience;
  person?: Named;
}

interface ComposerProps {
  board: ChatBoard;
  rules: ChatRules | undefined;
  runs: boolean;
  moderates: boolean;
  writing: Writing;
  onWriting: (writing: Writing) => void;
  /** Those who are here, asked for when a name is being written. */
  present: (search: string) => Promise<Named[]>;
}

export function Composer(props: ComposerProps): VNode | null {
  const { board, rules, runs, writing, onWriting } = props;
  const { account, session } = board.client.options;
  const draft = useMemo(() => new Draft(`majlis-chat ${account} ${session} draft`), [account, session]);
  const [text, setText] = useState(() => draft.read());
  const [error, setError] = useState("");
  const [caret, setCaret] = useState(0);
  const [present, setPresent] = useState<Named[]>([]);
  const [closed, setClosed] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  const names = useRef<HTMLUListElement>(null);
  const id = useId(); // unique in one tree of components; a page has several
  const { returned } = board;

  useEffect(() => {
    if (!returned) return;
    board.taken();
    setError(returned.message);
    // What was typed since comes first; what came back is put after it, not thrown away.
    type(text.trim() && text.trim() !== returned.text ? `${text.trim()}\n\n${returned.text}` : returned.text);
  }, [returned]);

  useEffect(() => {
    if (writing.edit) setText(writing.edit.text);
    if (writing.edit || writing.reply || writing.person) area.current?.focus();
  }, [writing.edit?.id, writing.reply?.id, writing.person?.person]);

  // Grows with what is written, up to a third of what can be seen.
  useEffect(() => {
    const field = area.current;
    if (!field) return;
    field.style.blockSize = "auto";
    field.style.blockSize = `${field.scrollHeight + 2}px`;
  }, [text]);

  function type(next: string): void {
    setText(next);
    setClosed(false);
    if (!writing.edit) draft.write(next);
  }

  const being = closed ? null : nameBeingWritten(text, caret);
  const everybody = together(board.people(), present).filter(({ person }) => person !== account);
  const offered = being && writing.to !== "direct" ? matching(everybody, being.name) : [];
  const search = being?.name.trim().slice(0, 20) ?? null;
  const look = (search: string) =>
    // Where nobody is told who is here, those who have written are still known.
    void props.present(search).then(
      (found) => setPresent((before) => together(before, found)),
      () => undefined,
    );
  useEffect(() => {
    if (search === null) return;
    const timer = setTimeout(() => look(search), present.length === 0 ? 0 : LOOK_MS);
    return () => clearTimeout(timer);
  }, [search]);

  function choose({ name }: Named): void {
    if (!being) return;
    const next = `${text.slice(0, being.from)}@${name} ${text.slice(caret)}`;
    type(next);
    const at = being.from + name.length + 2;
    setCaret(at);
    area.current?.focus();
    requestAnimationFrame(() => area.current?.setSelectionRange(at, at));
  }

  function submit(event: Event): void {
    event.preventDefault();
    const message = text.trim();
    if (!message || [...message].length > MAX_LENGTH) return;
    setError("");
    const mentions = mentionedIn(message, everybody);
    const { edit, reply, to, person } = writing;
    if (edit) {
      setText(draft.read());
      onWriting({ to: "room" });
      if (message !== edit.text) void board.edit(edit.id, message, mentions);
      return;
    }
    setText("");
    onWriting({ to, ...(person ? { person } : {}) });
    const about = { ...(reply ? { reply: reply.id } : {}), ...(person ? { person: person.person } : {}) };
    void board.send({ text: message, to, mentions, ...about }).then(() => {
      // Safe in the outbox now. What was typed since is the new draft.
      if (draft.read().trim() === message) draft.write("");
    });
    area.current?.focus();
  }

  const mode = rules?.mode ?? "open";
  if (mode === "off") return <p class="notice chat-notice">{t("The chat of this session is off.")}</p>;
  const left = MAX_LENGTH - [...text.trim()].length;
  const toAll = runs || mode === "open" || mode === "moderators";
  return (
    <form class="chat-write" onSubmit={submit}>
      {!runs && mode === "moderators" && (
        <p class="hint">{t("The chat is frozen: what you write reaches the moderators only.")}</p>
      )}
      {!runs && mode === "read-only" && (
        <p class="hint">{t("This chat is for reading. You can write to the moderators.")}</p>
      )}
      {!runs && (rules?.slow_seconds ?? 0) > 0 && (
        <p class="hint">
          {n(
            "Slow mode: one message in {count} second.",
            "Slow mode: one message in {count} seconds.",
            rules?.slow_seconds ?? 0,
          )}
        </p>
      )}
      <About writing={writing} onWriting={onWriting} onCancelEdit={() => setText(draft.read())} />
      {!writing.edit && (
        <p class={writing.to === "room" && toAll ? "chat-to chat-to-all" : "chat-to"}>
          <label for={`chat${id}-to`}>{t("To")}</label>
          <select
            id={`chat${id}-to`}
            value={writing.person ? `person ${writing.person.person}` : toAll ? writing.to : "desk"}
            onFocus={() => rules?.direct && look("")}
            onChange={({ currentTarget: { value } }) => onWriting(addressed(writing, value, everybody))}
          >
            {toAll && <option value="room">{t("Everybody")}</option>}
            <option value="desk">{t("Moderators only")}</option>
            {rules?.direct && (
              <optgroup label={t("One person alone")}>
                {together(everybody, writing.person ? [writing.person] : [])
                  .filter(({ person }) => !board.blocked.includes(person))
                  .map(({ person, name }) => (
                    <option key={person} value={`person ${person}`}>
                      {`\u2068${name}\u2069`}
                    </option>
                  ))}
              </optgroup>
            )}
          </select>
        </p>
      )}
      {writing.to === "direct" && (
        <p class="hint">{t("Organizers and moderators cannot read this in Majlis.")}</p>
      )}
      <Names
        people={offered}
        list={names}
        onChoose={choose}
        onClose={() => {
          setClosed(true);
          area.current?.focus();
        }}
      />
      <div class="chat-row">
        <label class="visually-hidden" for={`chat${id}-text`}>
          {t("Your message")}
        </label>
        <textarea
          id={`chat${id}-text`}
          ref={area}
          dir="auto"
          rows={1}
          value={text}
          placeholder={t("Write a message")}
          aria-describedby={`chat${id}-error`}
          aria-invalid={error || left < 0 ? "true" : undefined}
          onInput={({ currentTarget }) => {
            setError("");
            setCaret(currentTarget.selectionStart);
            type(currentTarget.value);
          }}
          onSelect={({ currentTarget }) => setCaret(currentTarget.selectionStart)}
          onKeyDown={(event) => {
            const best = offered[0];
            if (best && event.key === "ArrowDown") {
              event.preventDefault();
              names.current?.querySelector("button")?.focus();
            } else if (
              best &&
              being?.name &&
              (event.key === "Enter" || event.key === "Tab") &&
              !event.shiftKey
            ) {
              event.preventDefault();
              choose(best);
            } else if (event.key === "Escape" && offered.length > 0) setClosed(true);
            else if (event.key === "Escape" && (writing.edit || writing.reply)) {
              if (writing.edit) setText(draft.read());
              onWriting({ to: "room" });
            } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing && sendsByEnter())
              submit(event);
          }}
        />
        <button type="submit" class="button" disabled={left < 0}>
          {writing.edit ? t("Save") : t("Send")}
        </button>
      </div>
      <p class="field-error" id={`chat${id}-error`} role="alert">
        {error || (left < 0 ? n("{count} letter too long", "{count} letters too long", -left) : "")}
      </p>
      {left >= 0 && left <= SHOW_LEFT && (
        <p class="hint">{n("{count} letter left", "{count} letters left", left)}</p>
      )}
    </form>
  );
}

/** What is answered or edited, and the way out of it. */
function About(props: {
  writing: Writing;
  onWriting: (writing: Writing) => void;
  onCancelEdit: () => void;
}): VNode | null {
  const { reply, edit, to, person } = props.writing;
  const about = edit ?? reply;
  if (!about) return null;
  return (
    <div class="chat-about">
      <p class="chat-quote">
        <span>
          {edit ? t("Edit your message") : <Said text={t("Reply to {name}")} name={about.name ?? ""} />}
        </span>{" "}
        <bdi>
          <Text message={about} links={false} />
        </bdi>
      </p>
      <button
        type="button"
        class="button button-quiet button-small"
        onClick={() => {
          if (edit) props.onCancelEdit();
          props.onWriting(edit || !person ? { to: edit ? "room" : to } : { to, person });
        }}
      >
        {t("Cancel")}
      </button>
    </div>
  );
}

function addressed(writing: Writing, value: string, people: readonly Named[]): Writing {
  const reply = writing.reply ? { reply: writing.reply } : {};
  const person = people.find((each) => `person ${each.person}` === value) ?? writing.person;
  if (value === "room" || value === "desk") return { to: value, ...reply };
  return person ? { to: "direct", person, ...reply } : writing;
}

function together(some: readonly Named[], others: readonly Named[]): Named[] {
  const found = new Map([...some, ...others].map((each) => [each.person, each]));
  return [...found.values()];
}

/** With a keyboard of keys Enter sends; on glass it begins a new line, and the button sends. */
function sendsByEnter(): boolean {
  return matchMedia("(pointer: fine)").matches;
}
