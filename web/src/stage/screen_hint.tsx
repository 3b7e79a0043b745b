// Over one's own shared screen: whether letters must be sharp or motion smooth.

import type { VNode } from "preact";
import { t } from "../translation";
import { useCell } from "./cell";
import type { ScreenHint } from "./own_sources";
import type { RoomSession } from "./room_session";

export function HintChoice({ session }: { session: RoomSession }): VNode {
  const chosen = useCell(session.devices.screenHint);
  const choices: [ScreenHint, string][] = [
    ["detail", t("Sharp text")],
    ["motion", t("Smooth motion")],
  ];
  return (
    <fieldset class="screen-hint">
      <legend class="visually-hidden">{t("What your screen shows")}</legend>
      {choices.map(([hint, words]) => (
        <label key={hint}>
          <input
            type="radio"
            name="screen-hint"
            checked={hint === chosen}
            onChange={() => void hintScreen(session, hint)}
          />
          <span>{words}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** In the middle of sharing. */
async function hintScreen({ devices, media }: RoomSession, hint: ScreenHint): Promise<void> {
  devices.screenHint.set(hint);
  const { screen } = devices.state.value;
  if (screen) {
    screen.contentHint = hint;
    const most = hint === "motion" ? 30 : 15;
    await screen.applyConstraints({ frameRate: { ideal: most, max: most } }).catch(() => undefined);
  }
  media.connection?.hint("screen");
}
