// Two organizers at one session: what I wanted was refused, because somebody else was quicker. Both versions, and a
// choice; nothing is lost until it is made.

import type { VNode } from "preact";
import { Sheet } from "../stage/dialogs";
import { t } from "../translation";
import type { Stale } from "./acts";
import { isCancelled, isScheduled, type Session } from "./draft";
import type { Planner } from "./planner";
import { dayName, inLanguage, isolated, roomName, timesOf, titleOf } from "./said";

export function StaleSheet({ planner, stale }: { planner: Planner; stale: Stale }): VNode {
  const keepTheirs = () => {
    planner.stale.set(null);
    planner.say(t("Their version stays."));
  };
  const putMine = () => {
    planner.stale.set(null);
    stale.again();
  };
  const by = isolated(stale.by || t("Somebody else"));
  const title = isolated(titleOf(stale.theirs));
  return (
    <Sheet title={t("Changed by somebody else meanwhile")} onClose={keepTheirs}>
      <p>
        {t("{by} has changed {title} since you saw it, so your change was not carried out.", { by, title })}
      </p>
      <dl class="plan-versions">
        <div>
          <dt>{t("Theirs")}</dt>
          <dd>
            <Version planner={planner} session={stale.theirs} />
          </dd>
        </div>
        {stale.mine ? (
          <div>
            <dt>{t("Mine")}</dt>
            <dd>
              <Version planner={planner} session={stale.mine} />
            </dd>
          </div>
        ) : null}
      </dl>
      <div class="sheet-actions">
        <button type="button" class="button" onClick={keepTheirs}>
          {t("Keep theirs")}
        </button>
        <button type="button" class="button button-quiet" onClick={putMine}>
          {t("Put mine on top")}
        </button>
      </div>
    </Sheet>
  );
}

function Version({ planner, session }: { planner: Planner; session: Session }): VNode {
  return (
    <>
      <bdi dir="auto">{inLanguage(session.title)}</bdi>
      <br />
      {isScheduled(session) ? (
        <>
          {dayName(planner.dayOf(session))} <bdi dir="ltr">{timesOf(session)}</bdi>
          <br />
          <bdi>{roomName(planner.rooms, session.room)}</bdi>
        </>
      ) : (
        t("not scheduled")
      )}
      {isCancelled(session) ? (
        <>
          <br />
          {t("cancelled")}
        </>
      ) : null}
    </>
  );
}
