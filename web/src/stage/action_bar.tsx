// At most five things to do, at the bottom where the thumb is.

import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { later } from "../later/fetched";
import { t } from "../translation";
import { Action, useShortcut } from "./action";
import { aroundParts } from "./around_parts";
import { useCell } from "./cell";
import type { RoomSession } from "./room_session";
import { me } from "./room_state";

interface BarProps {
  session: RoomSession;
  onGoOnStage: () => void;
  onLeave: () => void;
}

export function ActionBar({ session, onGoOnStage, onLeave }: BarProps): VNode {
  const room = useCell(session.room);
  const person = me(room);
  return (
    <section class="actions" aria-label={t("What you can do")}>
      {person.state === "on-stage" ? (
        <StageActions session={session} />
      ) : (
        <>
          {room.presents && (
            <Action icon="to-stage" label={t("Go on stage")} onClick={onGoOnStage} tone="main" />
          )}
          <HandAction session={session} />
          <ReactAction session={session} />
        </>
      )}
      <Action icon="leave" label={t("Leave")} onClick={onLeave} tone="leave" />
    </section>
  );
}

const StageActions = later(({ StageActions }) => StageActions);
const Reacting = aroundParts.show(({ Reacting }) => Reacting);

function ReactAction({ session }: { session: RoomSession }): VNode {
  const [open, setOpen] = useState(false);
  const toggle = () => setOpen(!open);
  useShortcut("KeyR", toggle);
  return (
    <>
      <Action icon="smile" label={t("React")} onClick={toggle} expanded={open} shortcut="R" />
      {open && <Reacting session={session} onClose={() => setOpen(false)} />}
    </>
  );
}

function HandAction({ session }: { session: RoomSession }): VNode | null {
  const room = useCell(session.room);
  const wish = useCell(session.handWish);
  const raised = wish === null ? me(room).state === "hand-raised" : wish === "up";
  const toggle = () => void (raised ? session.lowerHand() : session.raiseHand());
  useShortcut("KeyH", toggle);
  if (me(room).state === "invited" || !(room.rules.hands || raised)) return null;
  return (
    <Action
      icon="hand"
      label={raised ? t("Lower hand") : t("Raise hand")}
      onClick={toggle}
      pressed={raised}
      shortcut="H"
      {...(raised ? { tone: "main" as const } : {})}
    />
  );
}
