// Everything that is heard, apart from what is seen: tiles may come and go without a gap in the sound.

import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../translation";
import { useCell } from "./cell";
import { Icon } from "./icons";
import type { OwnDevices } from "./own_sources";
import type { Tracks } from "./tab_media";

/** Plays every track of `tracks`; a button asks for a tap when the browser wants one before sound. */
export function Sounds({ tracks, devices }: { tracks: Tracks; devices: OwnDevices }): VNode {
  const speaker = useCell(devices.speaker);
  const [blocked, setBlocked] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const audible = [...tracks].filter(([, track]) => track.kind === "audio");
  const tap = () => {
    setBlocked(false);
    for (const audio of box.current?.querySelectorAll("audio") ?? [])
      audio.play().catch(() => setBlocked(true));
  };
  return (
    <>
      <div ref={box} hidden>
        {audible.map(([, track]) => (
          <Sound
            key={track.id} // of the player, not of the person: one queue may go on with another voice
            track={track}
            speaker={speaker}
            onBlocked={() => setBlocked(true)}
            onGone={() => devices.chooseSpeaker("")}
          />
        ))}
      </div>
      {blocked && audible.length > 0 && (
        <button type="button" class="button tap-to-hear" onClick={tap}>
          <Icon name="sound" />
          {t("Tap to hear")}
        </button>
      )}
    </>
  );
}

interface SoundProps {
  track: MediaStreamTrack;
  speaker: string;
  onBlocked: () => void;
  /** The chosen loudspeaker is not there any more. */
  onGone: () => void;
}

function Sound({ track, speaker, onBlocked, onGone }: SoundProps): VNode {
  const audio = useRef<HTMLAudioElement>(null);
  useEffect(() => {
    const player = audio.current;
    if (!player) return;
    player.srcObject = new MediaStream([track]);
    player.play().catch((error: unknown) => {
      if (error instanceof DOMException && error.name === "NotAllowedError") onBlocked();
    });
    return () => {
      player.srcObject = null;
    };
  }, [track]);
  useEffect(() => {
    const player = audio.current;
    if (!player || !("setSinkId" in player) || player.sinkId === speaker) return;
    player.setSinkId(speaker).catch(() => {
      if (speaker) onGone();
    });
  }, [speaker]);
  // biome-ignore lint/a11y/useMediaCaption: live speech; captions are a channel of their own
  return <audio ref={audio} autoplay />;
}
