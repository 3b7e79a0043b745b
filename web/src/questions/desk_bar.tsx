// Over the queue: how long questions go on, whether they are taken, and the views for the hall and the speaker.

import type { ComponentChildren, VNode } from "preact";
import { useState } from "preact/hooks";
import { useServerNow } from "../stage/server_time";
import { n, t } from "../translation";
import type { QuestionBoard } from "./board";
import { inTheHall } from "./item";
import { OnItsWay } from "./writing";

const LENGTHS = [5, 10, 15, 20, 30];

/** `children`: the search, which on a narrow screen is folded away with the rest. */
export function DeskBar({ board, children }: { board: QuestionBoard; children: ComponentChildren }): VNode {
  const { hall } = board;
  const { rules } = board.known;
  const [busy, setBusy] = useState(false);
  const [open, setOpen] = useState(false);
  async function change(changes: Record<string, unknown>): Promise<void> {
    setBusy(true);
    await board.act("ChangeQuestionRules", changes);
    setBusy(false);
  }
  const button = (words: string, changes: Record<string, unknown>) => (
    <button
      type="button"
      class="button button-quiet button-small"
      disabled={busy}
      onClick={() => void change(changes)}
    >
      {words}
    </button>
  );
  return (
    <div class="desk-bar">
      {hall && <TimeForQuestions board={board} endsAt={hall.endsAt()} />}
      <p class="desk-views">
        {hall && (
          <>
            <a href={`${hall.page}/projector`} target="_blank" rel="noopener">
              {t("Projector view")}
            </a>
            <a href={`${hall.page}/speaker`} target="_blank" rel="noopener">
              {t("Speaker’s view")}
            </a>
            <WiderButton />
          </>
        )}
        <button
          type="button"
          class="link-button desk-fold"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          {open ? t("Fewer") : t("Tools…")}
        </button>
      </p>
      <p class="desk-standing" role="status">
        {!rules.open ? t("Questions are closed.") : rules.paused ? t("Questions are paused.") : ""}
      </p>
      <div class={open ? "desk-tools" : "desk-tools desk-tools-closed"}>
        {hall && <SetTime board={board} />}
        {rules.open &&
          button(rules.paused ? t("Go on with questions") : t("Pause questions"), { paused: !rules.paused })}
        {button(rules.open ? t("Close questions") : t("Open questions"), { open: !rules.open })}
        {busy && <OnItsWay />}
        {children}
      </div>
    </div>
  );
}

function WiderButton(): VNode {
  const [wide, setWide] = useState(document.body.classList.contains("desk-wide"));
  return (
    <button
      type="button"
      class="link-button desk-wider"
      aria-pressed={wide}
      onClick={() => setWide(document.body.classList.toggle("desk-wide"))}
    >
      {t("More room for questions")}
    </button>
  );
}

function TimeForQuestions({ board, endsAt }: { board: QuestionBoard; endsAt: number }): VNode {
  const { until } = board.known.rules;
  const now = useServerNow(5_000);
  const end = until ? Date.parse(until) : endsAt;
  const minutes = Math.ceil((end - now) / 60_000);
  return (
    <p class="desk-time">
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
  );
}

/** A menu rather than a state: what was chosen is told by the line above it. */
function SetTime({ board }: { board: QuestionBoard }): VNode {
  return (
    <select
      class="desk-set-time"
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
  );
}
