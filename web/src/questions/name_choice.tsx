// Under which name a question is asked, as far as the organizers leave the choice.

import type { VNode } from "preact";
import { useId, useMemo, useState } from "preact/hooks";
import { t } from "../translation";
import type { QuestionBoard, Wish } from "./board";
import { Draft } from "./draft";
import type { Naming } from "./state";

export interface Choice {
  wish: Omit<Wish, "text">;
  allowed: Naming[];
  choose: (name: Naming) => void;
  call: (pseudonym: string) => void;
}

/** What this person chose last on this device, unless it is no longer allowed. */
export function useName(board: QuestionBoard): Choice {
  const { account } = board.client.options;
  const { anonymous_allowed, pseudonyms_allowed } = board.known.rules;
  const kept = useMemo(() => new Draft(`majlis-pseudonym ${account}`), [account]);
  const [chosen, setChosen] = useState<Naming>("named");
  const [pseudonym, setPseudonym] = useState(() => kept.read());
  const allowed: Naming[] = ["named"];
  if (pseudonyms_allowed !== false) allowed.push("pseudonym");
  if (anonymous_allowed) allowed.push("anonymous");
  return {
    wish: { name: allowed.includes(chosen) ? chosen : "named", pseudonym: pseudonym.trim() },
    allowed,
    choose: setChosen,
    call: (name) => {
      setPseudonym(name);
      kept.write(name);
    },
  };
}

export function NameChoice({ choice: { wish, allowed, choose, call } }: { choice: Choice }): VNode | null {
  const id = useId();
  if (allowed.length === 1) return null;
  const words: Record<Naming, string> = {
    named: t("With my name"),
    pseudonym: t("Under a pseudonym"),
    anonymous: t("Without my name"),
  };
  return (
    <div class="ask-name">
      <select
        aria-label={t("How the room knows you")}
        value={wish.name}
        onChange={(event) => choose(event.currentTarget.value as Naming)}
      >
        {allowed.map((name) => (
          <option key={name} value={name}>
            {words[name]}
          </option>
        ))}
      </select>
      {wish.name === "pseudonym" && (
        <input
          id={id}
          dir="auto"
          maxLength={40}
          autocomplete="off"
          value={wish.pseudonym}
          aria-label={t("Your pseudonym")}
          placeholder={t("Left empty: a number")}
          onInput={(event) => call(event.currentTarget.value)}
        />
      )}
      {wish.name !== "named" && <p class="hint">{t("The moderators see it, the room does not.")}</p>}
    </div>
  );
}
