// "You are invited to the floor": with a look in the mirror before going on stage.

import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { later } from "../later/fetched";
import { t } from "../translation";
import { useCell } from "./cell";
import { Sheet } from "./dialogs";
import type { RoomSession } from "./room_session";

const DeviceCheck = later(({ DeviceCheck }) => DeviceCheck);

interface Props {
  session: RoomSession;
  invited: boolean;
  onClose: () => void;
}

/** The way on stage for invited attendees and for presenters who came in listening. */
export function StageEntrance({ session, invited, onClose }: Props): VNode {
  const { camera, microphone } = useCell(session.devices.state);
  const [busy, setBusy] = useState(false);
  const going = useRef(false);
  useEffect(() => () => void (going.current || session.devices.closeAll()), [session]);
  const go = async (withCamera: boolean) => {
    setBusy(true);
    going.current = true;
    if (!withCamera) session.devices.close("camera");
    // A refusal has been said in a note; on success the room itself shows that one is on stage.
    await session.takeFloor().then(onClose, () => {
      going.current = false;
    });
    setBusy(false);
  };
  const refuse = () => {
    onClose();
    if (invited) void session.decline();
  };
  return (
    <Sheet
      title={invited ? t("You are invited to the floor") : t("Go on stage")}
      onClose={invited ? onClose : refuse}
    >
      <p class="sheet-text">
        {t("Everybody in the room will hear you. Check how you look and sound first.")}
      </p>
      <DeviceCheck devices={session.devices} name={session.page.name} />
      <div class="sheet-actions">
        {microphone ? (
          <>
            <button type="button" class="button" disabled={busy} onClick={() => void go(true)}>
              {camera ? t("Go on stage with camera") : t("Go on stage, sound only")}
            </button>
            {camera && (
              <button
                type="button"
                class="button button-quiet"
                disabled={busy}
                onClick={() => void go(false)}
              >
                {t("Without camera")}
              </button>
            )}
          </>
        ) : (
          <button type="button" class="button button-quiet" disabled={busy} onClick={() => void go(true)}>
            {t("Go on stage without a microphone")}
          </button>
        )}
        <button type="button" class="button button-quiet" onClick={refuse}>
          {t("Not now")}
        </button>
      </div>
    </Sheet>
  );
}
