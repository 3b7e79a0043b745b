// What a moderator can do about one person.

import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { t } from "../translation";
import { Confirm, Sheet } from "./dialogs";
import { moderate } from "./moderating";
import type { RoomSession } from "./room_session";
import { type Person, sends } from "./room_state";
import { Said } from "./words";

interface Choice {
  readonly label: string;
  readonly type: string;
  readonly body?: Record<string, unknown>;
}

export function PersonSheet({
  person,
  session,
  onClose,
}: {
  person: Person;
  session: RoomSession;
  onClose: () => void;
}): VNode {
  const [removing, setRemoving] = useState(false);
  if (removing) {
    return (
      <Confirm
        title={<Said text={t("Remove {name}?")} name={person.name} />}
        text={t("This person leaves the room at once and cannot come back until you let them in again.")}
        confirm={t("Remove from the room")}
        onConfirm={() => void moderate(session, "RemovePerson", { person: person.id })}
        onClose={onClose}
      />
    );
  }
  return (
    <Sheet title={<bdi>{person.name}</bdi>} onClose={onClose}>
      <div class="sheet-list">
        {choicesFor(person).map(({ label, type, body }) => (
          <button
            key={label}
            type="button"
            class="sheet-choice"
            onClick={() => {
              onClose();
              void moderate(session, type, { person: person.id, ...body });
            }}
          >
            {label}
          </button>
        ))}
        {person.role === "attendee" || person.role === "speaker" ? (
          <button type="button" class="sheet-choice sheet-danger" onClick={() => setRemoving(true)}>
            {t("Remove from the room…")}
          </button>
        ) : null}
        <button type="button" class="sheet-choice sheet-cancel" onClick={onClose}>
          {t("Cancel")}
        </button>
      </div>
    </Sheet>
  );
}

function choicesFor(person: Person): Choice[] {
  const invite = { label: t("Invite to the floor"), type: "InviteToFloor" };
  switch (person.state) {
    case "audience":
      return [invite];
    case "hand-raised":
      return [invite, { label: t("Lower the hand"), type: "SendToAudience" }];
    case "invited":
      return [{ label: t("Take the invitation back"), type: "SendToAudience" }];
    default:
      return [...sourceChoices(person), { label: t("Send back to the audience"), type: "SendToAudience" }];
  }
}

function sourceChoices(person: Person): Choice[] {
  const stopped = (source: string) => person.stopped.some((one) => one === source);
  const choices: Choice[] = [];
  if (stopped("microphone")) {
    choices.push({
      label: t("Allow the microphone again"),
      type: "AllowSource",
      body: { source: "microphone" },
    });
  } else choices.push({ label: t("Mute"), type: "StopSource", body: { source: "microphone" } });
  if (stopped("camera")) {
    choices.push({ label: t("Allow the camera again"), type: "AllowSource", body: { source: "camera" } });
  } else choices.push({ label: t("Stop the camera"), type: "StopSource", body: { source: "camera" } });
  if (stopped("screen")) {
    choices.push({ label: t("Allow screen sharing again"), type: "AllowSource", body: { source: "screen" } });
  } else if (sends(person, "screen")) {
    choices.push({ label: t("Stop screen sharing"), type: "StopSource", body: { source: "screen" } });
  }
  return choices;
}
