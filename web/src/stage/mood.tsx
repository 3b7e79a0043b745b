// How the room is: reactions as counts that pass, and signals in words that one prankster alone cannot raise.

import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { LiveClient, Message } from "../live/client";
import { t } from "../translation";
import type { Reaction, Signal } from "./wire";

export const REACTIONS: Record<Reaction, string> = {
  applause: "👏",
  thanks: "🙏",
  heart: "❤️",
  laugh: "😄",
  surprise: "😮",
};

/** What one server process's people say; several are added up. `here` are all people of the room. */
interface Told {
  origin: string;
  here: number;
  reactions: Partial<Record<Reaction, number>>;
  signals: Partial<Record<Signal, number>>;
}

export function reactionName(reaction: Reaction): string {
  switch (reaction) {
    case "applause":
      return t("Applause");
    case "thanks":
      return t("Thanks");
    case "heart":
      return t("Lovely");
    case "laugh":
      return t("Laugh");
    default:
      return t("Surprise");
  }
}

const PASSES_MS = 5_000;
/** Signals that hold are told again every 10 s: a process that says nothing for so long is gone. */
const GONE_MS = 25_000;

export type Weight = "some" | "many" | "most";

/**
 * How much a signal weighs among those who are here: nothing until several give it, or everybody of a very
 * small room, and until they are a twentieth of it.
 */
export function weightOf(count: number, here: number): Weight | null {
  const least = here <= 3 ? 1 : Math.max(2, Math.ceil(here / 20));
  if (count < least) return null;
  const share = count / Math.max(1, here);
  return share >= 0.5 && here > 1 ? "most" : share >= 0.25 && count >= 3 ? "many" : "some";
}

interface MoodProps {
  live: LiveClient;
  /** What was told just before this is shown for the first time. */
  before?: Message | null;
}

/** For speakers and chairs. It listens by itself. */
export function RoomMood({ live, before = null }: MoodProps): VNode {
  const told = useTold(live, before);
  const here = Math.max(0, ...told.map((one) => one.here));
  const signals = (["cannot-hear", "cannot-see", "too-fast"] as const)
    .map((signal) => ({ signal, count: sum(told.map((one) => one.signals[signal] ?? 0)) }))
    .map(({ signal, count }) => ({ signal, count, weight: weightOf(count, here) }));
  return (
    <div class="mood">
      <Passing live={live} before={before} type="MoodChanged" />
      <ul class="mood-signals" role="status" aria-label={t("What the room signals")}>
        {signals.map(
          ({ signal, count, weight }) =>
            weight && (
              <li key={signal} class={`mood-signal mood-${weight}`}>
                {signalWords(signal, weight)}{" "}
                <span class="mood-share" aria-hidden="true">
                  <bdi>{t("{count} of {here}", { count, here })}</bdi>
                </span>
              </li>
            ),
        )}
      </ul>
    </div>
  );
}

/** For the audience: counts alone. */
export function ReactionsShown({ live, before = null }: MoodProps): VNode {
  return <Passing live={live} before={before} type="ReactionsCounted" />;
}

function Passing({ live, before, type }: MoodProps & { type: string }): VNode {
  const [counts, setCounts] = useState<{ id: number; reactions: Told["reactions"] }[]>([]);
  useEffect(() => {
    let number = 0;
    const timers = new Set<ReturnType<typeof setTimeout>>();
    const show = (news: Message) => {
      const { reactions } = news as unknown as Told;
      if (Object.keys(reactions).length === 0) return;
      const id = ++number;
      setCounts((shown) => [...shown, { id, reactions }]);
      const timer = setTimeout(() => {
        timers.delete(timer);
        setCounts((shown) => shown.filter((one) => one.id !== id));
      }, PASSES_MS);
      timers.add(timer);
    };
    if (before?.type === type) show(before);
    const stop = live.on(type, show);
    return () => {
      stop();
      for (const timer of timers) clearTimeout(timer);
    };
  }, [live, type]);
  const totals = (Object.keys(REACTIONS) as Reaction[])
    .map((reaction) => ({ reaction, count: sum(counts.map(({ reactions }) => reactions[reaction] ?? 0)) }))
    .filter(({ count }) => count > 0);
  return (
    // Seen, not read out: applause would talk over the speaker.
    <ul class="mood-reactions" aria-hidden="true">
      {totals.map(({ reaction, count }) => (
        <li key={reaction} class="mood-reaction">
          {REACTIONS[reaction]} {reactionName(reaction)} <span class="numbers">{count}</span>
        </li>
      ))}
    </ul>
  );
}

function useTold(live: LiveClient, before: Message | null): Told[] {
  const [told, setTold] = useState<(Told & { at: number })[]>([]);
  useEffect(() => {
    const hear = (news: Message) => {
      const one = { ...(news as unknown as Told), at: Date.now() };
      setTold((known) => [...known.filter(({ origin }) => origin !== one.origin), one]);
    };
    if (before?.type === "MoodChanged") hear(before);
    const stop = live.on("MoodChanged", hear);
    const sweep = setInterval(
      () => setTold((known) => known.filter(({ at }) => Date.now() - at < GONE_MS)),
      GONE_MS / 5,
    );
    return () => {
      stop();
      clearInterval(sweep);
    };
  }, [live]);
  return told;
}

function signalWords(signal: Signal, weight: Weight): string {
  switch (signal) {
    case "cannot-hear":
      if (weight === "most") return t("Most of the room cannot hear you.");
      return weight === "many" ? t("Many cannot hear you.") : t("Some cannot hear you.");
    case "cannot-see":
      if (weight === "most") return t("Most of the room cannot see the slide.");
      return weight === "many" ? t("Many cannot see the slide.") : t("Some cannot see the slide.");
    default:
      if (weight === "most") return t("Most of the room finds it too fast.");
      return weight === "many" ? t("Many find it too fast.") : t("Some find it too fast.");
  }
}

const sum = (numbers: number[]): number => numbers.reduce((total, one) => total + one, 0);
