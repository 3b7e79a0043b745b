// A new session: what it is called and how long it lasts; it waits in the list until it gets its place.

import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { Sheet } from "../stage/dialogs";
import { t } from "../translation";
import type { Texts } from "./draft";
import { FormEnd } from "./form_end";
import { SHORTEST } from "./moving";
import type { Planner } from "./planner";
import { inLanguage } from "./said";
import { filledIn, isSaid, TitleFields } from "./title_fields";

const USUAL = "30";

export function SessionForm({ planner, onClose }: { planner: Planner; onClose: () => void }): VNode {
  const { tracks, types } = planner.frame.value;
  const [title, setTitle] = useState<Texts>({});
  const [type, setType] = useState("");
  const [track, setTrack] = useState("");
  const [minutes, setMinutes] = useState(USUAL);
  const [error, setError] = useState<string | null>(null);
  const [sending, setSending] = useState(false);

  const choose = (slug: string) => {
    setType(slug);
    const usual = types.find((one) => one.slug === slug)?.minutes;
    if (usual) setMinutes(String(usual));
  };
  const send = async (event: Event) => {
    event.preventDefault();
    const length = Number(minutes);
    if (!isSaid(title)) return setError(t("Give the session a title."));
    if (!Number.isInteger(length) || length < SHORTEST)
      return setError(t("Give a length of 5 minutes or more."));
    setError(null);
    setSending(true);
    const done = await planner.run(() => ({
      act: "create",
      title: filledIn(title),
      type: type || null,
      track: track || null,
      minutes: length,
    }));
    setSending(false);
    const code = done?.changes[0]?.code;
    if (!code) return;
    planner.say(t("The session is added to those that are not scheduled."));
    planner.chosen.set(code);
    onClose();
  };

  return (
    <Sheet title={t("Add a session")} onClose={onClose}>
      <form class="plan-form" onSubmit={(event) => void send(event)} noValidate>
        <TitleFields id="session" languages={planner.event.languages} title={title} onTitle={setTitle} />
        <div class="plan-pair-fields">
          <Choice id="session-type" label={t("Type")} value={type} entries={types} onChange={choose} />
          <div class="field">
            <label for="session-minutes">{t("Minutes")}</label>
            <input
              id="session-minutes"
              type="number"
              inputMode="numeric"
              min={SHORTEST}
              step={5}
              dir="ltr"
              value={minutes}
              onInput={(event) => setMinutes(event.currentTarget.value)}
            />
          </div>
        </div>
        <Choice id="session-track" label={t("Track")} value={track} entries={tracks} onChange={setTrack} />
        <FormEnd does={t("Add the session")} error={error} disabled={sending} onClose={onClose} />
      </form>
    </Sheet>
  );
}

interface ChoiceProps {
  id: string;
  label: string;
  value: string;
  entries: readonly { slug: string; name: Texts }[];
  onChange: (slug: string) => void;
}

function Choice({ id, label, value, entries, onChange }: ChoiceProps): VNode {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        <option value="">{t("none")}</option>
        {entries.map((one) => (
          <option key={one.slug} value={one.slug}>
            {inLanguage(one.name)}
          </option>
        ))}
      </select>
    </div>
  );
}
