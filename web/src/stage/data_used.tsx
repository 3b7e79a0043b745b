// What the session has cost, what it will cost, and a limit that holds.

import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { t } from "../translation";
import { useCell } from "./cell";
import type { RoomSession } from "./room_session";
import { megabytes } from "./words";

const MB = 1_000_000;

export function DataUsed({ session }: { session: RoomSession }): VNode {
  const { used, perHour, atEnd } = useCell(session.data.use);
  return (
    <dl class="data-used">
      <div>
        <dt>{t("Used")}</dt>
        <dd class="numbers">
          <bdi>{t("{size} MB", { size: megabytes(used) })}</bdi>
        </dd>
      </div>
      <div>
        <dt>{t("An hour, at present")}</dt>
        <dd class="numbers">
          <bdi>{perHour === null ? "…" : t("{size} MB", { size: megabytes(perHour) })}</bdi>
        </dd>
      </div>
      <div>
        <dt>{t("At the end of the session")}</dt>
        <dd class="numbers">
          <bdi>{atEnd === null ? "…" : t("about {size} MB", { size: megabytes(atEnd) })}</bdi>
        </dd>
      </div>
    </dl>
  );
}

export function Limit({ session }: { session: RoomSession }): VNode {
  const cap = useCell(session.data.cap);
  const level = useCell(session.data.level);
  const { used } = useCell(session.data.use);
  const [typed, setTyped] = useState(cap === null ? "" : String(Math.round(cap / MB)));
  const [wrong, setWrong] = useState("");
  const set = (event: Event) => {
    event.preventDefault();
    const size = Number(typed.replace(",", "."));
    if (!(size > 0)) return setWrong(t("Enter a number of megabytes, for example 50."));
    if (size * MB <= used) {
      return setWrong(t("{size} MB are used already. Enter more than that.", { size: megabytes(used) }));
    }
    setWrong("");
    session.data.setCap(size * MB);
  };
  return (
    <form class="limit" onSubmit={set} noValidate>
      <label class="field" for="data-limit">
        {t("Limit for this session, in MB")}
        <span class="hint" id="limit-hint">
          {t("Near it pictures stop, at it the sound stops too. Text and slides go on.")}
        </span>
      </label>
      <div class="limit-row">
        <input
          id="data-limit"
          class="numbers"
          inputMode="decimal"
          autoComplete="off"
          dir="ltr"
          value={typed}
          aria-describedby={wrong ? "limit-hint limit-wrong" : "limit-hint"}
          aria-invalid={wrong !== ""}
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        />
        <button type="submit" class="button button-quiet">
          {t("Set limit")}
        </button>
        {cap !== null && (
          <button
            type="button"
            class="button button-quiet"
            onClick={() => {
              setTyped("");
              session.data.setCap(null);
            }}
          >
            {t("No limit")}
          </button>
        )}
      </div>
      {wrong && (
        <p class="field-error" id="limit-wrong" role="alert">
          {wrong}
        </p>
      )}
      {cap !== null && !wrong && (
        <p class="soft" role="status">
          {level === "reached"
            ? t("The limit is reached.")
            : t("{left} MB of {cap} MB are left.", {
                left: megabytes(Math.max(0, cap - used)),
                cap: megabytes(cap),
              })}
        </p>
      )}
    </form>
  );
}
