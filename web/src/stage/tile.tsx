// One person on stage, or one shared screen.

import type { ComponentChildren, RefObject, VNode } from "preact";
import { useContext, useEffect, useRef, useState } from "preact/hooks";
import { t } from "../translation";
import { Icon } from "./icons";
import { type Person, sends } from "./room_state";
import { Shown } from "./shown_context";
import { initial, roleName, Said } from "./words";

/** Without a new frame for so long a camera's picture is a still of somebody who has moved on. */
const STILL_MS = 4_000;
const LOOK_MS = 1_000;

interface PictureProps {
  track: MediaStreamTrack;
  label: string;
  mirrored?: boolean;
  /** Told whether frames come. */
  onStill?: (still: boolean) => void;
}

/** A picture without sound; sound is played by `Sounds`, so that moving a tile never interrupts it. */
export function Picture({ track, label, mirrored, onStill }: PictureProps): VNode {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const shown = video.current;
    if (!shown) return;
    shown.srcObject = new MediaStream([track]);
    // A muted video may always start; what fails here is a track that has just ended.
    shown.play().catch(() => undefined);
    return () => {
      shown.srcObject = null;
    };
  }, [track]);
  useEffect(() => {
    const shown = video.current;
    if (!shown || !onStill || !("getVideoPlaybackQuality" in shown)) return;
    let [frames, since] = [-1, performance.now()];
    const look = () => {
      // A page in the background draws nothing, whatever comes.
      if (document.visibilityState === "hidden") return;
      const now = shown.getVideoPlaybackQuality().totalVideoFrames;
      if (now !== frames) [frames, since] = [now, performance.now()];
      onStill(performance.now() - since > STILL_MS);
    };
    const timer = setInterval(look, LOOK_MS);
    return () => clearInterval(timer);
  }, [track, onStill]);
  return (
    <video
      ref={video}
      class={mirrored ? "picture picture-mirrored" : "picture"}
      muted
      autoplay
      playsInline
      aria-label={label}
    />
  );
}

/** The element counts as a picture on the screen, whether or not one comes: only what is asked for comes. */
function useShown(
  participant: string | undefined,
  source: "camera" | "screen",
): RefObject<HTMLElement | null> {
  const element = useRef<HTMLElement>(null);
  const shown = useContext(Shown);
  useEffect(() => {
    if (!element.current || !participant || !shown) return;
    return shown.watch(element.current, participant, source);
  }, [shown, participant, source]);
  return element;
}

interface TileProps {
  person: Person;
  track: MediaStreamTrack | undefined;
  speaking: boolean;
}

export function Tile({ person, track, speaking }: TileProps): VNode {
  const heard = sends(person, "microphone");
  const stopped = person.stopped.includes("microphone");
  const [still, setStill] = useState(false);
  const camera = person.isMe ? undefined : person.participants.find((tab) => tab.camera)?.participant;
  const element = useShown(camera, "camera");
  const seen = track !== undefined && !person.stopped.includes("camera") && !person.away;
  return (
    <figure
      ref={element}
      class={speaking && heard ? "tile tile-speaking" : "tile"}
      data-person={person.id}
      data-still={seen && still ? "" : undefined}
    >
      {seen && (
        <Picture
          track={track}
          label={person.name}
          mirrored={person.isMe}
          {...(person.isMe ? {} : { onStill: setStill })}
        />
      )}
      {(!seen || still) && (
        <span class="tile-letter" aria-hidden="true">
          {initial(person.name)}
        </span>
      )}
      <figcaption class="tile-name">
        {!heard && <Icon name="microphone-off" />}
        <bdi>{person.name}</bdi>
        {person.isMe ? (
          <span class="tile-role">{t("you")}</span>
        ) : (
          person.role !== "attendee" && <span class="tile-role">{roleName(person.role)}</span>
        )}
        {!heard && (
          <span class="visually-hidden">{stopped ? t("muted by a moderator") : t("microphone off")}</span>
        )}
      </figcaption>
      {person.away && <p class="tile-away">{t("Connection lost. The place is kept.")}</p>}
    </figure>
  );
}

interface ScreenProps {
  person: Person;
  track: MediaStreamTrack;
  children?: ComponentChildren;
}

export function Screen({ person, track, children }: ScreenProps): VNode {
  const screen = person.isMe ? undefined : person.participants.find((tab) => tab.screen)?.participant;
  const element = useShown(screen, "screen");
  return (
    <figure ref={element} class="shared-screen">
      <Picture track={track} label={t("Shared screen")} />
      <figcaption class="visually-hidden">
        <Said text={t("Screen of {name}")} name={person.name} />
      </figcaption>
      {children}
    </figure>
  );
}
