// Reactions, and signals to the speaker: above the actions, where the thumb that opened them is.

import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { LiveError } from "../live/client";
import { t } from "../translation";
import { Cell, useCell } from "./cell";
import { Icon } from "./icons";
import { REACTIONS, reactionName } from "./mood";
import type { RoomSession } from "./room_session";
import type { Reaction, Signal } from "./wire";

/** As long as the server counts a signal. */
const HELD_MS = 60_000;

/** Until when each own signal holds; kept while the sheet is closed. */
const given = new WeakMap<RoomSession, Cell<Partial<Record<Signal, number>>>>();

function ownSignals(session: RoomSession): Cell<Partial<Record<Signal, number>>> {
  const known = given.get(session) ?? new Cell<Partial<Record<Signal, number>>>({});
  given.set(session, known);
  return known;
}

export function Reacting({ session, onClose }: { session: RoomSession; onClose: () => void }): VNode {
  const { rules } = useCell(session.room);
  const place = useRef<HTMLElement>(null);
  useEffect(() => {
    // Only who came here by keyboard is led on by it; a tap needs no focus to be moved.
    if (document.activeElement?.matches(":focus-visible")) place.current?.querySelector("button")?.focus();
  }, []);
  return (
    <section
      class="reacting"
      aria-label={t("React")}
      ref={place}
      onKeyDown={(event) => {
        if (event.key === "Escape") onClose();
      }}
    >
      {rules.reactions && (
        <div class="reacting-row">
          {(Object.keys(REACTIONS) as Reaction[]).map((reaction) => (
            <button
              key={reaction}
              type="button"
              class="reaction"
              onClick={(event) => react(session, reaction, event.currentTarget)}
            >
              <span class="reaction-sign" aria-hidden="true">
                {REACTIONS[reaction]}
              </span>
              {reactionName(reaction)}
            </button>
          ))}
        </div>
      )}
      <h2 class="reacting-title">{t("Tell the speaker")}</h2>
      <div class="reacting-row">
        {(["cannot-hear", "cannot-see", "too-fast"] as const).map((signal) => (
          <SignalButton key={signal} session={session} signal={signal} />
        ))}
      </div>
      <div class="reacting-end">
        <p class="hint">{t("Counted without names. A signal ends after a minute.")}</p>
        <button type="button" class="icon-button" onClick={onClose}>
          <Icon name="close" />
          <span class="visually-hidden">{t("Close")}</span>
        </button>
      </div>
    </section>
  );
}

function react(session: RoomSession, reaction: Reaction, button: HTMLElement): void {
  session.live.send("React", { reaction }).then(
    () => {
      button.classList.remove("reaction-sent");
      requestAnimationFrame(() => button.classList.add("reaction-sent"));
    },
    (error: unknown) => {
      // Who claps faster than is counted need not be told so.
      if (!(error instanceof LiveError && error.code === "live.too-fast")) session.explain(error);
    },
  );
}

function SignalButton({ session, signal }: { session: RoomSession; signal: Signal }): VNode {
  const own = ownSignals(session);
  const until = useCell(own)[signal] ?? 0;
  const on = until > Date.now();
  useEffect(() => {
    if (!on) return;
    const timer = setTimeout(() => own.change((held) => ({ ...held, [signal]: 0 })), until - Date.now());
    return () => clearTimeout(timer);
  }, [until]);
  const toggle = () => {
    session.live
      .send("GiveSignal", { signal, on: !on })
      .then(
        () => own.change((held) => ({ ...held, [signal]: on ? 0 : Date.now() + HELD_MS })),
        session.failed,
      );
  };
  return (
    <button type="button" class="signal" aria-pressed={on} onClick={toggle}>
      {signalName(signal)}
    </button>
  );
}

function signalName(signal: Signal): string {
  switch (signal) {
    case "too-fast":
      return t("Too fast");
    case "cannot-hear":
      return t("I cannot hear");
    default:
      return t("I cannot see the slide");
  }
}
