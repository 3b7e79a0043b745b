// Who is here: hands first, then the stage, then everybody; in a full room numbers instead of a long list.

import type { ComponentChildren, VNode } from "preact";
import { useState } from "preact/hooks";
import { later } from "../later/fetched";
import { n, t } from "../translation";
import { useCell } from "./cell";
import { HandQueue } from "./hand_list";
import { moderate } from "./moderating";
import { useConnections, usePeople } from "./people_list";
import { PeopleNumbers } from "./people_numbers";
import { Group, PersonRow } from "./person_row";
import { AudienceRules, Doors, Recording } from "./room_doors";
import type { RoomSession } from "./room_session";
import { handQueue, invited, onStage, type Person, personOf, removed } from "./room_state";

const PersonSheet = later(({ PersonSheet }) => PersonSheet);
const RunningLate = later(({ RunningLate }) => RunningLate);

/** Fewer people are found by looking. */
const WORTH_SEARCHING = 8;

export function PeoplePanel({ session, active }: { session: RoomSession; active: boolean }): VNode {
  const room = useCell(session.room);
  const [search, setSearch] = useState("");
  const [chosen, setChosen] = useState<string | null>(null);
  const listed = usePeople(session, active, search.trim());
  const connections = useConnections(session, active && room.moderates);
  const byId = new Map(listed.people.map((person) => [person.person, person]));
  const about = (person: Person, extra?: ComponentChildren) => (
    <PersonRow
      key={person.id}
      person={person}
      connection={connections.get(person.id)}
      {...(room.moderates && !person.isMe ? { onMore: () => setChosen(person.id) } : {})}
    >
      {extra}
    </PersonRow>
  );
  const waiting = room.moderates ? invited(room) : [];
  const stage = onStage(room);
  const named = new Set([...handQueue(room), ...waiting, ...stage].map(({ id }) => id));
  const others = listed.people
    .filter(({ person }) => search || !named.has(person))
    .map((here) => personOf(room, here.person, here))
    .filter(({ state, away }) => state !== "removed" && !away);
  const out = room.moderates ? removed(room) : [];
  return (
    <div class="people">
      <HandQueue session={session} row={about} />
      {room.moderates && <Doors session={session} />}
      {room.moderates && <RunningLate session={session} />}
      {room.records && <Recording session={session} />}
      {room.moderates && <AudienceRules session={session} />}
      {waiting.length > 0 && (
        <Group title={t("Invited, not yet on stage")} count={waiting.length}>
          {waiting.map((person) => about(person))}
        </Group>
      )}
      {stage.length > 0 && (
        <Group title={t("On stage")} count={stage.length}>
          {stage.map((person) => about(person))}
        </Group>
      )}
      <PeopleNumbers here={room.here} listed={listed} />
      {(room.here > WORTH_SEARCHING || search) && (!listed.only_counts || room.moderates) && (
        <label class="people-search">
          <span class="visually-hidden">{t("Search by name")}</span>
          <input
            type="search"
            dir="auto"
            maxLength={80}
            placeholder={t("Search by name")}
            value={search}
            onInput={(event) => setSearch(event.currentTarget.value)}
          />
        </label>
      )}
      {search && (
        <p class="visually-hidden" role="status">
          {n("{count} person found", "{count} people found", others.length)}
        </p>
      )}
      {others.length > 0 && (
        <Group title={search ? t("Found") : t("In the room")} count={others.length}>
          {others.map((person) => about(person))}
        </Group>
      )}
      {search && others.length === 0 && <p class="soft">{t("Nobody of that name is here.")}</p>}
      {out.length > 0 && (
        <Group title={t("Removed")} count={out.length}>
          {out.map((person) => (
            <PersonRow key={person.id} person={person}>
              <button
                type="button"
                class="button button-quiet button-small"
                onClick={() => void moderate(session, "ReadmitPerson", { person: person.id })}
              >
                {t("Let back in")}
              </button>
            </PersonRow>
          ))}
        </Group>
      )}
      {chosen && (
        <PersonSheet
          person={personOf(room, chosen, byId.get(chosen))}
          session={session}
          onClose={() => setChosen(null)}
        />
      )}
    </div>
  );
}
