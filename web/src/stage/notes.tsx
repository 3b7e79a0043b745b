// What has just happened, over the stage so that nothing moves; read out politely.

import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { n, t } from "../translation";
import { useCell } from "./cell";
import type { RoomSession } from "./room_session";

/** Shorter drops than this are not worth a word. */
const PATIENCE_MS = 2_500;

export function Notes({ session }: { session: RoomSession }): VNode {
  const notes = useCell(session.notes);
  return (
    <div class="notes">
      <Outage session={session} />
      <div role="status" aria-live="polite">
        {notes.map(({ id, text, urgent }) => (
          <p key={id} class={urgent ? "note note-urgent" : "note"}>
            {text}
          </p>
        ))}
      </div>
    </div>
  );
}

/** The server is gone: what people do meanwhile is kept. */
function Outage({ session }: { session: RoomSession }): VNode | null {
  const { live, waiting } = useCell(session.link);
  const [long, setLong] = useState(false);
  const gone = live !== "online";
  useEffect(() => {
    if (!gone) return setLong(false);
    const timer = setTimeout(() => setLong(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [gone]);
  if (!gone || !long) return null;
  return (
    <div class="note note-outage" role="alert">
      <p>{t("The server cannot be reached. We keep trying.")}</p>
      <p>
        {waiting > 0
          ? n(
              "What you do is kept and sent later: {count} action waiting.",
              "What you do is kept and sent later: {count} actions waiting.",
              waiting,
            )
          : t("Questions, votes and raised hands are kept and sent later.")}
      </p>
    </div>
  );
}
