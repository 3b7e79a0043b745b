// What is said when a moderator silences somebody or lets them speak again, and when a recording begins or ends.

import { t } from "../translation";
import type { Source } from "./wire";

export function stoppedText(source: Source): string {
  switch (source) {
    case "microphone":
      return t("A moderator has muted your microphone.");
    case "camera":
      return t("A moderator has stopped your camera.");
    default:
      return t("A moderator has stopped your shared screen.");
  }
}

export function givenBackText(): string {
  return t("You can use your microphone again.");
}

export function recordingText(since: string, error: string): string {
  if (since) return t("This room is being recorded now.");
  return error
    ? t("The recording has stopped because of an error on the server.")
    : t("The recording has ended.");
}
