// The connection in plain words: how it is, and what is being done about it.

import type { LiveState } from "../live/client";
import type { MediaState } from "../media";
import { t } from "../translation";
import type { CapLevel } from "./data_cap";
import type { Choice } from "./viewing";

export type Rung = "full" | "one" | "sound" | "lean" | "saver" | "text";
export type Reason = "chosen" | "link" | "cap" | "ok";

export interface LinkFacts {
  readonly live: LiveState;
  readonly media: MediaState;
  /** Losses, late answers or frozen pictures, judged here. */
  readonly weak: boolean;
  readonly rung: Rung;
  readonly reason: Reason;
  /** When a choice or limit of one's own leaves less than the connection carries. */
  readonly limited: LinkWords | null;
  /** When one's own picture does not go out as it should. */
  readonly sends: LinkWords | null;
  readonly choice: Choice;
  readonly cap: CapLevel;
}

export type LinkQuality = "good" | "weak" | "reconnecting" | "lost";

export interface LinkWords {
  readonly quality: LinkQuality;
  /** For the line under the stage. */
  readonly short: string;
  /** A sentence or two: what is happening and what the person may expect. */
  readonly long: string;
}

export function linkWords(facts: LinkFacts): LinkWords {
  const { live, media, choice, cap } = facts;
  if (live === "offline") {
    return {
      quality: "lost",
      short: t("No connection"),
      long: t("There is no connection. We keep trying; what you do is kept and sent later."),
    };
  }
  const text = choice === "text" || cap === "reached";
  if (live === "connecting" || (!text && (media === "reconnecting" || media === "failed"))) {
    return {
      quality: "reconnecting",
      short:
        live !== "connecting" && media === "failed"
          ? t("No sound or picture yet. Trying again.")
          : t("Reconnecting"),
      long: t("The connection dropped and is being restored. You need not do anything."),
    };
  }
  if (facts.limited) return facts.limited;
  if (!text && media === "connecting") {
    return { quality: "good", short: t("Connecting"), long: t("Sound and picture are being connected.") };
  }
  if (facts.reason === "link" && facts.rung !== "full") return weakLink(facts.rung);
  if (facts.sends) return facts.sends;
  if (facts.weak) {
    return {
      quality: "weak",
      short: t("Weak"),
      long: t("Weak connection: parts get lost on the way and are sent again. A smaller quality may help."),
    };
  }
  return { quality: "good", short: t("Good"), long: t("The connection is good.") };
}

function weakLink(rung: Rung): LinkWords {
  const quality = "weak";
  switch (rung) {
    case "one":
      return {
        quality,
        short: t("Weak: speaker only"),
        long: t(
          "Weak connection: only the speaker is shown, in a small picture. The others come back by themselves.",
        ),
      };
    case "sound":
      return {
        quality,
        short: t("Weak: picture off"),
        long: t("Weak connection: the picture is off so that the sound stays. It comes back by itself."),
      };
    case "lean":
    case "saver":
      return {
        quality,
        short: t("Weak: small sound"),
        long: t(
          "Very weak connection: the picture is off and the sound is sent in a smaller form. Both come back by themselves.",
        ),
      };
    default:
      return {
        quality,
        short: t("Weak: text only"),
        long: t("The connection carries only text and slides now. Sound comes back by itself."),
      };
  }
}
