// An act on a person or the room. Fetched with the panel of those who moderate.

import type { RoomSession } from "./room_session";

/** Refusals become a note. Never kept for later: an hour on it may be wrong. */
export async function moderate(
  visit: RoomSession,
  type: string,
  body: Record<string, unknown> = {},
): Promise<void> {
  await visit.live.send(type, body).catch(visit.failed);
}
