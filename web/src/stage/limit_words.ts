// What a choice or a limit of the person's own leaves, in words. Fetched when there is one.

import { t } from "../translation";
import type { CapLevel } from "./data_cap";
import type { LinkWords } from "./link_words";
import type { Choice } from "./viewing";

const quality = "good";

export function limitWords(choice: Choice, cap: CapLevel): LinkWords | null {
  if (cap === "reached" || cap === "saving")
    return {
      quality,
      short: cap === "saving" ? t("Saving data") : t("Limit reached"),
      long: limitText(cap),
    };
  if (choice !== "text") return null;
  return {
    quality,
    short: t("Text only"),
    long: t("Only text and slides come, as you chose."),
  };
}

/** For a note. */
export function limitText(cap: Exclude<CapLevel, "free">): string {
  switch (cap) {
    case "warned":
      return t("Three quarters of your data limit are used. Near its end pictures stop.");
    case "saving":
      return t("Your data limit is near: pictures are off and the sound is sent in its smallest form.");
    default:
      return t("Your data limit is reached: sound and pictures have stopped. Text and slides go on.");
  }
}
