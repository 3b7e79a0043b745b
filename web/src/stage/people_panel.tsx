// Who is here: hands first, then the stage, then everybody.

import type { ComponentChildren, VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { later } from "../later/fetched";
import { n, t } from "../translation";
import { useCell } from "./cell";
import { Confirm } from "./dialogs";
import { Icon } from "./icons";
import type { RoomSession } from "./room_session";
import { handQueue, invited, onStage, type Person, personOf, removed, sends } from "./room_state";
import type { PersonHere } from "./wire";
import { roleName, Said } from "./words";

const PersonSheet = later(({ PersonSheet }) => PersonSheet);
const RunningLate = later(({ RunningLate }) => RunningLate);

const REFRESH_MS = 15_000;

export function PeoplePanel({ session, active }: { session: RoomSession; active: boolean }): VNode {
  const room = useCell(session.room);
  const everybody = useEverybody(session, active);
  const [chosen, setChosen] = useState<string | null>(null);
  const hands = handQueue(room);
  const waiting = room.moderates ? invited(room) : [];
  const stage = onStage(room);
  const listed = new Map(everybody.map((person) => [person.person, person]));
  const named = new Set([...hands, ...waiting, ...stage].map(({ id }) => id));
  const others = everybody
    .filter(({ person }) => !named.has(person))
    .map((here) => personOf(room, here.person, here))
    .filter(({ state, away }) => state !== "removed" && !away);
  const out = room.moderates ? removed(room) : [];
  const row = (person: Person, extra?: ComponentChildren) => (
    <PersonRow
      key={person.id}
      person={person}
      {...(room.moderates && !person.isMe ? { onMore: () => setChosen(person.id) } : {})}
    >
      {extra}
    </PersonRow>
  );
  const invite = (person: Person) =>
    room.moderates && (
      <button
        type="button"
        class="button button-small"
        onClick={() => void session.moderate("InviteToFloor", { person: person.id })}
      >
        {t("Invite")}
      </button>
    );
  return (
    <div class="people">
      {room.moderates && <Doors session={session} />}
      {room.moderates && <RunningLate session={session} />}
      {room.records && <Recording session={session} />}
      <Group title={t("Raised hands")} count={hands.length} empty={t("No hand is raised.")}>
        {hands.map((person) => row(person, invite(person)))}
      </Group>
      {waiting.length > 0 && (
        <Group title={t("Invited, not yet on stage")} count={waiting.length}>
          {waiting.map((person) => row(person))}
        </Group>
      )}
      {stage.length > 0 && (
        <Group title={t("On stage")} count={stage.length}>
          {stage.map((person) => row(person))}
        </Group>
      )}
      {others.length > 0 && (
        <Group title={t("In the room")} count={others.length}>
          {others.map((person) => row(person))}
        </Group>
      )}
      {out.length > 0 && (
        <Group title={t("Removed")} count={out.length}>
          {out.map((person) => (
            <PersonRow key={person.id} person={person}>
              <button
                type="button"
                class="button button-quiet button-small"
                onClick={() => void session.moderate("ReadmitPerson", { person: person.id })}
              >
                {t("Let back in")}
              </button>
            </PersonRow>
          ))}
        </Group>
      )}
      {chosen && (
        <PersonSheet
          person={personOf(room, chosen, listed.get(chosen))}
          session={session}
          onClose={() => setChosen(null)}
        />
      )}
    </div>
  );
}

/** Everybody by name, asked for only while somebody looks: the list of a full room weighs 30 kB. */
function useEverybody(session: RoomSession, active: boolean): PersonHere[] {
  const { here } = useCell(session.room);
  const { live } = useCell(session.link);
  const [list, setList] = useState<PersonHere[]>([]);
  const [asked, setAsked] = useState({ here: -1, at: 0 });
  useEffect(() => {
    if (!active || live !== "online" || asked.here === here) return;
    const wait = Math.max(0, asked.at + (here > 50 ? REFRESH_MS : 1000) - Date.now());
    const timer = setTimeout(() => {
      session.everybody().then(
        (people) => {
          setList(people);
          setAsked({ here, at: Date.now() });
        },
        () => undefined,
      );
    }, wait);
    return () => clearTimeout(timer);
  }, [session, active, live, here, asked]);
  return list;
}

interface GroupProps {
  title: string;
  count: number;
  empty?: string;
  children: ComponentChildren;
}

function Group({ title, count, empty, children }: GroupProps): VNode {
  return (
    <section class="people-group">
      <h2>
        {title} {count > 0 && <span class="people-count numbers">{count}</span>}
      </h2>
      {count === 0 ? <p class="soft">{empty}</p> : <ul class="people-list">{children}</ul>}
    </section>
  );
}

interface RowProps {
  person: Person;
  onMore?: () => void;
  children?: ComponentChildren;
}

function PersonRow({ person, onMore, children }: RowProps): VNode {
  return (
    <li class="people-row" data-person={person.id}>
      <div class="people-who">
        <span class="people-name">
          <bdi>{person.name}</bdi>
        </span>
        <span class="people-about">
          {[
            person.isMe ? t("you") : "",
            person.role === "attendee" ? "" : roleName(person.role),
            person.away && person.state !== "removed" ? t("connection lost") : "",
          ]
            .filter(Boolean)
            .join(" · ")}
        </span>
      </div>
      {person.state === "on-stage" && !person.away && (
        <span class="people-sound">
          <Icon name={sends(person, "microphone") ? "microphone" : "microphone-off"} />
          <span class="visually-hidden">
            {sends(person, "microphone") ? t("microphone on") : t("microphone off")}
          </span>
        </span>
      )}
      {children}
      {onMore && (
        <button type="button" class="icon-button" onClick={onMore}>
          <Icon name="more" />
          <span class="visually-hidden">
            <Said text={t("Actions for {name}")} name={person.name} />
          </span>
        </button>
      )}
    </li>
  );
}

/** Recording, for chairs and organizers; what is recorded is told to everybody. */
function Recording({ session }: { session: RoomSession }): VNode {
  const { recordingSince } = useCell(session.room);
  return (
    <section class="doors">
      <p>{recordingSince ? t("The room is being recorded.") : t("The room is not being recorded.")}</p>
      <button
        type="button"
        class="button button-quiet button-small"
        onClick={() => void session.moderate(recordingSince ? "StopRecording" : "StartRecording")}
      >
        {recordingSince ? t("Stop recording") : t("Start recording")}
      </button>
    </section>
  );
}

/** Opening and closing, where the moderator looks after people. */
function Doors({ session }: { session: RoomSession }): VNode {
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
        onClick={() => (open ? setClosing(true) : void session.moderate("OpenRoom"))}
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
          onConfirm={() => void session.moderate("CloseRoom")}
          onClose={() => setClosing(false)}
        />
      )}
    </section>
  );
}
