// A session's title in every language of the event.

import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { locale, t } from "../translation";
import type { Session, Texts } from "./draft";
import { FormEnd } from "./form_end";
import type { Planner } from "./planner";

const names = new Intl.DisplayNames([locale], { type: "language" });

export function TitleForm({ planner, session }: { planner: Planner; session: Session }): VNode {
  const [typed, setTyped] = useState<Texts>({});
  const [sending, setSending] = useState(false);
  const { languages } = planner.event;
  const changed = languages.filter(
    (language) => typed[language] !== undefined && typed[language] !== (session.title[language] ?? ""),
  );
  const send = async (event: Event) => {
    event.preventDefault();
    setSending(true);
    const title = Object.fromEntries(changed.map((language) => [language, typed[language]]));
    const { code } = session;
    const done = await planner.run(
      (edition) => ({ act: "edit", session: code, edition: edition(code), title }),
      [code],
    );
    setSending(false);
    if (done) {
      setTyped({});
      planner.say(t("The title is changed."));
    }
  };
  return (
    <form class="plan-form" onSubmit={(event) => void send(event)}>
      {languages.map((language) => (
        <div class="field" key={language}>
          <label for={`plan-title-${language}`}>{names.of(language) ?? language}</label>
          <input
            id={`plan-title-${language}`}
            lang={language}
            dir="auto"
            maxLength={500}
            value={typed[language] ?? session.title[language] ?? ""}
            onInput={(event) => setTyped({ ...typed, [language]: event.currentTarget.value })}
          />
        </div>
      ))}
      <FormEnd does={t("Save the title")} disabled={changed.length === 0 || sending} />
    </form>
  );
}
