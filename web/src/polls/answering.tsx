// Answering one poll: what to tap or write for its kind, one button, and where the answer is.

import type { VNode } from "preact";
import { useEffect, useId, useMemo, useState } from "preact/hooks";
import { Draft } from "../questions/draft";
import { n, t } from "../translation";
import { stepText } from "./bars";
import type { Mine, PollBoard } from "./board";
import { Ordering } from "./ordering";
import { type Answer, isScale, type ShownPoll } from "./wire";

const MAX_TEXT = 120;

interface AnsweringProps {
  board: PollBoard;
  poll: ShownPoll;
  mine: Mine;
}

export function Answering({ board, poll, mine }: AnsweringProps): VNode {
  const before = JSON.stringify(mine.answer);
  const draft = useMemo(() => new Draft(`majlis-poll ${board.client.options.account} ${poll.id}`), [poll.id]);
  const [answer, setAnswer] = useState<Answer>(() => mine.answer ?? drafted(draft) ?? {});
  // An answer that came from another device, or after a reload, is what the form begins with.
  useEffect(() => {
    if (mine.answer) setAnswer(mine.answer);
  }, [before]);
  const [asked, setAsked] = useState("");
  const id = useId();

  if (mine.standing === "elsewhere") {
    return (
      <p class="notice">
        {t(
          "You have answered on another device. Only there can the answer be seen and changed, because nobody else knows which one is yours.",
        )}
      </p>
    );
  }

  function choose(next: Answer): void {
    setAsked("");
    setAnswer(next);
    if (poll.kind === "text") draft.write(JSON.stringify(next));
  }

  function submit(event: Event): void {
    event.preventDefault();
    const wrong = missing(poll, answer);
    setAsked(wrong);
    if (wrong) return;
    void board.answer(poll, whole(poll, answer)).then(() => draft.write(""));
  }

  const changed = JSON.stringify(whole(poll, answer)) !== before;
  return (
    <form class="poll-form" onSubmit={submit}>
      <p class="poll-manner">
        {poll.anonymous
          ? t("Without names: nobody can see who answered what.")
          : t("With names: those who run the session see who answered what. The room does not.")}
      </p>
      <Field poll={poll} answer={answer} choose={choose} id={id} />
      <p class="field-error" role="alert" id={`${id}-error`}>
        {asked || mine.trouble}
      </p>
      <div class="poll-form-end">
        <button
          type="submit"
          class="button"
          aria-describedby={`${id}-error`}
          disabled={!changed && mine.standing !== "none"}
        >
          {mine.standing === "none" ? t("Answer") : t("Change my answer")}
        </button>
        <p class="poll-standing" role="status">
          {standingWords(mine, changed)}
        </p>
      </div>
    </form>
  );
}

function standingWords({ standing }: Mine, changed: boolean): string {
  if (standing === "sending") return t("Sending…");
  if (standing === "kept") return t("Kept on this device. It will be sent when the connection returns.");
  if (standing === "counted" && !changed)
    return t("Your answer counts. You can change it while the poll is open.");
  return "";
}

interface FieldProps {
  poll: ShownPoll;
  answer: Answer;
  choose: (answer: Answer) => void;
  id: string;
}

