// At most five things to do, at the bottom where the thumb is.

import type { ComponentChildren, VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "../translation";
import { aroundParts } from "./around_parts";
import { useCell } from "./cell";
import { Icon, type IconName } from "./icons";
import type { RoomSession } from "./room_session";
import { me } from "./room_state";
import type { Source } from "./wire";

interface ActionProps {
  icon: IconName;
  label: ComponentChildren;
  onClick: () => void;
  pressed?: boolean;
  expanded?: boolean;
  shortcut?: string;
  busy?: boolean;
  disabled?: boolean;
  tone?: "main" | "leave" | "off";
}

function Action({
  icon,
  label,
  onClick,
  pressed,
  expanded,
  shortcut,
  busy,
  disabled,
  tone,
}: ActionProps): VNode {
  return (
    <button
      type="button"
      class={tone ? `action action-${tone}` : "action"}
      onClick={onClick}
      aria-pressed={pressed}
      aria-expanded={expanded}
      aria-busy={busy}
      aria-keyshortcuts={shortcut}
      disabled={disabled}
    >
      <Icon name={icon} />
      <span class="action-label">{label}</span>
      {shortcut && (
        <span class="action-key" aria-hidden="true">
          {shortcut}
        </span>
      )}
    </button>
  );
}

interface BarProps {
  session: RoomSession;
  onGoOnStage: () => void;
  onLeave: () => void;
}

export function ActionBar({ session, onGoOnStage, onLeave }: BarProps): VNode {
  const room = useCell(session.room);
  const person = me(room);
  return (
    <section class="actions" aria-label={t("What you can do")}>
      {person.state === "on-stage" ? (
        <StageActions session={session} />
      ) : (
        <>
          {room.presents && (
            <Action icon="to-stage" label={t("Go on stage")} onClick={onGoOnStage} tone="main" />
          )}
          <HandAction session={session} />
          <ReactAction session={session} />
        </>
      )}
      <Action icon="leave" label={t("Leave")} onClick={onLeave} tone="leave" />
    </section>
  );
}

const Reacting = aroundParts.show(({ Reacting }) => Reacting);

function ReactAction({ session }: { session: RoomSession }): VNode {
  const [open, setOpen] = useState(false);
  const toggle = () => setOpen(!open);
  useShortcut("KeyR", toggle);
  return (
    <>
      <Action icon="smile" label={t("React")} onClick={toggle} expanded={open} shortcut="R" />
      {open && <Reacting session={session} onClose={() => setOpen(false)} />}
    </>
  );
}

function HandAction({ session }: { session: RoomSession }): VNode | null {
  const room = useCell(session.room);
  const wish = useCell(session.handWish);
  const raised = wish === null ? me(room).state === "hand-raised" : wish === "up";
  const toggle = () => void (raised ? session.lowerHand() : session.raiseHand());
  useShortcut("KeyH", toggle);
  if (me(room).state === "invited" || !(room.rules.hands || raised)) return null;
  return (
    <Action
      icon="hand"
      label={raised ? t("Lower hand") : t("Raise hand")}
      onClick={toggle}
      pressed={raised}
      shortcut="H"
      {...(raised ? { tone: "main" as const } : {})}
    />
  );
}

function StageActions({ session }: { session: RoomSession }): VNode {
  const own = useCell(session.devices.state);
  const { stopped } = me(useCell(session.room));
  const [busy, run] = useDeviceAct(session);
  const microphone = () => run("microphone", () => session.own.setMicrophone(!own.microphoneOn));
  const camera = () => run("camera", () => session.own.setCamera(own.camera === null));
  const screen = () => run("screen", () => session.own.setScreen(own.screen === null));
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
      .catch((error: unknown) => session.own.explainDevice(source, error))
      .finally(() => setBusy(null));
  };
  return [busy, run];
}

/** By the key's place, so that it works with an Arabic keyboard as well; not while somebody types. */
function useShortcut(code: string, act: () => void): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.code !== code || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      const target = event.target as HTMLElement | null;
      if (target?.closest("input, textarea, select, [contenteditable], dialog")) return;
      event.preventDefault();
      act();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  });
}
