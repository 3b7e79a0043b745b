// The messages in order. Nothing jumps: at the end one stays at the end; elsewhere new ones wait behind "3 new".

import type { VNode } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { n, t } from "../translation";
import type { ChatBoard } from "./board";
import { Message } from "./message";
import { goesOn, isRead, type View } from "./state";

const NEAR_END = 40; // CSS pixels

interface ListProps {
  board: ChatBoard;
  active: boolean;
  onMore: (message: View) => void;
}

export function MessageList({ board, active, onMore }: ListProps): VNode {
  const messages = board.messages();
  const unsent = board.unsent();
  const online = board.client.state === "online";
  const place = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const seen = useRef<string | undefined>(undefined);
  const first = useRef<{ id: string; height: number } | null>(null);
  const [fresh, setFresh] = useState(0);
  const { account } = board.client.options;
  const last = messages.at(-1)?.id;
  const count = messages.length + unsent.length;

  useLayoutEffect(() => {
    const log = place.current;
    if (!log || !active) return;
    const before = first.current;
    first.current = messages[0] ? { id: messages[0].id, height: log.scrollHeight } : null;
    if (atEnd.current) {
      log.scrollTop = log.scrollHeight;
      seen.current = last;
      setFresh(0);
      return;
    }
    // Older ones came in above: what is being read stays where it is.
    if (before && messages[0] && before.id !== messages[0].id && log.scrollTop < log.clientHeight)
      log.scrollTop += log.scrollHeight - before.height;
    const from = messages.findIndex(({ id }) => id === seen.current);
    const since = messages.slice(from + 1).filter((message) => isRead(message) && message.person !== account);
    setFresh(from < 0 ? 0 : since.length);
  }, [board, active, count, last, messages[0]?.id]);

  // The keyboard of a phone, or the panel, changes how much there is room for.
  useEffect(() => {
    const log = place.current;
    if (!log) return;
    const watching = new ResizeObserver(() => {
      if (atEnd.current) log.scrollTop = log.scrollHeight;
    });
    watching.observe(log);
    return () => watching.disconnect();
  }, []);

  function toEnd(): void {
    const log = place.current;
    if (!log) return;
    atEnd.current = true;
    log.scrollTop = log.scrollHeight;
    seen.current = last;
    setFresh(0);
    log.focus();
  }

  return (
    <div class="chat-place">
      <div
        class="chat-log"
        ref={place}
        // Read aloud are summaries (see Heard): every message of a full room would be noise.
        role="log"
        aria-live="off"
        aria-label={t("Messages")}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys
        tabIndex={0}
        onScroll={({ currentTarget: log }) => {
          atEnd.current = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END;
          if (atEnd.current) {
            seen.current = last;
            setFresh(0);
          }
        }}
      >
        {board.more && (
          <button
            type="button"
            class="button button-quiet button-small chat-older"
            onClick={() => {
              atEnd.current = false;
              void board.older();
            }}
          >
            {t("Earlier messages")}
          </button>
        )}
        {board.loaded && count === 0 && <p class="empty">{t("Nothing has been said yet.")}</p>}
        {!board.loaded && <p class="empty">{t("Loading the chat…")}</p>}
        <ol class="chat-messages">
          {messages.map((message, number) => (
            <Message
              key={message.id}
              board={board}
              message={message}
              goesOn={goesOn(message, messages[number - 1])}
              onMore={() => onMore(message)}
            />
          ))}
          {unsent.map(({ client_id, text }) => (
            <li key={client_id} class="chat-message chat-mine chat-unsent">
              <div class="chat-body">
                <p class="chat-text" dir="auto">
                  {text}
                </p>
                <p class="chat-standing">
                  {online
                    ? t("On its way…")
                    : t("Kept on this device. It will be sent when the connection returns.")}
                </p>
              </div>
            </li>
          ))}
        </ol>
      </div>
      {fresh > 0 && (
        <button type="button" class="chat-fresh" onClick={toEnd}>
          {n("{count} new message", "{count} new messages", fresh)}
        </button>
      )}
    </div>
  );
}
