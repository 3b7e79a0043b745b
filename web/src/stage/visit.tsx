// From the door into the room and out again, without loading another page.

import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../translation";
import { useCell } from "./cell";
import { Door } from "./door";
import { OwnDevices } from "./own_sources";
import { Room } from "./room";
import { type Ending, RoomSession } from "./room_session";
import type { RoomPage } from "./wire";

export function Visit({ page }: { page: RoomPage }): VNode {
  const [devices] = useState(() => new OwnDevices());
  const [visit, setVisit] = useState<{ session: RoomSession; onStage: boolean } | null>(null);
  if (visit) return <Inside session={visit.session} onStage={visit.onStage} onAgain={() => setVisit(null)} />;
  const enter = (onStage: boolean) => setVisit({ session: new RoomSession(page, devices), onStage });
  return <Door page={page} devices={devices} onEnter={enter} />;
}

interface InsideProps {
  session: RoomSession;
  onStage: boolean;
  onAgain: () => void;
}

function Inside({ session, onStage, onAgain }: InsideProps): VNode {
  // After the panels' own effects: they listen before the first snapshot comes.
  useEffect(() => session.enter(onStage), [session]);
  const ending = useCell(session.ending);
  return ending ? <Gone ending={ending} session={session} onAgain={onAgain} /> : <Room session={session} />;
}

function Gone({
  ending,
  session,
  onAgain,
}: {
  ending: Ending;
  session: RoomSession;
  onAgain: () => void;
}): VNode {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  return (
    <div class="gone">
      <h2 ref={title} tabIndex={-1}>
        {ending.code === "left" ? t("You have left the room.") : ending.message || t("The visit has ended.")}
      </h2>
      <div class="form-actions">
        <a class="button" href={session.page.session_url}>
          {t("Back to the session")}
        </a>
        {ending.code !== "removed" && (
          <button type="button" class="button button-quiet" onClick={onAgain}>
            {ending.code === "left" ? t("Go in again") : t("Try again")}
          </button>
        )}
      </div>
    </div>
  );
}
