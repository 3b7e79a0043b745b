// What one gets: six choices, and what each costs.

import type { VNode } from "preact";
import { t } from "../translation";
import { CHOICES, type Choice, MB_AN_HOUR } from "./viewing";

interface Props {
  chosen: Choice;
  choose: (choice: Choice) => void;
}

export function QualityChoice({ chosen, choose }: Props): VNode {
  return (
    <fieldset class="setting setting-quality">
      <legend>{t("What you get")}</legend>
      {CHOICES.map((choice) => (
        <label key={choice} class="quality-choice">
          <input
            type="radio"
            name="quality"
            value={choice}
            checked={choice === chosen}
            onChange={() => choose(choice)}
          />
          <span class="quality-words">
            <span class="quality-name">{nameOf(choice)}</span>
            <span class="quality-about">{aboutOf(choice)}</span>
          </span>
          <span class="quality-cost numbers">
            <bdi>{costOf(choice)}</bdi>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function nameOf(choice: Choice): string {
  switch (choice) {
    case "auto":
      return t("Automatic");
    case "low":
      return t("Small pictures");
    case "one":
      return t("Only the speaker");
    case "sound":
      return t("Sound only");
    case "saver":
      return t("Sound only, saving data");
    default:
      return t("Nothing but slides and text");
  }
}

function aboutOf(choice: Choice): string {
  switch (choice) {
    case "auto":
      return t("As good as the connection allows. The sound comes first.");
    case "low":
      return t("Everybody, in the smallest picture.");
    case "one":
      return t("One small picture: whoever speaks.");
    case "sound":
      return t("Clear sound, no pictures.");
    case "saver":
      return t("Speech as on a telephone, no pictures.");
    default:
      return t("No sound, no pictures. Questions and slides go on.");
  }
}

function costOf(choice: Choice): string {
  const size = MB_AN_HOUR[choice];
  if (choice === "text") return t("about {size} MB an hour", { size });
  return t("up to {size} MB an hour", { size });
}
