// Another camera, microphone or loudspeaker in the middle of a session, and how noise is dealt with.

import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Devices, listDevices } from "../media";
import { t } from "../translation";
import { useCell } from "./cell";
import { changeDevice, chooseNoise } from "./changing_devices";
import { DeviceChoice } from "./device_check";
import type { Noise } from "./own_sources";
import { setCamera } from "./own_switches";
import type { RoomSession } from "./room_session";
import { me } from "./room_state";

export function DeviceSettings({ session }: { session: RoomSession }): VNode {
  const { camera, microphone } = useCell(session.devices.state);
  const onStage = me(useCell(session.room)).state === "on-stage";
  const list = useDevices(camera, microphone);
  return (
    <div class="device-settings">
      <Loudspeaker session={session} list={list} />
      {onStage && (
        <>
          <DeviceChoice
            label={t("Microphone")}
            devices={list?.microphones ?? []}
            used={microphone}
            choose={(id) => void changeDevice(session, "microphone", id)}
          />
          {microphone && <NoiseChoice session={session} />}
          <DeviceChoice
            label={t("Camera")}
            devices={list?.cameras ?? []}
            used={camera}
            choose={(id) => void changeDevice(session, "camera", id)}
            close={() => void setCamera(session, false)}
          />
        </>
      )}
    </div>
  );
}

/** Devices as they come and go; their names are known once one of them was allowed. */
function useDevices(...opened: unknown[]): Devices | null {
  const [list, setList] = useState<Devices | null>(null);
  useEffect(() => {
    const look = () => void listDevices().then(setList, () => undefined);
    look();
    navigator.mediaDevices?.addEventListener("devicechange", look);
    return () => navigator.mediaDevices?.removeEventListener("devicechange", look);
  }, opened);
  return list;
}

function Loudspeaker({ session, list }: { session: RoomSession; list: Devices | null }): VNode {
  const chosen = useCell(session.devices.speaker);
  if (!("setSinkId" in HTMLMediaElement.prototype) || !list || list.speakers.length === 0) {
    return <p class="soft">{t("The sound comes from the loudspeaker that this device has chosen.")}</p>;
  }
  return (
    <label class="field check-choice">
      <span>{t("Loudspeaker")}</span>
      <select
        value={chosen}
        onChange={({ currentTarget }) => session.devices.chooseSpeaker(currentTarget.value)}
      >
        <option value="">{t("As the device has it")}</option>
        {list.speakers
          .filter(({ deviceId }) => deviceId !== "default")
          .map((device, index) => (
            <option key={device.deviceId} value={device.deviceId} selected={device.deviceId === chosen}>
              {device.label || `${t("Loudspeaker")} ${index + 1}`}
            </option>
          ))}
      </select>
    </label>
  );
}

function NoiseChoice({ session }: { session: RoomSession }): VNode {
  const chosen = useCell(session.devices.noise);
  const constraints = navigator.mediaDevices?.getSupportedConstraints() as { voiceIsolation?: boolean };
  const choices: [Noise, string][] = [
    ["standard", t("Reduce noise")],
    ["off", t("Leave the sound as it is")],
  ];
  if (constraints?.voiceIsolation) choices.splice(1, 0, ["isolation", t("Only my voice")]);
  return (
    <label class="field check-choice">
      <span>{t("Noise around you")}</span>
      <select
        value={chosen}
        onChange={({ currentTarget }) => void chooseNoise(session, currentTarget.value as Noise)}
      >
        {choices.map(([noise, words]) => (
          <option key={noise} value={noise} selected={noise === chosen}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}
