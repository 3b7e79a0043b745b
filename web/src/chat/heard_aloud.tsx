// What a screen reader says of the chat: one message by its words, several by their number, and not all the time.

import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { n, t } from "../translation";
import type { ChatBoard } from "./board";
import { isRead, type View } from "./state";

const SOON_MS = 1_000;
const QUIET_MS = 10_000;

export function HeardAloud({ board, active }: { board: ChatBoard; active: boolean }): VNode {
  const [said, setSaid] = useState<{ words: string; of?: string }>({ words: "" });
  const known = useRef<Set<string> | null>(null);
  const waiting = useRef<View[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const messages = board.messages();
  const { account } = board.client.options;
  useEffect(() => {
    if (!board.loaded) return;
    const before = known.current;
    known.current = new Set(messages.map(({ id }) => id));
    // Older pages come above what was known: only what came after it is news.
    const last = [...messages].reverse().findIndex(({ id }) => before?.has(id));
    const fresh = messages
      .slice(last < 0 ? 0 : messages.length - last)
      .filter((message) => isRead(message) && message.person !== account);
    if (!before || !active || fresh.length === 0) return;
    waiting.current.push(...fresh);
    timer.current ??= setTimeout(
      () => {
        timer.current = undefined;
        const [only, ...more] = waiting.current.splice(0);
        if (!only) return;
        setSaid(
          more.length === 0
            ? { words: t("{name}: {text}", { name: only.name ?? "", text: only.text }), of: only.id }
            : { words: n("{count} new message", "{count} new messages", more.length + 1) },
        );
      },
      said.words ? QUIET_MS : SOON_MS,
    );
  }, [messages.length, messages.at(-1)?.id, board.loaded]);
  useEffect(() => () => clearTimeout(timer.current), []);
  // Nothing is left here of a message that has been hidden or taken back meanwhile.
  const gone =
    said.of !== undefined && !messages.some((message) => message.id === said.of && isRead(message));
  return (
    <p class="visually-hidden" aria-live="polite" dir="auto">
      {gone ? "" : said.words}
    </p>
  );
}
