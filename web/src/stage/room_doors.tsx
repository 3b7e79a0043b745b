// For those who run the room: its doors, its recording, and what it wants of its audience.

import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { n, t } from "../translation";
import { useCell } from "./cell";
import { Confirm } from "./dialogs";
import { moderate } from "./moderating";
import type { RoomSession } from "./room_session";

/** Recording, for chairs and organizers; what is recorded is told to everybody. */
export function Recording({ session }: { session: RoomSession }): VNode {
  const { recordingSince } = useCell(session.room);
  return (
    <section class="doors">
      <p>{recordingSince ? t("The room is being recorded.") : t("The room is not being recorded.")}</p>
      <button
        type="button"
        class="button button-quiet button-small"
        onClick={() => void moderate(session, recordingSince ? "StopRecording" : "StartRecording")}
      >
        {recordingSince ? t("Stop recording") : t("Start recording")}
      </button>
    </section>
  );
}

/** Opening and closing, where the moderator looks after people. */
export function Doors({ session }: { session: RoomSession }): VNode {
  const { phase, here } = useCell(session.room);
  const [closing, setClosing] = useState(false);
  const open = phase === "open";
  return (
    <section class="doors">
      <p>
        {open
          ? t("The room is open.")
          : phase === "not-yet"
            ? t("Attendees cannot enter yet.")
            : t("The room is closed.")}
      </p>
      <button
        type="button"
        class={open ? "button button-quiet button-small" : "button button-small"}
        onClick={() => (open ? setClosing(true) : void moderate(session, "OpenRoom"))}
      >
        {open ? t("Close the room…") : phase === "not-yet" ? t("Open now") : t("Open again")}
      </button>
      {closing && (
        <Confirm
          title={t("Close the room for everyone?")}
          text={n(
            "{count} person is here. Sound and picture stop, and the questions stay readable.",
            "{count} people are here. Sound and picture stop, and the questions stay readable.",
            here,
          )}
          confirm={t("Close the room")}
          onConfirm={() => void moderate(session, "CloseRoom")}
          onClose={() => setClosing(false)}
        />
      )}
    </section>
  );
}

/** Whether hands are taken and reactions wanted. */
export function AudienceRules({ session }: { session: RoomSession }): VNode {
  const { rules } = useCell(session.room);
  const change = (name: "hands" | "reactions") => (event: { currentTarget: HTMLInputElement }) =>
    void moderate(session, "ChangeStageRules", { [name]: event.currentTarget.checked });
  return (
    <details class="fold audience-rules">
      <summary>{t("What the audience may do")}</summary>
      <label class="choice">
        <input type="checkbox" checked={rules.hands} onChange={change("hands")} />
        <span>{t("Raise a hand")}</span>
      </label>
      <label class="choice">
        <input type="checkbox" checked={rules.reactions} onChange={change("reactions")} />
        <span>{t("Send reactions")}</span>
      </label>
    </details>
  );
}
