// For chairs: the hall runs late, in one tap; everything after it moves for everybody at once.

import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { n, t } from "../translation";
import { useCell } from "./cell";
import { moderate } from "./moderating";
import type { RoomSession } from "./room_session";

const STEPS = [5, 10, 12, 15];
const MOST = 180;

/** How the hall stands, in one sentence. */
export function lateWords(late: number): string {
  return late > 0
    ? n("This hall runs {count} minute late.", "This hall runs {count} minutes late.", late)
    : t("This hall is on time.");
}

export function RunningLate({ session }: { session: RoomSession }): VNode {
  const late = useCell(session.room).times?.late ?? 0;
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const say = async (type: "RunLate" | "RunOnTime", body: Record<string, unknown> = {}) => {
    setBusy(true); // a second tap would count twice
    await moderate(session, type, body);
    setBusy(false);
    setAsking(false);
  };
  return (
    <section class="doors late" aria-label={t("Running late")}>
      <p role="status">{lateWords(late)}</p>
      <div class="late-steps">
        {STEPS.map((minutes) => (
          <button
            key={minutes}
            type="button"
            class="button button-quiet button-small"
            disabled={busy}
            aria-label={n("{count} minute later from now on", "{count} minutes later from now on", minutes)}
            onClick={() => void say("RunLate", { minutes })}
          >
            <bdi dir="ltr" class="numbers">
              +{minutes}
            </bdi>
          </button>
        ))}
        <button
          type="button"
          class="button button-quiet button-small"
          aria-expanded={asking}
          onClick={() => setAsking(!asking)}
        >
          {t("Other…")}
        </button>
        {late !== 0 && (
          <button
            type="button"
            class="button button-small"
            disabled={busy}
            onClick={() => void say("RunOnTime")}
          >
            {t("Back on time")}
          </button>
        )}
      </div>
      {asking && <OtherStep busy={busy} onSay={(minutes) => void say("RunLate", { minutes })} />}
      <p class="soft small">{t("What follows in this hall today moves at once, for everybody.")}</p>
    </section>
  );
}

function OtherStep({ busy, onSay }: { busy: boolean; onSay: (minutes: number) => void }): VNode {
  const [minutes, setMinutes] = useState("");
  return (
    <form
      class="late-other"
      onSubmit={(event) => {
        event.preventDefault();
        onSay(Number(minutes));
      }}
    >
      <label for="late-minutes">{t("Minutes later")}</label>
      <input
        id="late-minutes"
        type="number"
        inputMode="numeric"
        min={-MOST}
        max={MOST}
        required
        value={minutes}
        onInput={(event) => setMinutes(event.currentTarget.value)}
      />
      <button type="submit" class="button button-small" disabled={busy}>
        {t("Move")}
      </button>
    </form>
  );
}
