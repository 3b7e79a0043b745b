// Asking one presenter of the session to answer.

import type { VNode } from "preact";
import { useContext } from "preact/hooks";
import { t } from "../translation";
import type { QuestionBoard } from "./board";
import { Acts } from "./desk_context";
import type { Filed } from "./state";

interface Props {
  board: QuestionBoard;
  filed: Filed;
  onClose: () => void;
}

export function Assigning({ board, filed, onClose }: Props): VNode {
  const desk = useContext(Acts);
  const assign = (person: string | null) =>
    void desk.act("AssignQuestion", { question: filed.id, person }).then((done) => done && onClose());
  const choice = (person: string | null, name: string) => (
    <button
      key={person}
      type="button"
      class="button button-quiet button-small"
      aria-pressed={(filed.assigned?.person ?? null) === person}
      onClick={() => assign(person)}
    >
      <bdi>{name}</bdi>
    </button>
  );
  return (
    <fieldset class="question-writing">
      <legend>{t("Who is asked to answer?")}</legend>
      <div class="question-choices">
        {board.known.panel.map(({ person, name }) => choice(person, name))}
        {choice(null, t("Nobody in particular"))}
      </div>
      <button type="button" class="link-button" onClick={onClose}>
        {t("Cancel")}
      </button>
    </fieldset>
  );
}
