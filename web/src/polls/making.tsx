// Writing a poll: on the spot, or a draft anew. What is typed is kept on the device until it is saved.

import type { VNode } from "preact";
import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import { Draft } from "../questions/draft";
import { t } from "../translation";
import type { PollBoard } from "./board";
import { kindWords } from "./kinds";
import { type FiledPoll, hasOptions, isScale, type Kind, type Results, type Words } from "./wire";

const KINDS: Kind[] = ["single", "multiple", "likert", "rating", "ordering", "text", "quiz"];
const MOST: Record<string, number> = { ordering: 8 };

const blank: Words = {
  kind: "single",
  question: "",
  options: ["", "", ""],
  least: 1,
  most: 0,
  points: 5,
  low: "",
  high: "",
  right: [],
  anonymous: true,
  results: "on-close",
};

interface PollFormProps {
  board: PollBoard;
  poll?: FiledPoll;
  onClose: () => void;
}

export function PollForm({ board, poll, onClose }: PollFormProps): VNode {
  const { account, session } = board.client.options;
  const draft = useMemo(() => new Draft(`majlis-new-poll ${account} ${poll?.id ?? session}`), [poll?.id]);
  const [words, setWords] = useState<Words>(() => kept(draft) ?? (poll ? wordsOf(poll) : blank));
  const [version] = useState(poll?.version);
  const [busy, setBusy] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const id = useId();

  function change(more: Partial<Words>): void {
    setWords((before) => {
      const next = { ...before, ...more };
      draft.write(JSON.stringify(next));
      return next;
    });
  }

  async function save(event: Event, open: boolean): Promise<void> {
    event.preventDefault();
    setBusy(true);
    const sent = cleaned(words);
    const reply = poll
      ? await board.act("EditPoll", { poll: poll.id, version, words: sent })
      : await board.act("MakePoll", { words: sent, open });
    setBusy(false);
    if (!reply) return;
    draft.write("");
    onClose();
  }

  return (
    <form class="poll poll-making" onSubmit={(event) => void save(event, false)}>
      <h2 ref={heading} tabIndex={-1}>
        {poll ? t("Change the draft") : t("New poll")}
      </h2>
      <div class="field">
        <label for={`${id}-kind`}>{t("Kind")}</label>
        <select
          id={`${id}-kind`}
          value={words.kind}
          onChange={(event) => change({ kind: event.currentTarget.value as Kind })}
        >
          {KINDS.map((kind) => (
            <option key={kind} value={kind}>
              {kindWords(kind)}
            </option>
          ))}
        </select>
      </div>
      <div class="field">
        <label for={`${id}-question`}>{t("What is asked")}</label>
        <textarea
          id={`${id}-question`}
          dir="auto"
          rows={2}
          maxLength={300}
          value={words.question}
          onInput={(event) => change({ question: event.currentTarget.value })}
        />
      </div>
      {hasOptions(words.kind) && <Options words={words} change={change} id={id} />}
      {isScale(words.kind) && <ScaleFields words={words} change={change} id={id} />}
      {words.kind === "multiple" && <Bounds words={words} change={change} id={id} />}
      <label class="choice">
        <input
          type="checkbox"
          checked={words.anonymous}
          onChange={(event) => change({ anonymous: event.currentTarget.checked })}
        />
        <span>
          {t("Without names")}
          <span class="hint">
            {" "}
            {words.anonymous
              ? t("Nobody can see who answered what.")
              : t("You and the export show who answered what; the room does not.")}
          </span>
        </span>
      </label>
      <div class="field">
        <label for={`${id}-results`}>{t("The room sees the results")}</label>
        <select
          id={`${id}-results`}
          value={words.results}
          onChange={(event) => change({ results: event.currentTarget.value as Results })}
        >
          <option value="on-close">{t("when the poll closes")}</option>
          <option value="live">{t("while it is open")}</option>
          <option value="by-hand">{t("only when I show them")}</option>
        </select>
      </div>
      {board.trouble && (
        <p class="field-error" role="alert">
          {board.trouble}
        </p>
      )}
      <div class="form-actions">
        {!poll && (
          <button type="button" class="button" disabled={busy} onClick={(event) => void save(event, true)}>
            {t("Open now")}
          </button>
        )}
        <button type="submit" class={poll ? "button" : "button button-quiet"} disabled={busy}>
          {poll ? t("Save") : t("Save as a draft")}
        </button>
        <button type="button" class="link-button" onClick={onClose}>
          {t("Cancel")}
        </button>
      </div>
    </form>
  );
}

interface FieldsProps {
  words: Words;
  change: (more: Partial<Words>) => void;
  id: string;
}

