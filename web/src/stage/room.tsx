// The room: stage, line, panel and actions. On a phone one below the other, on a desk side by side.

import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { later } from "../later";
import { t } from "../translation";
import { ActionBar } from "./action_bar";
import { useCell } from "./cell";
import { Notes } from "./notes";
import { PeoplePanel } from "./people_panel";
import { QuestionsPanel } from "./questions_panel";
import type { RoomSession } from "./room_session";
import { handQueue, me } from "./room_state";
import { Shown } from "./shown_context";
import { Sounds } from "./sounds";
import { StageView } from "./stage_view";
import { StatusLine } from "./status_line";
import { wantsPictures } from "./viewing";
import { useWakeLock } from "./wakefulness";

const StageEntrance = later(({ StageEntrance }) => StageEntrance);

export function Room({ session }: { session: RoomSession }): VNode {
  const room = useCell(session.room);
  const tracks = useCell(session.media.tracks);
  const person = me(room);
  const invited = person.state === "invited";
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

type Tab = "questions" | "people";

function Panel({ session }: { session: RoomSession }): VNode {
  const room = useCell(session.room);
  const [tab, setTab] = useState<Tab>("questions");
  const tabs = useRef<HTMLDivElement>(null);
  const hands = handQueue(room).length;
  const turn = (event: KeyboardEvent) => {
    if (!["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) return;
    event.preventDefault();
    const next: Tab = tab === "questions" ? "people" : "questions";
    setTab(next);
    tabs.current?.querySelector<HTMLElement>(`#tab-${next}`)?.focus();
  };
  return (
    <section class="room-panel" aria-label={t("Questions and people")}>
      <div class="tabs room-tabs" role="tablist" ref={tabs} onKeyDown={turn}>
        <TabButton name="questions" chosen={tab} onChoose={setTab}>
          {t("Questions")}
        </TabButton>
        <TabButton name="people" chosen={tab} onChoose={setTab}>
          {t("People")} <span class="numbers">{room.here}</span>
          {hands > 0 && <span class="badge tab-hands">{t("{count} raised", { count: hands })}</span>}
        </TabButton>
      </div>
      <div
        id="panel-questions"
        role="tabpanel"
        aria-labelledby="tab-questions"
        class="panel"
        hidden={tab !== "questions"}
      >
        <QuestionsPanel session={session} />
      </div>
      <div
        id="panel-people"
        role="tabpanel"
        aria-labelledby="tab-people"
        class="panel"
        hidden={tab !== "people"}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and may hold nothing else to focus
        tabIndex={0}
      >
        <PeoplePanel session={session} active={tab === "people"} />
      </div>
    </section>
  );
}

interface TabProps {
  name: Tab;
  chosen: Tab;
  onChoose: (tab: Tab) => void;
  children: preact.ComponentChildren;
}

function TabButton({ name, chosen, onChoose, children }: TabProps): VNode {
  return (
    <button
      type="button"
      role="tab"
      id={`tab-${name}`}
      aria-controls={`panel-${name}`}
      aria-selected={chosen === name}
      tabIndex={chosen === name ? 0 : -1}
      onClick={() => onChoose(name)}
    >
      <span class="tab-words">{children}</span>
    </button>
  );
}
