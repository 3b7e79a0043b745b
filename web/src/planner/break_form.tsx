// A new break: in one room, or in all of them at once.

import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { Sheet } from "../stage/dialogs";
import { language, t } from "../translation";
import type { Texts } from "./draft";
import { FormEnd } from "./form_end";
import { SHORTEST } from "./moving";
import type { Planner } from "./planner";
import { dayName, inLanguage } from "./said";
import { filledIn, isSaid, TitleFields } from "./title_fields";
import { clock, isoOf, minutesOf, onDay } from "./wall_time";

export function BreakForm({ planner, onClose }: { planner: Planner; onClose: () => void }): VNode {
  const day = planner.day.value;
  const [title, setTitle] = useState<Texts>({ [language]: t("Break") });
  const [time, setTime] = useState(clock(planner.boundsOf(day).from + 120));
  const [minutes, setMinutes] = useState("30");
  const [room, setRoom] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [sending, setSending] = useState(false);

  const send = async (event: Event) => {
    event.preventDefault();
    const at = minutesOf(time);
    const length = Number(minutes);
    if (!isSaid(title)) return setError(t("Give the break a title."));
    if (at === null) return setError(t("Give a time such as 09:15."));
    if (!Number.isInteger(length) || length < SHORTEST)
      return setError(t("Give a length of 5 minutes or more."));
    setError(null);
    setSending(true);
    const start = onDay(day, at, planner.event.day_start_hour);
    const done = await planner.run(() => ({
      act: "create",
      kind: "break",
      title: filledIn(title),
      room: room || null,
      starts_at: isoOf(start, planner.event.zone),
      minutes: length,
    }));
    setSending(false);
    // Refused: the reason is shown over the page, and what was typed stays.
    if (!done) return;
    planner.say(t("The break is added."));
    onClose();
  };

  return (
    <Sheet title={t("Add a break on {day}", { day: dayName(day) })} onClose={onClose}>
      <form class="plan-form" onSubmit={(event) => void send(event)} noValidate>
        <TitleFields id="break" languages={planner.event.languages} title={title} onTitle={setTitle} />
        <div class="plan-pair-fields">
          <div class="field">
            <label for="break-time">{t("Time")}</label>
            <input
              id="break-time"
              type="time"
              dir="ltr"
              value={time}
              onInput={(event) => setTime(event.currentTarget.value)}
            />
          </div>
          <div class="field">
            <label for="break-minutes">{t("Minutes")}</label>
            <input
              id="break-minutes"
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
        <div class="field">
          <label for="break-room">{t("Room")}</label>
          <select id="break-room" value={room} onChange={(event) => setRoom(event.currentTarget.value)}>
            <option value="">{t("all rooms")}</option>
            {planner.rooms.map((one) => (
              <option key={one.slug} value={one.slug}>
                {inLanguage(one.name)}
              </option>
            ))}
          </select>
        </div>
        <FormEnd does={t("Add the break")} error={error} disabled={sending} onClose={onClose} />
      </form>
    </Sheet>
  );
}
