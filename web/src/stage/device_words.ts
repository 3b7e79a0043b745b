// What to do when a device cannot be used, in words for the browser at hand.

import type { DeviceProblem } from "../media";
import { t } from "../translation";

export type DeviceKind = "camera" | "microphone" | "both" | "screen";

export interface Advice {
  readonly what: string;
  readonly how: string;
}

export function deviceAdvice(kind: DeviceKind, problem: DeviceProblem): Advice {
  switch (problem) {
    case "refused":
      return { what: refusedWords(kind), how: permissionWords() };
    case "none-found":
      return {
        what:
          kind === "camera"
            ? t("No camera was found.")
            : kind === "microphone"
              ? t("No microphone was found.")
              : kind === "both"
                ? t("No camera and no microphone were found.")
                : t("This browser cannot share the screen."),
        how:
          kind === "screen"
            ? t("On a computer, current versions of Chrome, Edge, Firefox and Safari can.")
            : t("Plug one in or switch it on, then try again."),
      };
    case "in-use":
      return {
        what:
          kind === "camera"
            ? t("Another program is using the camera.")
            : kind === "both"
              ? t("Another program is using the camera and the microphone.")
              : t("Another program is using the microphone."),
        how: t("Close other meetings and camera programs, then try again."),
      };
    case "insecure":
      return {
        what: t("The browser gives devices to secure pages only."),
        how: t("Open this page by an address that begins with https."),
      };
    default:
      return {
        what: t("The device could not be started."),
        how: t("Unplug it and plug it in again, or choose another one, then try again."),
      };
  }
}

function refusedWords(kind: DeviceKind): string {
  if (kind === "camera") return t("The browser has blocked the camera.");
  if (kind === "microphone") return t("The browser has blocked the microphone.");
  if (kind === "both") return t("The browser has blocked the camera and the microphone.");
  return t("The browser has blocked screen sharing.");
}

function permissionWords(): string {
  const agent = navigator.userAgent;
  if (/iPhone|iPad/.test(agent)) {
    return t(
      "Tap the page menu in the address bar, then Website Settings, and allow camera and microphone. Then try again.",
    );
  }
  if (/Firefox/.test(agent)) {
    return t(
      "Click the crossed-out camera or microphone in the address bar and remove the block. Then try again.",
    );
  }
  if (/Android/.test(agent)) {
    return t(
      "Tap the icon beside the address, then Permissions, and allow camera and microphone. Then try again.",
    );
  }
  if (/Safari/.test(agent) && !/Chrome|Chromium|Edg/.test(agent)) {
    return t(
      "In the Safari menu choose Settings for this website and allow camera and microphone. Then try again.",
    );
  }
  return t("Click the icon beside the address and allow camera and microphone. Then try again.");
}
