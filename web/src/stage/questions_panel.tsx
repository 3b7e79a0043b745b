// The place where the questions of this session are mounted.

import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { mountQuestions } from "../questions/panel";
import type { RoomSession } from "./room_session";

export function QuestionsPanel({ session }: { session: RoomSession }): VNode {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!place.current) return;
    const { page, room } = session;
    const endsAt = () => Date.parse((room.value.times ?? page).ends_at);
    return mountQuestions(place.current, session.live, {
      page: page.session_url,
      endsAt,
      presents: () => room.value.presents,
    });
  }, [session]);
  return <div class="questions-place" ref={place} />;
}
