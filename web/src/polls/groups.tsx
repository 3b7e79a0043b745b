// Short texts as groups: choose some, give them one name; take one apart; keep one from the room.

import type { VNode } from "preact";
import { useId, useState } from "preact/hooks";
import { n, t } from "../translation";
import type { PollBoard } from "./board";
import type { FiledPoll } from "./wire";

export function TextGroups({ board, poll }: { board: PollBoard; poll: FiledPoll }): VNode | null {
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [label, setLabel] = useState<string | null>(null);
  const id = useId();
  const groups = poll.tally?.groups ?? [];
  if (groups.length === 0) return null;
  // Groups that were put together meanwhile, by somebody else, are no longer there to be chosen.
  const wanted = chosen.filter((each) => groups.some((group) => group.id === each));
  const name = label ?? groups.find((group) => group.id === wanted[0])?.label ?? "";

  async function put(event: Event): Promise<void> {
    event.preventDefault();
    if (!(await board.act("GroupAnswers", { poll: poll.id, groups: wanted, label: name.trim() }))) return;
    setChosen([]);
    setLabel(null);
  }

  return (
    <details class="poll-groups">
      <summary>{t("Group the answers")}</summary>
      <form onSubmit={(event) => void put(event)}>
        <ul class="rows">
          {groups.map((group) => (
            <li key={group.id} class="poll-group">
              <label class="choice">
                <input
                  type="checkbox"
                  checked={wanted.includes(group.id)}
                  onChange={(event) =>
                    setChosen(
                      event.currentTarget.checked
                        ? [...wanted, group.id]
                        : wanted.filter((each) => each !== group.id),
                    )
                  }
                />
                <span>
                  <bdi dir="auto">{group.label}</bdi> <span class="numbers hint">{group.count}</span>
                  {group.hidden && <span class="badge">{t("kept from the room")}</span>}
                </span>
              </label>
              <span class="poll-group-acts">
                {(group.merged ?? 1) > 1 && (
                  <button
                    type="button"
                    class="link-button"
                    aria-label={t("Take apart: {group}", { group: group.label })}
                    onClick={() => void board.act("SplitAnswers", { poll: poll.id, group: group.id })}
                  >
                    {t("Take apart")}
                  </button>
                )}
                <button
                  type="button"
                  class="link-button"
                  aria-label={
                    group.hidden
                      ? t("Show: {group}", { group: group.label })
                      : t("Hide: {group}", { group: group.label })
                  }
                  onClick={() =>
                    void board.act("HideAnswers", { poll: poll.id, group: group.id, hidden: !group.hidden })
                  }
                >
                  {group.hidden ? t("Show") : t("Hide")}
                </button>
              </span>
            </li>
          ))}
        </ul>
        {wanted.length > 0 && (
          <div class="field poll-group-name">
            <label for={`${id}-label`}>
              {n("Call this group", "Put {count} groups together as", wanted.length)}
            </label>
            <input
              id={`${id}-label`}
              dir="auto"
              maxLength={120}
              value={name}
              onInput={(event) => setLabel(event.currentTarget.value)}
            />
            <button type="submit" class="button button-small">
              {wanted.length > 1 ? t("Put together") : t("Rename")}
            </button>
          </div>
        )}
      </form>
    </details>
  );
}
