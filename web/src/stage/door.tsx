// Before the room: wait, look in the mirror, and one main way in.

import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { later } from "../later/fetched";
import { n, t } from "../translation";
import { useCell } from "./cell";
import type { OwnDevices } from "./own_sources";
import { serverNow, setServerTime, useServerNow } from "./server_time";
import type { DoorState, RoomPage } from "./wire";
import { clockLength } from "./words";

const DeviceCheck = later(({ DeviceCheck }) => DeviceCheck);
const DataChoice = later(({ DataChoice }) => DataChoice);
const LinkCheck = later(({ LinkCheck }) => LinkCheck);

const ASK_MS = 20_000;
/** After a visit the door may be another than when the page was loaded. */
const STALE_MS = 10_000;

interface DoorProps {
  page: RoomPage;
  devices: OwnDevices;
  onEnter: (onStage: boolean) => void;
}

export function Door({ page, devices, onEnter }: DoorProps): VNode {
  const door = useDoor(page);
  const [asked, setAsked] = useState(false);
  const [tries, setTries] = useState(false);
  const [costs, setCosts] = useState(false);
  const open = door.refusal === null && !door.full;
  const checking = asked || (open && page.presents);
  const enter = (onStage: boolean) => {
    if (!onStage) devices.closeAll();
    onEnter(onStage);
  };
  return (
    <div class="door">
      {!open && <DoorShut page={page} door={door} />}
      {open && door.phase !== "open" && (
        <p class="notice">
          {door.phase === "not-yet"
            ? t("The room is not open to attendees yet. You can go in and get ready.")
            : t("The room is closed. You can go in and open it again.")}
        </p>
      )}
      {open && !page.presents && (
        <div class="door-enter">
          <button type="button" class="button door-main" onClick={() => enter(false)}>
            {t("Join the room")}
          </button>
          <p class="soft">
            {t("You listen and watch. Nobody sees or hears you unless you are invited to the floor.")}
          </p>
          {door.here > 0 && (
            <p class="soft">{n("{count} person is here.", "{count} people are here.", door.here)}</p>
          )}
        </div>
      )}
      {checking && (
        <DeviceCheck devices={devices} name={page.name}>
          {open && page.presents && <PresenterWays devices={devices} enter={enter} />}
        </DeviceCheck>
      )}
      {(open || door.phase === "not-yet") && (
        <div class="door-tries">
          {!checking && (
            <button type="button" class="button button-quiet" onClick={() => setAsked(true)}>
              {t("Check camera and microphone")}
            </button>
          )}
          {tries ? (
            <LinkCheck page={page} devices={() => devices.facts()} presents={page.presents} />
          ) : (
            <button type="button" class="button button-quiet" onClick={() => setTries(true)}>
              {t("Try out the connection")}
            </button>
          )}
          {costs ? (
            <DataChoice />
          ) : (
            <button type="button" class="button button-quiet" onClick={() => setCosts(true)}>
              {t("How much data to use")}
            </button>
          )}
        </div>
      )}
    </div>
  );
}

function PresenterWays({
  devices,
  enter,
}: {
  devices: OwnDevices;
  enter: (onStage: boolean) => void;
}): VNode {
  const { camera, microphone } = useCell(devices.state);
  const withoutCamera = () => {
    devices.close("camera");
    enter(true);
  };
  return (
    <div class="door-ways">
      {camera && microphone && (
        <button type="button" class="button door-main" onClick={() => enter(true)}>
          {t("Join with camera and microphone")}
        </button>
      )}
      {microphone && (
        <button
          type="button"
          class={camera ? "button button-quiet" : "button door-main"}
          onClick={withoutCamera}
        >
          {t("Join without camera")}
        </button>
      )}
      <button type="button" class="button button-quiet" onClick={() => enter(false)}>
        {t("Listen only")}
      </button>
    </div>
  );
}

function DoorShut({ page, door }: { page: RoomPage; door: DoorState }): VNode {
  if (door.full) {
    return (
      <div class="notice notice-warn" role="status">
        <p>
          <strong>{t("The room is full.")}</strong>
        </p>
        <p>{t("We look again every few seconds and let you in when there is a place.")}</p>
        <p>
          <a href={page.session_url}>{t("Back to the session")}</a>
        </p>
      </div>
    );
  }
  if (door.phase === "not-yet") return <Countdown door={door} />;
  return (
    <div class="notice" role="status">
      <p>
        <strong>{door.refusal?.message}</strong>
      </p>
      <p>
        <a href={page.session_url}>{t("Back to the session")}</a>
      </p>
    </div>
  );
}

function Countdown({ door }: { door: DoorState }): VNode {
  const now = useServerNow(1000);
  const left = Math.max(0, Date.parse(door.doors_open_at) - now) / 1000;
  return (
    <div class="countdown" role="timer" aria-label={t("Time until the room opens")}>
      <p class="countdown-words">{t("The room opens in")}</p>
      <p class="countdown-time numbers">
        <bdi>
          {left < 86_400 ? clockLength(left) : n("{count} day", "{count} days", Math.floor(left / 86_400))}
        </bdi>
      </p>
      <p class="soft">{t("The way in appears here by itself. You can check your devices meanwhile.")}</p>
    </div>
  );
}

/** What the door says, asked again while it is shut and whenever the page is looked at. */
function useDoor(page: RoomPage): DoorState {
  const [door, setDoor] = useState(page.door);
  const shut = door.refusal !== null || door.full;
  useEffect(() => {
    const old = serverNow() - Date.parse(door.now) > STALE_MS;
    if (!shut && !old) return;
    const ask = async () => {
      try {
        const answer = await fetch(page.state_url, { headers: { Accept: "application/json" } });
        if (!answer.ok) return;
        const next = (await answer.json()) as DoorState;
        setServerTime(next.now);
        setDoor(next);
      } catch {
        // Offline: the countdown goes on and the next question may be answered.
      }
    };
    const opens = Date.parse(door.doors_open_at) - serverNow();
    if (old) void ask();
    const soon = opens > 0 && opens < ASK_MS ? opens + 500 : ASK_MS;
    const timer = setTimeout(() => void ask(), soon);
    const looked = () => document.visibilityState === "visible" && void ask();
    document.addEventListener("visibilitychange", looked);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", looked);
    };
  }, [door, shut, page.state_url]);
  return door;
}
