// How questions may be asked in this session, and from whom none are taken; each switch takes effect at once.

import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { t } from "../translation";
import type { QuestionBoard } from "./board";
import type { Rules } from "./state";

export function RulesOfAsking({ board }: { board: QuestionBoard }): VNode {
  // Shown as wished until the server has answered: a slow link must not look like a refusal.
  const [wished, setWished] = useState<Partial<Rules>>({});
  const rules = { ...board.known.rules, ...wished };
  async function change(changed: Partial<Rules>): Promise<void> {
    setWished((before) => ({ ...before, ...changed }));
    await board.act("ChangeQuestionRules", changed);
    setWished((before) => Object.fromEntries(Object.entries(before).filter(([name]) => !(name in changed))));
  }
  return (
    <details class="question-rules">
      <summary>{t("How questions are asked here")}</summary>
      <Switch on={rules.moderated} onChange={(moderated) => void change({ moderated })}>
        {t("A moderator approves each question first")}
      </Switch>
      <Switch
        on={rules.pseudonyms_allowed ?? true}
        onChange={(pseudonyms_allowed) => void change({ pseudonyms_allowed })}
      >
        {t("People may ask under a pseudonym")}
      </Switch>
      <Switch
        on={rules.anonymous_allowed}
        onChange={(anonymous_allowed) => void change({ anonymous_allowed })}
      >
        {t("People may ask without their name")}
      </Switch>
      <Switch on={rules.ahead ?? true} onChange={(ahead) => void change({ ahead })}>
        {t("People may ask before the session")}
      </Switch>
      <Switch on={rules.afterwards ?? true} onChange={(afterwards) => void change({ afterwards })}>
        {t("People may ask after the session")}
      </Switch>
      <Blocked board={board} />
      {board.hall && (
        <p>
          {t("Everything as a file:")} <a href={`${board.hall.page}/questions/export.csv`}>CSV</a>
          {t(", ")}
          <a href={`${board.hall.page}/questions/export.json`}>JSON</a>
        </p>
      )}
    </details>
  );
}

function Blocked({ board }: { board: QuestionBoard }): VNode | null {
  const { blocked } = board.known;
  if (blocked.length === 0) return null;
  return (
    <section class="question-blocked">
      <h3>{t("No questions are taken from")}</h3>
      <ul class="rows">
        {blocked.map(({ person, name }) => (
          <li key={person}>
            <bdi>{name}</bdi>{" "}
            <button
              type="button"
              class="link-button"
              onClick={() => void board.act("BlockAsker", { person, blocked: false })}
            >
              {t("Take questions again")}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface SwitchProps {
  on: boolean;
  onChange: (on: boolean) => void;
  children: string;
}

function Switch({ on, onChange, children }: SwitchProps): VNode {
  return (
    <label class="choice">
      <input type="checkbox" checked={on} onChange={(event) => onChange(event.currentTarget.checked)} />
      <span>{children}</span>
    </label>
  );
}
