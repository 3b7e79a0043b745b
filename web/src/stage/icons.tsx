// Line icons on a 24 × 24 grid. They stand beside words, so they are hidden from screen readers.

import type { VNode } from "preact";

const paths = {
  microphone:
    "M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3ZM5.5 11a6.5 6.5 0 0 0 13 0M12 17.5V21M8.5 21h7",
  "microphone-off":
    "M9 6a3 3 0 0 1 6 0v5c0 .5-.1 1-.3 1.3M12.5 14A3 3 0 0 1 9 11V9.5M5.5 11a6.5 6.5 0 0 0 10.3 5.3M18.5 11c0 1-.2 2-.6 2.8M12 17.5V21M8.5 21h7M3.5 3.5l17 17",
  camera: "M3.5 7.5a2 2 0 0 1 2-2h8a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-8a2 2 0 0 1-2-2ZM15.5 10.5l5-3v9l-5-3",
  "camera-off":
    "M8 5.5h5.5a2 2 0 0 1 2 2v5.5M15.3 17.3a2 2 0 0 1-1.8 1.2h-8a2 2 0 0 1-2-2v-9a2 2 0 0 1 1-1.7M15.5 10.5l5-3v9l-2.5-1.5M3.5 3.5l17 17",
  screen: "M3.5 5h17v11.5h-17ZM8.5 20.5h7M12 16.5v4M12 13.5V8M9.5 10.2 12 7.7l2.5 2.5",
  hand: "M7.5 12.5V6.2a1.3 1.3 0 0 1 2.6 0V11M10.1 10.5V4.3a1.3 1.3 0 0 1 2.6 0v6.2M12.7 10.5V5.3a1.3 1.3 0 0 1 2.6 0v6M15.3 11.5V7.8a1.3 1.3 0 0 1 2.6 0v6.7c0 3.7-2.3 6.5-5.7 6.5-2.6 0-4.1-1.3-5.3-3.5l-2.2-4a1.3 1.3 0 0 1 2.2-1.4l.6.9",
  leave: "M14.5 4.5h-8a1 1 0 0 0-1 1v13a1 1 0 0 0 1 1h8M10.5 12h9.5M16.5 8.5 20 12l-3.5 3.5",
  "to-stage": "M4 18.5h16M12 15V4.5M8 8.5l4-4 4 4",
  "off-stage": "M4 18.5h16M12 4.5V15M8 11l4 4 4-4",
  more: "M5.5 12h.01M12 12h.01M18.5 12h.01",
  sound: "M4.5 9.5v5h3.5l4.5 4v-13l-4.5 4ZM16 9a4.2 4.2 0 0 1 0 6M18.5 6.5a7.8 7.8 0 0 1 0 11",
  people:
    "M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.5 19.5c.4-3.5 3-5.5 6.5-5.5s6.1 2 6.5 5.5M16 5a3.2 3.2 0 0 1 0 6.2M18 14.5c2 .7 3.2 2.4 3.5 5",
  settings: "M4 7h9M17 7h3M4 17h3M11 17h9M15 4.8v4.4M9 14.8v4.4",
  smile: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM8.5 14c.8 1.4 2 2 3.5 2s2.7-.6 3.5-2M9 9.5h.01M15 9.5h.01",
  bell: "M6.5 16.5V11a5.5 5.5 0 0 1 11 0v5.5l1.5 1.5H5ZM10.5 20.5h3",
  close: "M6 6l12 12M18 6 6 18",
} as const;

export type IconName = keyof typeof paths;

// Pointing along the line of text, so it turns round in Arabic; the others never do.
const turning: ReadonlySet<IconName> = new Set<IconName>(["leave"]);

export function Icon({ name }: { name: IconName }): VNode {
  return (
    <svg
      class={turning.has(name) ? "icon icon-turning" : "icon"}
      viewBox="0 0 24 24"
      width="24"
      height="24"
      fill="none"
      stroke="currentColor"
      stroke-width={name === "more" ? 3 : 1.75}
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  );
}
