// The same session once more: in another room or in all of them at the same time, or without a time.

import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { n, t } from "../translation";
import type { Session } from "./draft";
import { FormEnd } from "./form_end";
import type { Planner } from "./planner";
import { inLanguage } from "./said";

const ALL = "all";

export function CopyForm({ planner, session }: { planner: Planner; session: Session }): VNode {
  const [where, setWhere] = useState(session.kind === "break" && session.room !== null ? ALL : "");
  const { code, room, start } = session;
  // A break for all rooms is in each of them already.
  const rooms = start === null || room === null ? [] : planner.rooms.filter((one) => one.slug !== room);

  const send = async (event: Event) => {
    event.preventDefault();
    const place = where === ALL ? { rooms: ALL } : where ? { rooms: [where] } : {};
    const done = await planner.run(
      (edition) => ({ act: "copy", session: code, edition: edition(code), ...place }),
      [code],
    );
    if (!done) return;
    planner.say(n("{count} copy made.", "{count} copies made.", done.changes.length));
    const made = done.changes[0]?.code;
    if (made && where === "") planner.chosen.set(made);
  };
  return (
    <form class="plan-form" onSubmit={(event) => void send(event)}>
      <div class="field">
        <label for="copy-where">{t("Where to")}</label>
        <select id="copy-where" value={where} onChange={(event) => setWhere(event.currentTarget.value)}>
          <option value="">{t("not scheduled")}</option>
          {rooms.length > 0 ? <option value={ALL}>{t("all other rooms, at the same time")}</option> : null}
          {rooms.map((one) => (
            <option key={one.slug} value={one.slug}>
              {inLanguage(one.name)}
            </option>
          ))}
        </select>
      </div>
      <FormEnd does={t("Copy")} />
    </form>
  );
}
