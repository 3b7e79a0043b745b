// One's own place in the queue of hands, and how long it may take: only what can be known.

import type { VNode } from "preact";
import { n, t } from "../translation";
import { useCell } from "./cell";
import type { RoomSession } from "./room_session";
import { handQueue, invited, onStage, type RoomState } from "./room_state";

/** From fewer turns than this nothing can be said of the next. */
const KNOWN = 2;

/** Minutes until the hand at this place (from 0) may have its turn, rounded up to five; null: nobody knows. */
export function minutesToWait(room: RoomState, place: number): number | null {
  if (room.turns.length < KNOWN) return null;
  const sorted = [...room.turns].sort((a, b) => a - b);
  const turn = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const speaking = [...onStage(room), ...invited(room)].filter(({ role }) => role === "attendee").length;
  return Math.max(5, Math.ceil(((place + speaking) * turn) / 300) * 5);
}

export function HandPlace({ session }: { session: RoomSession }): VNode | null {
  const room = useCell(session.room);
  const queue = handQueue(room);
  const place = queue.findIndex(({ isMe }) => isMe);
  if (place < 0) return null;
  const minutes = minutesToWait(room, place);
  return (
    <p class="hand-place" role="status">
      {place === 0
        ? t("Your hand is up: you are next.")
        : t("Your hand is up: number {place} of {count}.", { place: place + 1, count: queue.length })}{" "}
      {place > 0 &&
        minutes !== null &&
        n(
          "If it goes on like this, in about {count} minute.",
          "If it goes on like this, in about {count} minutes.",
          minutes,
        )}
    </p>
  );
}
