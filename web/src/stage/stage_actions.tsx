// What somebody on stage can do: microphone, camera, screen, and leave it. Fetched with the check of the devices.

import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { t } from "../translation";
import { Action, useShortcut } from "./action";
import { useCell } from "./cell";
import { explainDevice, setCamera, setMicrophone, setScreen } from "./own_switches";
import type { RoomSession } from "./room_session";
import { me } from "./room_state";
import type { Source } from "./wire";

export function StageActions({ session }: { session: RoomSession }): VNode {
  const own = useCell(session.devices.state);
  const { stopped } = me(useCell(session.room));
  const [busy, run] = useDeviceAct(session);
  const microphone = () => run("microphone", () => setMicrophone(session, !own.microphoneOn));
  const camera = () => run("camera", () => setCamera(session, own.camera === null));
  const screen = () => run("screen", () => setScreen(session, own.screen === null));
  useShortcut("KeyM", microphone);
  useShortcut("KeyV", camera);
  const heard = own.microphoneOn && !stopped.includes("microphone");
  const seen = own.camera !== null && !stopped.includes("camera");
  return (
    <>
      <Action
        icon={heard ? "microphone" : "microphone-off"}
        label={stopped.includes("microphone") ? t("Muted") : own.microphoneOn ? t("Mute") : t("Unmute")}
        onClick={microphone}
        pressed={own.microphoneOn}
        shortcut="M"
        busy={busy === "microphone"}
        disabled={stopped.includes("microphone")}
        {...(heard ? {} : { tone: "off" as const })}
      />
      <Action
        icon={seen ? "camera" : "camera-off"}
        label={t("Camera")}
        onClick={camera}
        pressed={own.camera !== null}
        shortcut="V"
        busy={busy === "camera"}
        disabled={stopped.includes("camera")}
        {...(seen ? {} : { tone: "off" as const })}
      />
      {"getDisplayMedia" in (navigator.mediaDevices ?? {}) && (
        <Action
          icon="screen"
          label={own.screen ? t("Stop sharing") : t("Share screen")}
          onClick={screen}
          pressed={own.screen !== null}
          busy={busy === "screen"}
          disabled={stopped.includes("screen")}
        />
      )}
      <Action icon="off-stage" label={t("Leave stage")} onClick={() => void session.leaveFloor()} />
    </>
  );
}

/** Runs one device act at a time; what goes wrong is said in words. */
function useDeviceAct(
  session: RoomSession,
): [Source | null, (source: Source, act: () => Promise<void>) => void] {
  const [busy, setBusy] = useState<Source | null>(null);
  const run = (source: Source, act: () => Promise<void>) => {
    if (busy) return;
    setBusy(source);
    act()
      .catch((error: unknown) => explainDevice(session, source, error))
      .finally(() => setBusy(null));
  };
  return [busy, run];
}