function Options({ words, change, id }: FieldsProps): VNode {
  const { options, right, kind } = words;
  const quiz = kind === "quiz";
  const put = (at: number, text: string) =>
    change({ options: options.map((each, place) => (place === at ? text : each)) });
  return (
    <fieldset class="poll-option-fields">
      <legend>{quiz ? t("Options; mark the right one") : t("Options")}</legend>
      {options.map((text, at) => (
        // Their place is all that tells empty ones apart.
        <div class="poll-option-field" key={at}>
          {quiz && (
            <input
              type="checkbox"
              aria-label={t("Option {number} is right", { number: at + 1 })}
              checked={right.includes(at)}
              onChange={(event) =>
                change({
                  right: event.currentTarget.checked ? [...right, at] : right.filter((each) => each !== at),
                })
              }
            />
          )}
          <input
            id={`${id}-option-${at}`}
            type="text"
            dir="auto"
            maxLength={120}
            aria-label={t("Option {number}", { number: at + 1 })}
            value={text}
            onInput={(event) => put(at, event.currentTarget.value)}
          />
        </div>
      ))}
      {options.length < (MOST[kind] ?? 12) && (
        <button type="button" class="link-button" onClick={() => change({ options: [...options, ""] })}>
          {t("One more option")}
        </button>
      )}
    </fieldset>
  );
}

function ScaleFields({ words, change, id }: FieldsProps): VNode {
  const [least, most] = words.kind === "likert" ? [3, 7] : [3, 10];
  return (
    <>
      <div class="field field-short">
        <label for={`${id}-points`}>
          {words.kind === "likert" ? t("Steps, 3 to 7") : t("Stars, 3 to 10")}
        </label>
        <input
          id={`${id}-points`}
          type="number"
          inputMode="numeric"
          dir="ltr"
          min={least}
          max={most}
          value={words.points}
          onInput={(event) => change({ points: Number(event.currentTarget.value) })}
        />
      </div>
      {words.kind === "likert" && (
        <div class="poll-pair">
          <div class="field">
            <label for={`${id}-low`}>{t("At step 1 stands")}</label>
            <input
              id={`${id}-low`}
              dir="auto"
              maxLength={60}
              value={words.low}
              onInput={(event) => change({ low: event.currentTarget.value })}
            />
          </div>
          <div class="field">
            <label for={`${id}-high`}>{t("At the last step stands")}</label>
            <input
              id={`${id}-high`}
              dir="auto"
              maxLength={60}
              value={words.high}
              onInput={(event) => change({ high: event.currentTarget.value })}
            />
          </div>
        </div>
      )}
    </>
  );
}

function Bounds({ words, change, id }: FieldsProps): VNode {
  return (
    <div class="poll-pair">
      <div class="field">
        <label for={`${id}-least`}>{t("At least so many")}</label>
        <input
          id={`${id}-least`}
          type="number"
          inputMode="numeric"
          dir="ltr"
          min={1}
          max={12}
          value={words.least}
          onInput={(event) => change({ least: Number(event.currentTarget.value) })}
        />
      </div>
      <div class="field">
        <label for={`${id}-most`}>{t("At most so many (0: all)")}</label>
        <input
          id={`${id}-most`}
          type="number"
          inputMode="numeric"
          dir="ltr"
          min={0}
          max={12}
          value={words.most}
          onInput={(event) => change({ most: Number(event.currentTarget.value) })}
        />
      </div>
    </div>
  );
}

/** What fits the type of the message; the server says in words what else is wrong. */
function cleaned(words: Words): Words {
  const number = (value: number) => (Number.isInteger(value) && value >= 0 && value <= 100 ? value : 0);
  return {
    ...words,
    options: hasOptions(words.kind) ? words.options : [],
    least: number(words.least),
    most: number(words.most),
    points: number(words.points),
    right: words.kind === "quiz" ? words.right : [],
  };
}

function wordsOf(poll: FiledPoll): Words {
  const options = poll.options ?? [];
  return {
    ...blank,
    kind: poll.kind,
    question: poll.question,
    options: options.length > 0 ? options.map(({ text }) => text) : blank.options,
    least: poll.least ?? 1,
    most: poll.kind === "multiple" ? (poll.most ?? 1) : 0,
    points: poll.points ?? blank.points,
    low: poll.low ?? "",
    high: poll.high ?? "",
    right: options.flatMap(({ id }, at) => (poll.right?.includes(id) ? [at] : [])),
    anonymous: poll.anonymous ?? false,
    results: poll.results,
  };
}

function kept(draft: Draft): Words | null {
  try {
    const read = JSON.parse(draft.read() || "null") as Partial<Words> | null;
    return read && { ...blank, ...read };
  } catch {
    return null;
  }
}
