// Day, time, length and room of one session in fields: for exact times, for phones, for whoever likes forms better.

import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { t } from "../translation";
import { isScheduled, type Placement, type Session, samePlacement } from "./draft";
import { FormEnd } from "./form_end";
import { SHORTEST } from "./moving";
import type { Planner } from "./planner";
import { dayName, inLanguage } from "./said";
import { clock, minutesOf, onDay } from "./wall_time";

const LONGEST = 24 * 60;

/** What is typed, until it is sent; `from` is the placement the fields were filled from. */
interface Fields {
  from: Placement;
  day: string;
  time: string;
  minutes: string;
  room: string;
}

export function PlaceForm({ planner, session }: { planner: Planner; session: Session }): VNode {
  const [typed, setTyped] = useState<Fields>(() => fieldsOf(planner, session));
  const [error, setError] = useState<string | null>(null);
  const untouched = sameFields(typed, fieldsOf(planner, { ...session, ...typed.from }));
  // Moved by drag or by somebody else: fields that nobody has touched follow.
  const fields = untouched ? fieldsOf(planner, session) : typed;
  const change = (part: Partial<Fields>) => setTyped({ ...fields, ...part });
  const { days, rooms } = planner.frame.value;
  const id = (name: string) => `plan-${name}`;

  const send = (event: Event) => {
    event.preventDefault();
    const time = minutesOf(fields.time);
    const minutes = Number(fields.minutes);
    if (time === null) return setError(t("Give a time such as 09:15."));
    if (!Number.isInteger(minutes) || minutes < SHORTEST || minutes > LONGEST) {
      return setError(t("Give a length from 5 to 1440 minutes."));
    }
    if (!fields.room && session.kind === "session") return setError(t("Choose a room."));
    setError(null);
    const start = onDay(fields.day, time, planner.event.day_start_hour);
    const placement = { room: fields.room || null, start, minutes };
    setTyped(fieldsOf(planner, { ...session, ...placement }));
    planner.place(session.code, placement);
    planner.day.set(fields.day);
  };

  return (
    <form class="plan-form" onSubmit={send} noValidate>
      <div class="plan-pair-fields">
        <div class="field">
          <label for={id("day")}>{t("Day")}</label>
          <select id={id("day")} value={fields.day} onChange={(e) => change({ day: e.currentTarget.value })}>
            {days.map((day) => (
              <option key={day} value={day}>
                {dayName(day)}
              </option>
            ))}
          </select>
        </div>
        <div class="field">
          <label for={id("time")}>{t("Time")}</label>
          <input
            id={id("time")}
            type="time"
            value={fields.time}
            dir="ltr"
            onInput={(e) => change({ time: e.currentTarget.value })}
          />
        </div>
      </div>
      <div class="plan-pair-fields">
        <div class="field">
          <label for={id("room")}>{t("Room")}</label>
          <select
            id={id("room")}
            value={fields.room}
            onChange={(e) => change({ room: e.currentTarget.value })}
          >
            {session.kind === "break" || fields.room === "" ? (
              <option value="">{session.kind === "break" ? t("all rooms") : t("no room")}</option>
            ) : null}
            {rooms.map((room) => (
              <option key={room.slug} value={room.slug}>
                {inLanguage(room.name)}
              </option>
            ))}
          </select>
        </div>
        <div class="field">
          <label for={id("minutes")}>{t("Minutes")}</label>
          <input
            id={id("minutes")}
            type="number"
            inputMode="numeric"
            min={SHORTEST}
            max={LONGEST}
            step={5}
            value={fields.minutes}
            dir="ltr"
            onInput={(e) => change({ minutes: e.currentTarget.value })}
          />
        </div>
      </div>
      <FormEnd
        does={isScheduled(session) ? t("Move") : t("Put it on the schedule")}
        error={error}
        disabled={untouched && isScheduled(session)}
      />
    </form>
  );
}

function fieldsOf(planner: Planner, session: Session): Fields {
  const { room, start, minutes } = session;
  const bounds = planner.boundsOf(planner.day.value);
  return {
    from: { room, start, minutes },
    day: start === null ? planner.day.value : planner.dayOf(session),
    time: clock(start ?? bounds.from),
    minutes: String(minutes),
    room: room ?? "",
  };
}

function sameFields(one: Fields, other: Fields): boolean {
  return (
    samePlacement(one.from, other.from) &&
    one.day === other.day &&
    one.time === other.time &&
    one.minutes === other.minutes &&
    one.room === other.room
  );
}
