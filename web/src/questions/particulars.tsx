// What only moderators read of a question.

import type { VNode } from "preact";
import { t } from "../translation";
import { identifierWords } from "./asking_aid";
import type { QuestionBoard } from "./board";
import { inTheHall } from "./item";
import type { Filed } from "./state";

export function Particulars({ board, filed }: { board: QuestionBoard; filed: Filed }): VNode {
  const { flags, tags, assigned, original, arrived_at, person } = filed;
  const line = board.known.next.indexOf(filed.id);
  const blocked = board.known.blocked.some((one) => one.person === person);
  return (
    <>
      {flags && flags.length > 0 && (
        <p class="question-flag">
          {t("May tell who a patient is: {things}.", { things: flags.map(identifierWords).join(t(", ")) })}
        </p>
      )}
      <p class="question-line question-particulars">
        {line >= 0 && (
          <span class="badge badge-line">{t("Next: number {number}", { number: line + 1 })}</span>
        )}
        {assigned && (
          <span class="badge">
            {t("For")} <bdi>{assigned.name}</bdi>
          </span>
        )}
        {tags?.map((tag) => (
          <span key={tag} class="badge">
            <bdi>{tag}</bdi>
          </span>
        ))}
        {arrived_at && <span>{t("arrived at {time}", { time: inTheHall(arrived_at) })}</span>}
        {blocked && <span class="badge">{t("Blocked")}</span>}
      </p>
      {original && (
        <details class="question-original">
          <summary>{t("The original words")}</summary>
          <p>
            <bdi>{original}</bdi>
          </p>
        </details>
      )}
    </>
  );
}
