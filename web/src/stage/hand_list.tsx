// The queue of hands: for everybody to see, for moderators to arrange.

import type { ComponentChildren, VNode } from "preact";
import { useState } from "preact/hooks";
import { n, t } from "../translation";
import { useCell } from "./cell";
import { Confirm } from "./dialogs";
import { moderate } from "./moderating";
import { Group } from "./person_row";
import type { RoomSession } from "./room_session";
import { handQueue, type Person } from "./room_state";
import { useServerNow } from "./server_time";
import { Said } from "./words";

interface Props {
  session: RoomSession;
  row: (person: Person, extra?: ComponentChildren) => VNode;
}

export function HandQueue({ session, row }: Props): VNode {
  const room = useCell(session.room);
  const now = useServerNow(20_000);
  const [lowering, setLowering] = useState(false);
  const hands = handQueue(room);
  const first = hands[0];
  const acts = room.moderates && first && (
    <span class="people-acts">
      <button
        type="button"
        class="button button-small"
        onClick={() => void moderate(session, "InviteNext", { person: first.id })}
      >
        {t("Invite the next")}
      </button>
      <button type="button" class="button button-quiet button-small" onClick={() => setLowering(true)}>
        {t("Lower all")}
      </button>
    </span>
  );
  return (
    <Group
      title={t("Raised hands")}
      count={hands.length}
      empty={room.rules.hands ? t("No hand is raised.") : t("Hands are not taken in this session now.")}
      acts={acts}
    >
      {hands.map((person, at) =>
        row(
          person,
          <>
            <span class="hand-wait numbers">{waited(person, now)}</span>
            {room.moderates && <HandActs session={session} hands={hands} at={at} />}
          </>,
        ),
      )}
      {lowering && (
        <Confirm
          title={t("Lower all hands?")}
          text={n("{count} person is asking to speak.", "{count} people are asking to speak.", hands.length)}
          confirm={t("Lower all")}
          onConfirm={() => void moderate(session, "LowerAllHands")}
          onClose={() => setLowering(false)}
        />
      )}
    </Group>
  );
}

function waited({ handRaisedAt }: Person, now: number): string {
  const minutes = Math.floor((now - Date.parse(handRaisedAt)) / 60_000);
  return minutes < 1 ? t("just now") : n("{count} min", "{count} min", minutes);
}

function HandActs({
  session,
  hands,
  at,
}: {
  session: RoomSession;
  hands: Person[];
  at: number;
}): VNode | null {
  const person = hands[at];
  if (!person) return null;
  const move = (before: Person | undefined) =>
    void moderate(session, "MoveHand", { person: person.id, before: before?.id ?? null });
  return (
    <span class="hand-acts">
      <Arrow
        label={t("Move {name} up")}
        name={person.name}
        up
        disabled={at === 0}
        onClick={() => move(hands[at - 1])}
      />
      <Arrow
        label={t("Move {name} down")}
        name={person.name}
        disabled={at === hands.length - 1}
        onClick={() => move(hands[at + 2])}
      />
      <button
        type="button"
        class="button button-quiet button-small"
        onClick={() => void moderate(session, "InviteNext", { person: person.id })}
      >
        {t("Invite")}
      </button>
    </span>
  );
}

interface ArrowProps {
  label: string;
  name: string;
  up?: boolean;
  disabled: boolean;
  onClick: () => void;
}

function Arrow({ label, name, up, disabled, onClick }: ArrowProps): VNode {
  return (
    // Not `disabled`: at the end of the queue the focus must not fall out of the list.
    <button
      type="button"
      class="icon-button"
      aria-disabled={disabled}
      onClick={() => {
        if (!disabled) onClick();
      }}
    >
      <svg
        class="icon"
        viewBox="0 0 24 24"
        fill="none"
        stroke="currentColor"
        stroke-width="1.75"
        aria-hidden="true"
      >
        <path d={up ? "M12 19V5M6 11l6-6 6 6" : "M12 5v14M6 13l6 6 6-6"} />
      </svg>
      <span class="visually-hidden">
        <Said text={label} name={name} />
      </span>
    </button>
  );
}
