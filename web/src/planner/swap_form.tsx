// Two sessions change places: the other one is found by its title among those that are scheduled.

import type { VNode } from "preact";
import { t } from "../translation";
import { isCancelled, isScheduled, type Session } from "./draft";
import type { Planner } from "./planner";
import { isolated, titleOf } from "./said";
import { SessionPick } from "./session_pick";

export function SwapForm({ planner, session }: { planner: Planner; session: Session }): VNode {
  const swap = async (other: Session) => {
    const done = await planner.run(
      (edition) => ({
        act: "swap",
        one: session.code,
        one_edition: edition(session.code),
        other: other.code,
        other_edition: edition(other.code),
      }),
      [session.code, other.code],
    );
    if (!done) return;
    const titles = { one: isolated(titleOf(session)), other: isolated(titleOf(other)) };
    planner.say(t("{one} and {other} have changed places.", titles));
  };
  return (
    <SessionPick
      planner={planner}
      session={session}
      isOffered={(one) => one.kind === "session" && isScheduled(one) && !isCancelled(one)}
      onPick={(other) => void swap(other)}
    />
  );
}
