// How loud the microphone is: a bar that moves, and a word once we have heard something.

import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { LevelMeter } from "../media";
import { t } from "../translation";

const HEARD = 0.3;

export function LevelBar({ track }: { track: MediaStreamTrack }): VNode {
  const bar = useRef<HTMLDivElement>(null);
  const [heard, setHeard] = useState(false);
  useEffect(() => {
    setHeard(false);
    const meter = new LevelMeter(track);
    let shown = 0;
    let frame = requestAnimationFrame(function draw() {
      const value = meter.value();
      // Quick up, slow down, as meters are read.
      shown = value > shown ? value : shown * 0.92;
      bar.current?.style.setProperty("--level", shown.toFixed(3));
      if (value > HEARD) setHeard(true);
      frame = requestAnimationFrame(draw);
    });
    return () => {
      cancelAnimationFrame(frame);
      meter.close();
    };
  }, [track]);
  return (
    <div class="level">
      <div class="level-bar" ref={bar} aria-hidden="true" />
      <p class={heard ? "level-word level-heard" : "level-word"} role="status">
        {heard ? t("Your microphone works.") : t("Say something: the bar should move.")}
      </p>
    </div>
  );
}
