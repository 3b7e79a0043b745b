// Everything in one room, from a time to the end of the day, some minutes later or earlier.

import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { Sheet } from "../stage/dialogs";
import { n, t } from "../translation";
import { isCancelled } from "./draft";
import { FormEnd } from "./form_end";
import type { Planner } from "./planner";
import { dayName, inLanguage } from "./said";
import { clock, isoOf, minutesOf, onDay } from "./wall_time";

export function ShiftForm({ planner, onClose }: { planner: Planner; onClose: () => void }): VNode {
  const day = planner.day.value;
  const [room, setRoom] = useState(planner.rooms[0]?.slug ?? "");
  const [time, setTime] = useState(clock(planner.boundsOf(day).from));
  const [minutes, setMinutes] = useState("10");
  const [error, setError] = useState<string | null>(null);
  const [sending, setSending] = useState(false);
  const { day_start_hour, zone } = planner.event;
  const at = minutesOf(time);
  const from = at === null ? null : onDay(day, at, day_start_hour);
  const concerned = planner
    .sessionsOf(day)
    .filter((one) => one.room === room && from !== null && (one.start ?? 0) >= from && !isCancelled(one));

  const send = async (event: Event) => {
    event.preventDefault();
    const by = Number(minutes);
    if (from === null) return setError(t("Give a time such as 09:15."));
    if (!Number.isInteger(by) || by === 0) return setError(t("Give the minutes, for example 10 or -10."));
    if (concerned.length === 0) return setError(t("Nothing in this room from then on."));
    setError(null);
    setSending(true);
    const codes = concerned.map((one) => one.code);
    const done = await planner.run(
      (edition) => ({
        act: "shift",
        room,
        from_at: isoOf(from, zone),
        until_at: isoOf(onDay(day, day_start_hour * 60, day_start_hour) + 24 * 60, zone),
        minutes: by,
        editions: Object.fromEntries(codes.map((code) => [code, edition(code)])),
      }),
      codes,
    );
    setSending(false);
    if (!done) return;
    planner.say(n("{count} session shifted.", "{count} sessions shifted.", codes.length));
    onClose();
  };

  return (
    <Sheet title={t("Shift a room on {day}", { day: dayName(day) })} onClose={onClose}>
      <form class="plan-form" onSubmit={(event) => void send(event)} noValidate>
        <div class="field">
          <label for="shift-room">{t("Room")}</label>
          <select id="shift-room" value={room} onChange={(event) => setRoom(event.currentTarget.value)}>
            {planner.rooms.map((one) => (
              <option key={one.slug} value={one.slug}>
                {inLanguage(one.name)}
              </option>
            ))}
          </select>
        </div>
        <div class="plan-pair-fields">
          <div class="field">
            <label for="shift-time">{t("From")}</label>
            <input
              id="shift-time"
              type="time"
              dir="ltr"
              value={time}
              onInput={(event) => setTime(event.currentTarget.value)}
            />
          </div>
          <div class="field">
            <label for="shift-minutes">{t("By minutes")}</label>
            <input
              id="shift-minutes"
              type="number"
              step={5}
              dir="ltr"
              value={minutes}
              aria-describedby="shift-hint"
              onInput={(event) => setMinutes(event.currentTarget.value)}
            />
          </div>
        </div>
        <p class="hint" id="shift-hint">
          {t("Less than zero is earlier.")}{" "}
          {n("{count} session is concerned.", "{count} sessions are concerned.", concerned.length)}
        </p>
        <FormEnd does={t("Shift")} error={error} disabled={sending} onClose={onClose} />
      </form>
    </Sheet>
  );
}
