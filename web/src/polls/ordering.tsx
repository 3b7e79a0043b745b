// Putting options in order with two buttons each: the same with a thumb, a mouse and keys, and said aloud.

import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../translation";
import type { Answer, ShownPoll } from "./wire";

interface OrderingProps {
  poll: ShownPoll;
  answer: Answer;
  choose: (answer: Answer) => void;
}

export function Ordering({ poll, answer, choose }: OrderingProps): VNode {
  const options = poll.options ?? [];
  const order = answer.choices?.length === options.length ? answer.choices : options.map(({ id }) => id);
  const [said, setSaid] = useState("");
  const list = useRef<HTMLOListElement>(null);
  const [moved, setMoved] = useState<{ id: string; by: number } | null>(null);
  // The button that was pressed went elsewhere with its line; at an end the other one takes over.
  useEffect(() => {
    if (!moved) return;
    const line = list.current?.querySelector(`[data-option="${moved.id}"]`);
    const buttons = [...(line?.querySelectorAll("button") ?? [])];
    const pressed = buttons[moved.by < 0 ? 0 : 1];
    (pressed?.disabled ? buttons.find((button) => !button.disabled) : pressed)?.focus();
  }, [moved]);

  function move(id: string, by: number): void {
    const at = order.indexOf(id);
    const next = order.filter((each) => each !== id);
    next.splice(at + by, 0, id);
    choose({ choices: next });
    setMoved({ id, by });
    const text = options.find((option) => option.id === id)?.text ?? "";
    setSaid(
      t("{option} is now number {place} of {count}", {
        option: text,
        place: at + by + 1,
        count: order.length,
      }),
    );
  }

  return (
    <fieldset class="poll-options">
      <legend class="hint">{t("Put them in your order, the first on top")}</legend>
      <ol class="poll-order" ref={list}>
        {order.map((id, at) => {
          const text = options.find((option) => option.id === id)?.text ?? "";
          return (
            <li key={id} data-option={id}>
              <span class="poll-place numbers">{at + 1}</span>
              <span class="poll-option-text">
                <bdi>{text}</bdi>
              </span>
              <span class="poll-order-acts">
                <button
                  type="button"
                  class="poll-arrow"
                  disabled={at === 0}
                  aria-label={t("Up: {option}", { option: text })}
                  onClick={() => move(id, -1)}
                >
                  ↑
                </button>
                <button
                  type="button"
                  class="poll-arrow"
                  disabled={at === order.length - 1}
                  aria-label={t("Down: {option}", { option: text })}
                  onClick={() => move(id, 1)}
                >
                  ↓
                </button>
              </span>
            </li>
          );
        })}
      </ol>
      <p class="visually-hidden" aria-live="polite">
        {said}
      </p>
    </fieldset>
  );
}
