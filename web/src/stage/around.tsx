// Over the lower edge of the stage: the room's reactions, what speakers should know, one's own place in the queue.

import type { VNode } from "preact";
import { useCell } from "./cell";
import { HandPlace } from "./hand_place";
import { ReactionsShown, RoomMood } from "./mood";
import type { RoomSession } from "./room_session";
import { me } from "./room_state";

export function Around({ session }: { session: RoomSession }): VNode {
  const room = useCell(session.room);
  // What came while this was being fetched.
  const before = session.lively.value;
  const speaks = room.presents || room.moderates || me(room).state === "on-stage";
  return (
    <div class="around">
      {speaks ? (
        <RoomMood live={session.live} before={before} />
      ) : (
        <ReactionsShown live={session.live} before={before} />
      )}
      <HandPlace session={session} />
    </div>
  );
}
