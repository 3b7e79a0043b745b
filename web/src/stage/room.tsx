// The room: stage, line, panel and actions. On a phone one below the other, on a desk side by side.

import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { later } from "../later/fetched";
import { t } from "../translation";
import { ActionBar } from "./action_bar";
import { aroundParts } from "./around_parts";
import { useCell } from "./cell";
import { Notes } from "./notes";
import { Panel } from "./panel";
import type { RoomSession } from "./room_session";
import { me } from "./room_state";
import { Shown } from "./shown_context";
import { Sounds } from "./sounds";
import { StageView } from "./stage_view";
import { StatusLine } from "./status_line";
import { wantsPictures } from "./viewing";
import { useWakeLock } from "./wakefulness";

const Around = aroundParts.show(({ Around }) => Around);
const StageEntrance = later(({ StageEntrance }) => StageEntrance);

export function Room({ session }: { session: RoomSession }): VNode {
  const room = useCell(session.room);
  const tracks = useCell(session.media.tracks);
  const person = me(room);
  const invited = person.state === "invited";
  const lively = useCell(session.lively) !== null || person.state === "hand-raised";
  const [entrance, setEntrance] = useState(false);
  const [drawer, setDrawer] = useState(false);
  useEffect(() => setEntrance(invited), [invited]);
  useEffect(() => {
    document.body.classList.add("in-room");
    document.getElementById("room-title")?.focus();
    return () => document.body.classList.remove("in-room");
  }, []);
  // Whoever speaks or watches has the screen on; with sound alone it may sleep, and the battery lasts.
  const choice = useCell(session.media.choice);
  const watches = wantsPictures(choice) && [...tracks.values()].some(({ kind }) => kind === "video");
  useWakeLock(person.state === "on-stage" || watches);
  return (
    <div class={drawer ? "room room-drawer" : "room"}>
      <section class="room-stage" aria-label={t("Stage")}>
        <Shown.Provider value={session.media.tiles}>
          <StageView session={session} />
        </Shown.Provider>
        <Sounds tracks={tracks} devices={session.devices} />
        <Notes session={session} />
        {room.recordingSince && (
          <p class="recording-sign">
            <span class="recording-dot" aria-hidden="true" /> {t("This room is being recorded")}
          </p>
        )}
        {lively && <Around session={session} />}
        {invited && !entrance && (
          <button type="button" class="button invitation-again" onClick={() => setEntrance(true)}>
            {t("You are invited to the floor")}
          </button>
        )}
      </section>
      <StatusLine session={session} />
      <Panel session={session} />
      <ActionBar
        session={session}
        onGoOnStage={() => setEntrance(true)}
        onLeave={() => void session.leave()}
      />
      <button type="button" class="drawer-switch" aria-expanded={drawer} onClick={() => setDrawer(!drawer)}>
        {drawer ? t("Hide questions and people") : t("Questions and people")}
      </button>
      {entrance && person.state !== "on-stage" && (
        <StageEntrance session={session} invited={invited} onClose={() => setEntrance(false)} />
      )}
      <p class="visually-hidden" role="alert">
        {invited ? t("You are invited to the floor") : ""}
      </p>
    </div>
  );
}
