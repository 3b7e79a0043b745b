// Seeing and hearing oneself before others do: preview, level, choice of devices, and what went wrong.

import type { ComponentChildren, VNode } from "preact";
import { useCallback, useEffect, useState } from "preact/hooks";
import { DeviceError, type DeviceProblem, type Devices, listDevices } from "../media";
import { t } from "../translation";
import { useCell } from "./cell";
import { deviceAdvice } from "./device_words";
import { LevelBar } from "./level_bar";
import { type OwnDevices, rememberDevice } from "./own_sources";
import { Picture } from "./tile";
import { initial } from "./words";

type Kind = "camera" | "microphone";
type ProblemOf = Partial<Record<Kind, DeviceProblem>>;

/** Opens what is allowed; `asked` is false until the person (or an earlier permission) says so. */
function useDeviceCheck(devices: OwnDevices) {
  const [asked, setAsked] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problems, setProblems] = useState<ProblemOf>({});
  const [list, setList] = useState<Devices | null>(null);

  const open = useCallback(
    async (kind: Kind, id?: string) => {
      try {
        await devices.open(kind, id);
        setProblems(({ [kind]: _, ...others }) => others);
      } catch (error) {
        devices.close(kind);
        setProblems((before) => ({
          ...before,
          [kind]: error instanceof DeviceError ? error.code : "failed",
        }));
      }
      setList(await listDevices().catch(() => null));
    },
    [devices],
  );

  const start = useCallback(async () => {
    setAsked(true);
    setBusy(true);
    await inTurn(["microphone", "camera"], open);
    setBusy(false);
  }, [open]);

  useEffect(() => {
    void alreadyAllowed().then((allowed) => (allowed ? start() : undefined));
    const changed = () => void listDevices().then(setList, () => undefined);
    navigator.mediaDevices?.addEventListener("devicechange", changed);
    return () => navigator.mediaDevices?.removeEventListener("devicechange", changed);
  }, [start]);

  return { asked, busy, problems, list, start, open };
}

/** One after the other: browsers that ask two questions at once confuse people. */
async function inTurn(kinds: Kind[], open: (kind: Kind) => Promise<void>): Promise<void> {
  for (const kind of kinds) await open(kind);
}

async function alreadyAllowed(): Promise<boolean> {
  try {
    const names = ["camera", "microphone"] as PermissionName[];
    const states = await Promise.all(names.map((name) => navigator.permissions.query({ name })));
    return states.every(({ state }) => state === "granted");
  } catch {
    return false; // browsers that cannot say are asked by a tap
  }
}

interface CheckProps {
  devices: OwnDevices;
  name: string;
  /** What to do when all is well, under the choices. */
  children?: ComponentChildren;
}

export function DeviceCheck({ devices, name, children }: CheckProps): VNode {
  const { camera, microphone } = useCell(devices.state);
  const { asked, busy, problems, list, start, open } = useDeviceCheck(devices);
  const choose = (kind: Kind) => (id: string) => {
    rememberDevice(kind, id);
    void open(kind, id);
  };
  return (
    <div class="check">
      <div class="check-picture">
        {camera ? (
          <Picture track={camera} label={t("Your own picture")} mirrored />
        ) : (
          <div class="check-off">
            <span class="tile-letter" aria-hidden="true">
              {initial(name)}
            </span>
            {asked && <p>{busy ? t("Starting…") : t("Camera off")}</p>}
          </div>
        )}
      </div>
      <div class="check-side">
        {!asked && (
          <div class="check-ask">
            <p>{t("To be seen and heard, the browser will ask you for permission.")}</p>
            <button type="button" class="button button-quiet" onClick={() => void start()}>
              {t("Turn on camera and microphone")}
            </button>
          </div>
        )}
        {microphone && <LevelBar track={microphone} />}
        <Problems problems={problems} retry={(kinds) => void inTurn(kinds, open)} />
        {asked && list && (
          <div class="check-choices">
            <DeviceChoice
              label={t("Camera")}
              devices={list.cameras}
              used={camera}
              choose={choose("camera")}
              close={() => devices.close("camera")}
            />
            <DeviceChoice
              label={t("Microphone")}
              devices={list.microphones}
              used={microphone}
              choose={choose("microphone")}
            />
          </div>
        )}
        {children}
      </div>
    </div>
  );
}

interface ChoiceProps {
  label: string;
  devices: readonly MediaDeviceInfo[];
  used: MediaStreamTrack | null;
  choose: (id: string) => void;
  close?: () => void;
}

export function DeviceChoice({ label, devices, used, choose, close }: ChoiceProps): VNode | null {
  if (devices.length === 0) return null;
  const current = used?.getSettings().deviceId ?? "";
  return (
    <label class="field check-choice">
      <span>{label}</span>
      <select
        value={current}
        onChange={({ currentTarget }) => {
          if (currentTarget.value === "") close?.();
          else choose(currentTarget.value);
        }}
      >
        {(close || !used) && <option value="">{t("Off")}</option>}
        {devices.map((device, index) => (
          <option key={device.deviceId} value={device.deviceId} selected={device.deviceId === current}>
            {device.label || `${label} ${index + 1}`}
          </option>
        ))}
      </select>
    </label>
  );
}

/** What went wrong, said once when it is the same with both devices. */
function Problems({ problems, retry }: { problems: ProblemOf; retry: (kinds: Kind[]) => void }): VNode {
  const { camera, microphone } = problems;
  if (camera && camera === microphone) {
    return <Problem kind="both" problem={camera} retry={() => retry(["microphone", "camera"])} />;
  }
  return (
    <>
      {camera && <Problem kind="camera" problem={camera} retry={() => retry(["camera"])} />}
      {microphone && <Problem kind="microphone" problem={microphone} retry={() => retry(["microphone"])} />}
    </>
  );
}

interface ProblemProps {
  kind: Kind | "both";
  problem: DeviceProblem;
  retry: () => void;
}

function Problem({ kind, problem, retry }: ProblemProps): VNode {
  const { what, how } = deviceAdvice(kind, problem);
  return (
    <div class="notice notice-warn" role="alert">
      <p>
        <strong>{what}</strong>
      </p>
      <p>{how}</p>
      <button type="button" class="link-button" onClick={retry}>
        {t("Try again")}
      </button>
    </div>
  );
}