function Field({ poll, answer, choose, id }: FieldProps): VNode {
  if (poll.kind === "text") {
    const text = answer.text ?? "";
    const left = MAX_TEXT - [...text].length;
    return (
      <div class="field">
        <label for={`${id}-text`} class="visually-hidden">
          {t("Your answer")}
        </label>
        <input
          id={`${id}-text`}
          dir="auto"
          type="text"
          value={text}
          placeholder={t("Your answer, in a few words")}
          aria-describedby={`${id}-left`}
          onInput={(event) => choose({ text: event.currentTarget.value })}
        />
        <p class={left < 0 ? "field-error" : "hint"} id={`${id}-left`}>
          {left < 0 && n("{count} letter too long", "{count} letters too long", -left)}
          {left >= 0 && left <= 30 && n("{count} letter left", "{count} letters left", left)}
        </p>
      </div>
    );
  }
  if (poll.kind === "ordering") return <Ordering poll={poll} answer={answer} choose={choose} />;
  if (isScale(poll.kind)) return <Scale poll={poll} answer={answer} choose={choose} id={id} />;
  const several = poll.kind === "multiple";
  const chosen = answer.choices ?? [];
  return (
    <fieldset class="poll-options">
      <legend class={several ? "hint" : "visually-hidden"}>
        {several ? howMany(poll) : t("Choose one option")}
      </legend>
      {(poll.options ?? []).map((option) => (
        <label class="poll-option" key={option.id}>
          <input
            type={several ? "checkbox" : "radio"}
            name={id}
            checked={chosen.includes(option.id)}
            onChange={(event) => {
              const rest = several ? chosen.filter((each) => each !== option.id) : [];
              choose({ choices: event.currentTarget.checked ? [...rest, option.id] : rest });
            }}
          />
          <span class="poll-option-text">
            <bdi>{option.text}</bdi>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function Scale({ poll, answer, choose, id }: FieldProps): VNode {
  const steps = Array.from({ length: poll.points ?? 0 }, (_, at) => at + 1);
  return (
    <fieldset class="poll-scale">
      <legend class="visually-hidden">{t("Choose a step of the scale")}</legend>
      <div class="poll-steps">
        {steps.map((step) => (
          <label class="poll-step" key={step}>
            <input
              type="radio"
              name={id}
              aria-label={stepText(poll, step)}
              checked={answer.value === step}
              onChange={() => choose({ value: step })}
            />
            <span class="numbers" aria-hidden="true">
              {poll.kind === "rating" && (
                <span class="poll-star">{step <= (answer.value ?? 0) ? "★" : "☆"}</span>
              )}
              {step}
            </span>
          </label>
        ))}
      </div>
      {(poll.low || poll.high) && (
        <p class="poll-ends" aria-hidden="true">
          <bdi>{poll.low}</bdi>
          <bdi>{poll.high}</bdi>
        </p>
      )}
    </fieldset>
  );
}

export function howMany({ least = 1, most = 1 }: ShownPoll): string {
  if (least === most) return n("Choose {count} option", "Choose {count} options", least);
  if (least === 1) return n("Choose up to {count} option", "Choose up to {count} options", most);
  return t("Choose {least} to {most} options", { least, most });
}

/** What is still missing from an answer, in words; empty when it can be sent. */
function missing(poll: ShownPoll, answer: Answer): string {
  if (poll.kind === "text") {
    const length = [...(answer.text ?? "").trim()].length;
    return length === 0
      ? t("Write your answer first.")
      : length > MAX_TEXT
        ? t("Please shorten your answer.")
        : "";
  }
  if (isScale(poll.kind)) return answer.value ? "" : t("Choose a step of the scale first.");
  if (poll.kind === "ordering") return "";
  const count = answer.choices?.length ?? 0;
  const { least = 1, most = 1 } = poll;
  return count < least || count > most ? (most > 1 ? howMany(poll) : t("Choose one option first.")) : "";
}

/** The answer in the one way in which it is sent, so that the same choices are the same answer. */
function whole(poll: ShownPoll, answer: Answer): Answer {
  if (poll.kind === "text") return { text: (answer.text ?? "").trim() };
  if (isScale(poll.kind)) return { value: answer.value ?? 0 };
  const all = (poll.options ?? []).map((option) => option.id);
  const chosen = answer.choices ?? [];
  if (poll.kind === "ordering") return { choices: chosen.length === all.length ? chosen : all };
  return { choices: all.filter((id) => chosen.includes(id)) };
}

function drafted(draft: Draft): Answer | null {
  try {
    return JSON.parse(draft.read() || "null") as Answer | null;
  } catch {
    return null;
  }
}
