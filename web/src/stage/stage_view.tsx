// What the room shows: a shared screen large with the speakers beside it, or the speakers.

import type { ComponentChildren, VNode } from "preact";
import { later } from "../later/fetched";
import { t } from "../translation";
import { useBestGrid } from "./best_grid";
import { useCell } from "./cell";
import type { OwnSources } from "./own_sources";
import type { RoomSession } from "./room_session";
import { onStage, type Person, type RoomState, sends } from "./room_state";
import { type Tracks, trackKey } from "./tab_media";
import { Screen, Tile } from "./tile";
import { wantsPictures } from "./viewing";
import type { TrackSource } from "./wire";

const MOST_TILES = 9;
/** Between tiles, in CSS pixels; the same as in room-stage.css. */
const GAP = 4;

const LimitReached = later(({ LimitReached }) => LimitReached);
const HintChoice = later(({ HintChoice }) => HintChoice);
const ScreenWaits = later(({ ScreenWaits }) => ScreenWaits);

export function StageView({ session }: { session: RoomSession }): VNode {
  const room = useCell(session.room);
  const tracks = useCell(session.media.tracks);
  const own = useCell(session.devices.state);
  const speaking = useCell(session.speaking);
  const choice = useCell(session.media.choice);
  const lead = useCell(session.lead);
  const full = useCell(session.entry.full);
  const level = useCell(session.data.level);
  const people = onStage(room);
  const trackOf = (person: Person, source: "camera" | "screen") =>
    pictureOf(room, tracks, own, person, source);
  const sharing = people.find((person) => trackOf(person, "screen") && !person.stopped.includes("screen"));
  const screen = sharing && trackOf(sharing, "screen");
  const isSpeaking = (person: Person) =>
    person.participants.some(({ participant }) => speaking.includes(participant)) &&
    sends(person, "microphone");
  const order =
    people.length > MOST_TILES ? [...people].sort((a, b) => +isSpeaking(b) - +isSpeaking(a)) : people;
  const shown = choice === "one" ? oneOf(people, lead) : order.slice(0, MOST_TILES);
  const tiles = shown.map((person) => (
    <Tile key={person.id} person={person} track={trackOf(person, "camera")} speaking={isSpeaking(person)} />
  ));
  const more = choice === "one" ? 0 : people.length - shown.length;
  return (
    <div class={screen ? "stage stage-screen" : "stage"}>
      {sharing && screen && level !== "reached" ? (
        <Screen person={sharing} track={screen}>
          {sharing.isMe ? <HintChoice session={session} /> : <ScreenWaits session={session} />}
        </Screen>
      ) : null}
      {!wantsPictures(choice) && people.some((person) => !person.isMe && sends(person, "screen")) && (
        <p class="stage-hint">
          {t("A screen is being shared. Under “Settings” you can have pictures again.")}
        </p>
      )}
      {level === "reached" ? (
        <LimitReached session={session} />
      ) : people.length > 0 && !full ? (
        <Tiles count={shown.length} more={more} beside={screen !== undefined}>
          {tiles}
        </Tiles>
      ) : (
        <EmptyStage session={session} />
      )}
    </div>
  );
}

/** Whoever spoke last, else the first on stage who is not oneself. */
function oneOf(people: Person[], lead: string | null): Person[] {
  const speaks = people.find((person) => person.participants.some(({ participant }) => participant === lead));
  const found = speaks ?? people.find((person) => !person.isMe) ?? people[0];
  return found ? [found] : [];
}

interface TilesProps {
  count: number;
  more: number;
  /** Beside a shared screen they are a row of small pictures. */
  beside: boolean;
  children: ComponentChildren;
}

function Tiles({ count, more, beside, children }: TilesProps): VNode {
  const [box, grid] = useBestGrid(count, GAP);
  const style = grid && !beside ? { "--tile": `${grid.width}px`, "--shape": grid.shape.toFixed(4) } : {};
  return (
    <div ref={box} class="tiles" style={style}>
      {children}
      {more > 0 && <p class="tiles-more">{t("and {count} more", { count: more })}</p>}
    </div>
  );
}

function EmptyStage({ session }: { session: RoomSession }): VNode {
  const full = useCell(session.entry.full);
  const { presents, phase } = useCell(session.room);
  if (full) {
    return (
      <div class="stage-empty">
        <p class="stage-empty-title">{full}</p>
        <p>{t("Sound and picture follow when there is a place.")}</p>
      </div>
    );
  }
  if (phase === "closed") {
    return (
      <div class="stage-empty">
        <p class="stage-empty-title">{t("The room is closed.")}</p>
        <p>{t("Under People you can open it again.")}</p>
      </div>
    );
  }
  return (
    <div class="stage-empty">
      <p class="stage-empty-title">{t("Nobody is on stage")}</p>
      <p>{presents ? t("Go on stage when you are ready.") : t("Whoever speaks appears here.")}</p>
    </div>
  );
}

/** A person's picture: one's own comes straight from the device, everybody else's from the server. */
function pictureOf(
  room: RoomState,
  tracks: Tracks,
  own: OwnSources,
  person: Person,
  source: "camera" | "screen",
): MediaStreamTrack | undefined {
  if (person.isMe && own[source]) return own[source] ?? undefined;
  for (const { participant } of person.participants) {
    if (participant === room.participant) continue;
    const track = tracks.get(trackKey(participant, source satisfies TrackSource));
    if (track) return track;
  }
  return undefined;
}
