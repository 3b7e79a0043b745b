// The tags of a question: for the desk and the exports.

import type { VNode } from "preact";
import { useContext, useEffect, useId, useRef, useState } from "preact/hooks";
import { t } from "../translation";
import type { QuestionBoard } from "./board";
import { Acts } from "./desk_context";
import type { Filed } from "./state";

const MOST = 8;

/** Every tag in use in the session, once. */
export function tagsOf(board: QuestionBoard): string[] {
  return [...new Set([...board.known.filed.values()].flatMap(({ tags }) => tags ?? []))].sort();
}

interface Props {
  board: QuestionBoard;
  filed: Filed;
  onClose: () => void;
}

export function Tagging({ board, filed, onClose }: Props): VNode {
  const desk = useContext(Acts);
  const [chosen, setChosen] = useState(filed.tags ?? []);
  const [typed, setTyped] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  useEffect(() => field.current?.focus(), []);
  const known = [...new Set([...tagsOf(board), ...chosen])];
  const turn = (tag: string) =>
    setChosen(chosen.includes(tag) ? chosen.filter((one) => one !== tag) : [...chosen, tag]);
  async function save(event: Event): Promise<void> {
    event.preventDefault();
    const added = typed
      .split(/[,،]/)
      .map((tag) => tag.trim())
      .filter(Boolean);
    const tags = [...new Set([...chosen, ...added])].slice(0, MOST);
    if (await desk.act("TagQuestion", { question: filed.id, tags })) onClose();
  }
  return (
    <form class="question-writing" onSubmit={(event) => void save(event)}>
      {known.length > 0 && (
        <fieldset class="question-choices">
          <legend class="visually-hidden">{t("Tags in use")}</legend>
          {known.map((tag) => (
            <button
              key={tag}
              type="button"
              class="button button-quiet button-small"
              aria-pressed={chosen.includes(tag)}
              onClick={() => turn(tag)}
            >
              <bdi>{tag}</bdi>
            </button>
          ))}
        </fieldset>
      )}
      <label for={id}>{t("New tags, with commas between them")}</label>
      <input
        id={id}
        ref={field}
        dir="auto"
        maxLength={120}
        value={typed}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Escape" && onClose()}
      />
      <div class="question-acts">
        <button type="submit" class="button button-small">
          {t("Save the tags")}
        </button>
        <button type="button" class="link-button" onClick={onClose}>
          {t("Cancel")}
        </button>
      </div>
    </form>
  );
}
