// The panel beside the stage: one tab for each way of taking part. A tab's inside is made when it is first opened,
// and stays while another is looked at, so that nobody loses what they were writing.

import type { ComponentType, VNode } from "preact";
import { useMemo, useRef, useState } from "preact/hooks";
import { chatNews } from "../chat/heard";
import { ChatWords } from "../chat/words";
import { Group } from "../later/fetched";
import { PollsWords } from "../polls/words";
import { t } from "../translation";
import { aroundParts } from "./around_parts";
import { useCell } from "./cell";
import { Icon } from "./icons";
import { QuestionsPanel } from "./questions_panel";
import type { RoomSession } from "./room_session";
import { handQueue } from "./room_state";

interface PanelTab {
  name: string;
  /** What stands in the tab, with counts and badges of its own. */
  Words: ComponentType<{ session: RoomSession }>;
  Inside: ComponentType<{ session: RoomSession; active: boolean }>;
  /** Made at once: a person came for this, or it has to hear what happens. */
  first?: boolean;
  /** It scrolls, and may hold nothing else to focus. */
  focusable?: boolean;
}

const pollParts = new Group(() => import("../later/polls"));

const chatParts = new Group(() => import("../later/chat"));
const Announcements = chatParts.show(({ Announcements }) => Announcements);

const TABS: PanelTab[] = [
  { name: "questions", Words: () => <>{t("Questions")}</>, Inside: QuestionsPanel, first: true },
  { name: "chat", Words: ChatWords, Inside: chatParts.show(({ ChatPanel }) => ChatPanel) },
  {
    name: "polls",
    Words: PollsWords,
    Inside: pollParts.show(({ PollsPanel }) => PollsPanel),
    focusable: true,
  },
  {
    name: "people",
    Words: PeopleWords,
    Inside: aroundParts.show(({ PeoplePanel }) => PeoplePanel),
    focusable: true,
  },
];

const KEYS = ["ArrowLeft", "ArrowRight", "Home", "End"];

export function Panel({ session }: { session: RoomSession }): VNode {
  const [chosen, setChosen] = useState("questions");
  const opened = useRef(new Set(TABS.filter(({ first }) => first).map(({ name }) => name)));
  const list = useRef<HTMLDivElement>(null);
  opened.current.add(chosen);
  const told = useCell(useMemo(() => chatNews(session.live), [session]).part)?.announcements.length;
  const turn = (event: KeyboardEvent) => {
    if (!KEYS.includes(event.key)) return;
    event.preventDefault();
    const next = beside(chosen, event.key, getComputedStyle(list.current as Element).direction === "rtl");
    setChosen(next);
    list.current?.querySelector<HTMLElement>(`#tab-${next}`)?.focus();
  };
  return (
    <section class="room-panel" aria-label={t("Questions and people")}>
      {Boolean(told) && <Announcements session={session} />}
      <div class="tabs room-tabs" role="tablist" ref={list} onKeyDown={turn}>
        {TABS.map(({ name, Words }) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${name}`}
            aria-controls={`panel-${name}`}
            aria-selected={chosen === name}
            tabIndex={chosen === name ? 0 : -1}
            onClick={() => setChosen(name)}
          >
            <span class="tab-words">
              <Words session={session} />
            </span>
          </button>
        ))}
      </div>
      {TABS.map(({ name, Inside, focusable }) => (
        <div
          key={name}
          id={`panel-${name}`}
          role="tabpanel"
          aria-labelledby={`tab-${name}`}
          class="panel"
          hidden={chosen !== name}
          tabIndex={focusable ? 0 : undefined}
        >
          {opened.current.has(name) && <Inside session={session} active={chosen === name} />}
        </div>
      ))}
    </section>
  );
}

/** The tab a key leads to, around the ends (WAI-ARIA tabs pattern); arrows follow what the eye sees. */
function beside(name: string, key: string, rightToLeft: boolean): string {
  const at = TABS.findIndex((tab) => tab.name === name);
  const onward = (key === "ArrowRight") !== rightToLeft ? 1 : -1;
  const next = key === "Home" ? 0 : key === "End" ? -1 : (at + onward) % TABS.length;
  return TABS.at(next)?.name ?? name;
}

function PeopleWords({ session }: { session: RoomSession }): VNode {
  const room = useCell(session.room);
  const hands = handQueue(room).length;
  return (
    <>
      {t("People")} <span class="numbers">{room.here}</span>
      {hands > 0 && (
        <span class="badge tab-hands">
          <Icon name="hand" /> {hands}
          <span class="visually-hidden"> {t("Raised hands")}</span>
        </span>
      )}
    </>
  );
}
