// One thing to do, as a button of the bar, and its key.

import type { ComponentChildren, VNode } from "preact";
import { useEffect } from "preact/hooks";
import { Icon, type IconName } from "./icons";

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

export function Action({
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

/** By the key's place, so that it works with an Arabic keyboard as well; not while somebody types. */
export function useShortcut(code: string, act: () => void): void {
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
