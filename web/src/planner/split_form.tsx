// One session becomes two: the first part stays what it was, the second begins after a pause.

import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { t } from "../translation";
import type { Session } from "./draft";
import { FormEnd } from "./form_end";
import type { Planner } from "./planner";
import { isolated, titleOf } from "./said";

export function SplitForm({ planner, session }: { planner: Planner; session: Session }): VNode {
  const [minutes, setMinutes] = useState(String(Math.floor(session.minutes / 2)));
  const [pause, setPause] = useState("0");
  const [error, setError] = useState<string | null>(null);

  const send = async (event: Event) => {
    event.preventDefault();
    const [first, between] = [Number(minutes), Number(pause)];
    const whole = Number.isInteger(first) && Number.isInteger(between);
    if (!whole || first < 1 || between < 0 || first + between >= session.minutes)
      return setError(t("Both parts must fit into the {minutes} minutes.", { minutes: session.minutes }));
    setError(null);
    const { code } = session;
    const done = await planner.run(
      (edition) => ({ act: "split", session: code, edition: edition(code), minutes: first, pause: between }),
      [code],
    );
    if (done) planner.say(t("{title} is two sessions now.", { title: isolated(titleOf(session)) }));
  };
  const field = (id: string, label: string, value: string, set: (value: string) => void) => (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="number"
        inputMode="numeric"
        min={0}
        step={5}
        dir="ltr"
        value={value}
        onInput={(event) => set(event.currentTarget.value)}
      />
    </div>
  );
  return (
    <form class="plan-form" onSubmit={(event) => void send(event)} noValidate>
      <div class="plan-pair-fields">
        {field("split-minutes", t("Minutes of the first part"), minutes, setMinutes)}
        {field("split-pause", t("Pause between them"), pause, setPause)}
      </div>
      <FormEnd does={t("Split")} error={error} />
    </form>
  );
}
