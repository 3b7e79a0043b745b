// How one may write in this session, for those who moderate it; and the chat as a file.

import type { VNode } from "preact";
import { n, t } from "../translation";
import type { ChatBoard } from "./board";
import type { ChatRules, Mode } from "./state";

const PAUSES = [0, 10, 30, 60, 120, 300];

interface FormProps {
  board: ChatBoard;
  rules: ChatRules;
  address: string;
}

export function RulesOfChat({ board, rules, address }: FormProps): VNode {
  const change = (fields: Record<string, unknown>) => void board.act("ChangeChatRules", fields);
  const modes: [Mode, string][] = [
    ["open", t("Everybody")],
    ["moderators", t("Frozen: attendees reach the moderators only")],
    ["read-only", t("Those who run the session; attendees read")],
    ["off", t("Nobody: there is no chat")],
  ];
  const frozen = rules.mode === "moderators";
  return (
    <details class="chat-rules">
      <summary>{t("Rules of this chat")}</summary>
      <div class="chat-rules-in">
        <button
          type="button"
          class="button button-quiet"
          aria-pressed={frozen}
          onClick={() => change({ mode: frozen ? "open" : "moderators" })}
        >
          {frozen ? t("Open the chat again") : t("Freeze the chat")}
        </button>
        <label>
          {t("Who may write")}
          <select value={rules.mode} onChange={({ currentTarget }) => change({ mode: currentTarget.value })}>
            {modes.map(([mode, words]) => (
              <option key={mode} value={mode}>
                {words}
              </option>
            ))}
          </select>
        </label>
        <label>
          {t("Slow mode")}
          <select
            value={rules.slow_seconds}
            onChange={({ currentTarget }) => change({ slow_seconds: Number(currentTarget.value) })}
          >
            {[...new Set([...PAUSES, rules.slow_seconds])]
              .sort((one, other) => one - other)
              .map((pause) => (
                <option key={pause} value={pause}>
                  {pause === 0
                    ? t("no pause")
                    : n("one message in {count} second", "one message in {count} seconds", pause)}
                </option>
              ))}
          </select>
        </label>
        {rules.own && (
          <button type="button" class="link-button" onClick={() => change({ as_event: true })}>
            {t("As in all sessions of the event")}
          </button>
        )}
        <p>
          {rules.history_days > 0
            ? n(
                "Messages are erased after {count} day.",
                "Messages are erased after {count} days.",
                rules.history_days,
              )
            : t("Messages are kept as long as the event.")}
        </p>
        {board.client.me?.roles.includes("organizer") && (
          <a href={`${address.split("/session/")[0]}/organize/live`} target="_blank" rel="noopener">
            {t("Announce something to the whole event")}
          </a>
        )}
        <p class="chat-files">
          {t("The chat as a file:")} <a href={`${address}/chat/export.csv`}>CSV</a>{" "}
          <a href={`${address}/chat/export.json`}>JSON</a>
        </p>
      </div>
    </details>
  );
}
