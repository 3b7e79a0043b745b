// Finding a question among many: by words in any spelling, by what was noted about it.

import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { t } from "../translation";
import type { QuestionBoard } from "./board";
import { folded, holds } from "./folding";
import type { Found, Question } from "./state";
import { tagsOf } from "./tagging";

/** `only`: "", "flagged", "mine", "unassigned", "edited", or `tag ` and a tag. */
export interface Search {
  words: string;
  only: string;
}

const PAUSE_MS = 600;

/** Whether the desk shows a question for this search. */
export function chooses(board: QuestionBoard, question: Question, { words, only }: Search): boolean {
  const filed = board.known.filed.get(question.id);
  if (!filed) return false;
  const wanted = folded(words);
  const { original, asker, pseudonym, answer, tags = [], assigned } = filed;
  const texts = [filed.text, original, asker, pseudonym, answer, ...tags].filter(Boolean).join(" ");
  if (wanted && !holds(folded(texts), wanted)) return false;
  switch (only) {
    case "":
      return true;
    case "flagged":
      return (filed.flags?.length ?? 0) > 0;
    case "mine":
      return assigned?.person === board.client.options.account;
    case "unassigned":
      return assigned === undefined;
    case "edited":
      return original !== undefined;
    default:
      return tags.includes(only.slice("tag ".length));
  }
}

interface Props {
  board: QuestionBoard;
  search: Search;
  onSearch: (search: Search) => void;
}

export function DeskSearch({ board, search, onSearch }: Props): VNode {
  const incomplete = Object.values(board.known.more).some((count) => count > 0);
  useEffect(() => {
    // What the first telling left out is searched by the server.
    if (!search.words.trim() || !incomplete) return;
    const timer = setTimeout(() => {
      void board.client.send("SearchQuestions", { text: search.words.trim() }).then(
        (reply) => board.find(reply as Found),
        () => undefined, // what the device knows is shown meanwhile
      );
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [search.words, incomplete]);
  return (
    <search class="desk-search">
      <input
        type="search"
        dir="auto"
        aria-label={t("Search the questions")}
        placeholder={t("Search the questions")}
        value={search.words}
        onInput={(event) => onSearch({ ...search, words: event.currentTarget.value })}
      />
      <select
        aria-label={t("Which questions")}
        value={search.only}
        onChange={(event) => onSearch({ ...search, only: event.currentTarget.value })}
      >
        <option value="">{t("All questions")}</option>
        <option value="flagged">{t("May tell who a patient is")}</option>
        <option value="unassigned">{t("Assigned to nobody")}</option>
        <option value="mine">{t("Assigned to me")}</option>
        <option value="edited">{t("Edited")}</option>
        {tagsOf(board).map((tag) => (
          <option key={tag} value={`tag ${tag}`}>
            {t("Tag: {tag}", { tag })}
          </option>
        ))}
      </select>
    </search>
  );
}
