// Who answered what in a poll with names, fetched when it is opened and told to nobody else.

import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { n, t } from "../translation";
import type { PollBoard } from "./board";
import type { Answer, FiledPoll } from "./wire";

interface Listed {
  answers: { name?: string; answer: Answer }[];
  more: number;
}

export function Named({ board, poll }: { board: PollBoard; poll: FiledPoll }): VNode {
  const [listed, setListed] = useState<Listed | null>(null);
  async function list(open: boolean): Promise<void> {
    if (open) setListed((await board.act("ListAnswers", { poll: poll.id })) as Listed | null);
  }
  return (
    <details class="poll-named" onToggle={(event) => void list(event.currentTarget.open)}>
      <summary>{t("Who answered what")}</summary>
      {listed && (
        <ul class="rows">
          {listed.answers.map(({ name, answer }, at) => (
            <li key={`${name} ${at}`} class="poll-named-row">
              <bdi>{name ?? t("Somebody whose account was erased")}</bdi>
              <bdi dir="auto">{answerWords(poll, answer)}</bdi>
            </li>
          ))}
        </ul>
      )}
      {listed && listed.more > 0 && (
        <p class="hint">{n("{count} more in the export", "{count} more in the export", listed.more)}</p>
      )}
    </details>
  );
}

function answerWords(poll: FiledPoll, { choices, value, text }: Answer): string {
  const named = (choices ?? []).map((id) => poll.options?.find((option) => option.id === id)?.text ?? id);
  return named.length > 0
    ? named.join(poll.kind === "ordering" ? " → " : ", ")
    : (text ?? String(value ?? ""));
}
