// How a person's connection is, for those who run the room: the words of web/templates/stage/connections.html.

import { t } from "../translation";

export interface Connection {
  person: string;
  state: "good" | "weak" | "saving" | "sound" | "text" | "none" | "away";
  why: "" | "chosen" | "link" | "cap" | "loss" | "late";
  /** What they get: conference/media/engine.py. */
  rung: string;
  /** What they send arrives with losses. */
  gaps: boolean;
}

export function connectionWords(connection: Connection): string {
  const words = stateWords(connection);
  return connection.gaps ? `${words} ${t("What they send arrives with gaps.")}` : words;
}

function stateWords({ state, why, rung }: Connection): string {
  switch (state) {
    case "good":
      return t("Good.");
    case "weak":
      if (why === "loss") return t("Weak: parts get lost on the way.");
      if (why === "late") return t("Weak: everything arrives late.");
      return weakWords(rung);
    case "saving":
      return t("Saving data: their own limit is near.");
    case "sound":
      return t("Sound only, by their own choice.");
    case "text":
      return t("Text only, by their own choice.");
    case "away":
      return t("The connection was lost. The place is kept for a while.");
    default:
      return t("In the room, but no sound or picture gets there yet.");
  }
}

function weakWords(rung: string): string {
  switch (rung) {
    case "one":
      return t("Weak: only the speaker's picture fits through.");
    case "sound":
      return t("Weak: pictures are off so that the sound stays.");
    case "text":
      return t("Very weak: only text gets through.");
    default:
      return t("Very weak: the sound is sent in a smaller form, pictures are off.");
  }
}
