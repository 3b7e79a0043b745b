// The chat of a session: announcements, the messages, and writing.

import type { VNode } from "preact";
import { useEffect, useLayoutEffect, useMemo, useReducer, useState } from "preact/hooks";
import type { LiveClient } from "../live/client";
import { type Cell, useCell } from "../stage/cell";
import type { RoomState } from "../stage/room_state";
import type { PersonHere } from "../stage/wire";
import { Told } from "./announcements";
import { ChatBoard } from "./board";
import { Composer, type Writing } from "./composer";
import { chatNews } from "./heard";
import { HeardAloud } from "./heard_aloud";
import { useKeyboardRoom } from "./keyboard";
import { MessageList } from "./list";
import { MessageSheet } from "./message_sheet";
import { RulesOfChat } from "./rules_form";
import type { Named, View } from "./state";

/** What the chat needs of the room it is in. */
export interface ChatPlace {
  page: { account: string; session_url: string };
  live: LiveClient;
  room: Cell<RoomState>;
  everybody: (search: string) => Promise<{ people: PersonHere[] }>;
}

export function ChatPanel({ session, active }: { session: ChatPlace; active: boolean }): VNode {
  const { page, live } = session;
  const news = chatNews(live);
  const part = useCell(news.part);
  const room = useCell(session.room);
  const event = page.session_url.split("/")[1] ?? "";
  const board = useMemo(() => new ChatBoard(live, event, () => session.room.value.moderates), [session]);
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const [writing, setWriting] = useState<Writing>({ to: "room" });
  const [chosen, setChosen] = useState<View | null>(null);
  useEffect(() => board.watch(() => redraw(undefined)), [board]);
  useEffect(() => () => board.close(), [board]);
  // With what is drawn, not after it: what comes the moment the tab is left is new.
  useLayoutEffect(() => {
    news.look(active && !document.hidden);
    const look = () => news.look(active && !document.hidden);
    document.addEventListener("visibilitychange", look);
    return () => {
      document.removeEventListener("visibilitychange", look);
      news.look(false);
    };
  }, [news, active]);
  useKeyboardRoom();
  const rules = part?.rules;
  const runs = room.presents || room.moderates;
  const present = async (search: string): Promise<Named[]> =>
    (await session.everybody(search)).people.map(({ person, name }) => ({ person, name }));
  return (
    <div class="chat">
      <div class="chat-top">
        <Told announcements={part?.announcements ?? []} />
        {room.moderates && rules && <RulesOfChat board={board} rules={rules} address={page.session_url} />}
      </div>
      <MessageList board={board} active={active} onMore={setChosen} />
      {board.trouble && (
        <p class="notice notice-danger" role="alert">
          {board.trouble}
        </p>
      )}
      <Composer
        board={board}
        rules={rules}
        runs={runs}
        moderates={room.moderates}
        writing={writing}
        onWriting={setWriting}
        present={present}
      />
      <HeardAloud board={board} active={active} />
      {chosen && (
        <MessageSheet
          board={board}
          message={chosen}
          moderates={room.moderates}
          rules={rules}
          onReply={() => setWriting(answering(chosen, page.account))}
          onEdit={() => setWriting({ to: chosen.to ?? "room", edit: chosen })}
          onWriteTo={() =>
            setWriting({ to: "direct", person: { person: chosen.person ?? "", name: chosen.name ?? "" } })
          }
          onClose={() => setChosen(null)}
        />
      )}
    </div>
  );
}

/** An answer goes to those who read the question. */
function answering(message: View, me: string): Writing {
  const other =
    message.person === me ? message.receiver : { person: message.person ?? "", name: message.name ?? "" };
  if (message.to === "direct" && other) return { to: "direct", person: other, reply: message };
  return { to: message.to === "desk" ? "desk" : "room", reply: message };
}
