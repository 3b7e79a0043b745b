// What one sends at most: for whoever is seen and heard, and pays for it.

import type { VNode } from "preact";
import { t } from "../translation";
import { useCell } from "./cell";
import { chooseSending } from "./changing_devices";
import type { RoomSession } from "./room_session";
import { limitsOf, SEND_CHOICES, SENT_MB_AN_HOUR, type SendChoice } from "./sending";

export function SendingSettings({ session }: { session: RoomSession }): VNode {
  const limits = limitsOf(session.media);
  const chosen = useCell(limits.choice);
  const less = useCell(limits.lessWhenHidden);
  return (
    <fieldset class="setting setting-quality">
      <legend>{t("What you send")}</legend>
      {SEND_CHOICES.map((choice) => (
        <label key={choice} class="quality-choice">
          <input
            type="radio"
            name="sending"
            value={choice}
            checked={choice === chosen}
            onChange={() => chooseSending(session, choice)}
          />
          <span class="quality-words">
            <span class="quality-name">{nameOf(choice)}</span>
            <span class="quality-about">{aboutOf(choice)}</span>
          </span>
          <span class="quality-cost numbers">
            <bdi>{t("up to {size} MB an hour", { size: SENT_MB_AN_HOUR[choice] })}</bdi>
          </span>
        </label>
      ))}
      <label class="quality-choice">
        <input
          type="checkbox"
          name="sending-away"
          checked={less}
          onChange={({ currentTarget }) => limits.sendLessWhenHidden(currentTarget.checked)}
        />
        <span class="quality-words">
          <span class="quality-name">{t("Send less while this page is in the background")}</span>
          <span class="quality-about">
            {t("A small picture until you speak. A shared screen stays as it is.")}
          </span>
        </span>
      </label>
    </fieldset>
  );
}

function nameOf(choice: SendChoice): string {
  switch (choice) {
    case "auto":
      return t("Automatic");
    case "small":
      return t("A small picture");
    default:
      return t("Your voice alone");
  }
}

function aboutOf(choice: SendChoice): string {
  switch (choice) {
    case "auto":
      return t("As good as the connection carries and as large as somebody looks at it.");
    case "small":
      return t("As large as a tile. A shared screen changes once a second.");
    default:
      return t("The camera is off until you switch it on again.");
  }
}
