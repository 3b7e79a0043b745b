// Two sessions become one, from the start of the earlier to the end of the later, with the texts and people of both.

import type { VNode } from "preact";
import { t } from "../translation";
import { isCancelled, type Session } from "./draft";
import type { Planner } from "./planner";
import { isolated, titleOf } from "./said";
import { SessionPick } from "./session_pick";

export function MergeForm({ planner, session }: { planner: Planner; session: Session }): VNode {
  const merge = async (other: Session) => {
    const done = await planner.run(
      (edition) => ({
        act: "merge",
        session: session.code,
        edition: edition(session.code),
        other: other.code,
        other_edition: edition(other.code),
      }),
      [session.code, other.code],
    );
    if (!done) return;
    const titles = { one: isolated(titleOf(session)), other: isolated(titleOf(other)) };
    planner.say(t("{other} is part of {one} now.", titles));
  };
  return (
    <>
      <p class="hint">{t("The other one becomes part of this one, with its texts and people.")}</p>
      <SessionPick
        planner={planner}
        session={session}
        isOffered={(other) => canMerge(planner, session, other)}
        onPick={(other) => void merge(other)}
      />
    </>
  );
}

/** What the server would refuse is not offered: `drafting/dividing.py`. */
function canMerge(planner: Planner, one: Session, other: Session): boolean {
  if (one.kind !== other.kind || isCancelled(one) || isCancelled(other)) return false;
  if (one.start === null || other.start === null) return one.start === other.start;
  return one.room === other.room && planner.dayOf(one) === planner.dayOf(other);
}
