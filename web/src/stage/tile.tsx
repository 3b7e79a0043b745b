// One person on stage, or one shared screen.

import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../translation";
import { Icon } from "./icons";
import { type Person, sends } from "./room_state";
import { initial, roleName, Said } from "./words";

/** A picture without sound; sound is played by `Sounds`, so that moving a tile never interrupts it. */
export function Picture({
  track,
  label,
  mirrored,
}: {
  track: MediaStreamTrack;
  label: string;
  mirrored?: boolean;
}): VNode {
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

interface TileProps {
  person: Person;
  track: MediaStreamTrack | undefined;
  speaking: boolean;
}

export function Tile({ person, track, speaking }: TileProps): VNode {
  const heard = sends(person, "microphone");
  const stopped = person.stopped.includes("microphone");
  return (
    <figure class={speaking && heard ? "tile tile-speaking" : "tile"} data-person={person.id}>
      {track && !person.stopped.includes("camera") && !person.away ? (
        <Picture track={track} label={person.name} mirrored={person.isMe} />
      ) : (
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

export function Screen({ person, track }: { person: Person; track: MediaStreamTrack }): VNode {
  return (
    <figure class="shared-screen">
      <Picture track={track} label={t("Shared screen")} />
      <figcaption class="visually-hidden">
        <Said text={t("Screen of {name}")} name={person.name} />
      </figcaption>
    </figure>
  );
}
