// The place where the questions of this session are mounted.

import type { VNode } from "preact";
import type { RoomSession } from "./room_session";

export function QuestionsPanel({ session }: { session: RoomSession }): VNode {
  return <div data-session={session.page.session} />;
}
