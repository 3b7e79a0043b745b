// What kinds and stages of polls are called.

import { t } from "../translation";
import type { Kind, Stage } from "./wire";

export function stageWords(stage: Stage): string {
  switch (stage) {
    case "draft":
      return t("Draft");
    case "open":
      return t("Open, results hidden");
    case "open-shown":
      return t("Open, results shown");
    case "closed":
      return t("Closed, results hidden");
    default:
      return t("Closed, results shown");
  }
}

export function kindWords(kind: Kind): string {
  switch (kind) {
    case "single":
      return t("Single choice");
    case "multiple":
      return t("Multiple choice");
    case "likert":
      return t("Agreement (Likert)");
    case "rating":
      return t("Rating in stars");
    case "ordering":
      return t("Putting in order");
    case "text":
      return t("Short text");
    default:
      return t("Quiz");
  }
}
