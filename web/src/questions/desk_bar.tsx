// Over the queue: how long questions go on, whether they are taken, and the views for the hall and the speaker.

import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { useServerNow } from "../stage/server_time";
import { n, t } from "../translation";
import type { QuestionBoard } from "./board";
import { inTheHall } from "./item";
import { OnItsWay } from "./writing";

const LENGTHS = [5, 10, 15, 20, 30];

export function DeskBar({ board }: { board: QuestionBoard }): VNode {
  const { rules } = board.known;
  const [busy, setBusy] = useState(false);
  async function change(changes: Record<string, unknown>): Promise<void> {
    setBusy(true);
    await board.act("ChangeQuestionRules", changes);
    setBusy(false);
  }
  return (
    <div class="desk-bar">
      <div class="desk-time">{board.hall && <QuestionTime board={board} endsAt={board.hall.endsAt()} />}</div>
      <div class="desk-doors">
        {rules.open && (
          <button
            type="button"
            class="button button-quiet button-small"
            disabled={busy}
            onClick={() => void change({ paused: !rules.paused })}
          >
            {rules.paused ? t("Go on with questions") : t("Pause questions")}
          </button>
        )}
        <button
          type="button"
          class="button button-quiet button-small"
          disabled={busy}
          onClick={() => void change({ open: !rules.open })}
        >
          {rules.open ? t("Close questions") : t("Open questions")}
        </button>
        {busy && <OnItsWay />}
      </div>
      <p class="desk-standing" role="status">
        {!rules.open ? t("Questions are closed.") : rules.paused ? t("Questions are paused.") : ""}
      </p>
      {board.hall && (
        <p class="desk-views">
          <a href={`${board.hall.page}/projector`} target="_blank" rel="noopener">
            {t("Projector view")}
          </a>
          <a href={`${board.hall.page}/speaker`} target="_blank" rel="noopener">
            {t("Speaker’s view")}
          </a>
          <button
            type="button"
            class="link-button desk-wider"
            aria-pressed="false"
            onClick={({ currentTarget }) => {
              const wide = document.body.classList.toggle("desk-wide");
              currentTarget.setAttribute("aria-pressed", String(wide));
            }}
          >
            {t("More room for questions")}
          </button>
        </p>
      )}
    </div>
  );
}

/** How many minutes there are for questions, and the way to set them. */
function QuestionTime({ board, endsAt }: { board: QuestionBoard; endsAt: number }): VNode {
  const { until } = board.known.rules;
  const now = useServerNow(5_000);
  const end = until ? Date.parse(until) : endsAt;
  const minutes = Math.ceil((end - now) / 60_000);
  return (
    <>
      <p>
        <b>
          {minutes >= 0
            ? n("{count} minute left for questions", "{count} minutes left for questions", minutes)
            : n(
                "{count} minute over the time for questions",
                "{count} minutes over the time for questions",
                -minutes,
              )}
        </b>{" "}
        <span class="hint">{t("until {time}", { time: inTheHall(new Date(end).toISOString()) })}</span>
      </p>
      <select
        aria-label={t("Time for questions")}
        value=""
        onChange={({ currentTarget }) => {
          const length = currentTarget.value;
          currentTarget.value = "";
          void board.act("SetQuestionTime", { minutes: length === "end" ? null : Number(length) });
        }}
      >
        <option value="" disabled>
          {t("Set the time…")}
        </option>
        {LENGTHS.map((length) => (
          <option key={length} value={length}>
            {n("{count} minute from now", "{count} minutes from now", length)}
          </option>
        ))}
        <option value="end">{t("Until the session ends")}</option>
      </select>
    </>
  );
}
