// The speaker, or the shared screen, in a small window over other programs (Picture-in-Picture API).

import type { RoomSession } from "./room_session";
import { trackKey } from "./tab_media";

export function windowPossible(): boolean {
  return document.pictureInPictureEnabled === true && "requestPictureInPicture" in HTMLVideoElement.prototype;
}

interface Picked {
  readonly participant: string;
  readonly source: "camera" | "screen";
  readonly track: MediaStreamTrack;
}

/** A shared screen before faces; of faces whoever spoke last. */
function pick(session: RoomSession): Picked | null {
  const lead = session.lead.value;
  const videos = [...session.media.tracks.value].flatMap(([key, track]): Picked[] => {
    const [participant = "", source = ""] = key.split(" ");
    if (source !== "camera" && source !== "screen") return [];
    return [{ participant, source, track }];
  });
  return (
    videos.find(({ source }) => source === "screen") ??
    videos.find(({ participant }) => trackKey(participant, "camera") === `${lead} camera`) ??
    videos[0] ??
    null
  );
}

/** Call from a click. It follows the speaker until it is closed; rejects when there is nothing to show. */
export async function openWindow(session: RoomSession): Promise<void> {
  if (document.pictureInPictureElement) return document.exitPictureInPicture();
  const video = document.createElement("video");
  video.muted = true;
  video.playsInline = true;
  video.className = "picture-window";
  video.setAttribute("aria-hidden", "true");
  document.body.append(video);
  let shown: Picked | null = null;
  let unwatch = () => {};
  const show = () => {
    const next = pick(session);
    if (!next || next.track === shown?.track) return;
    shown = next;
    video.srcObject = new MediaStream([next.track]);
    video.play().catch(() => undefined);
    unwatch();
    unwatch = session.media.tiles.watch(video, next.participant, next.source);
  };
  const stops = [
    session.lead.watch(show),
    session.media.tracks.watch(show),
    session.ending.watch(() => close()),
  ];
  const close = () => {
    for (const stop of stops) stop();
    unwatch();
    if (document.pictureInPictureElement === video) void document.exitPictureInPicture();
    video.srcObject = null;
    video.remove();
  };
  show();
  try {
    if (!shown) throw new Error("no-picture");
    if (video.readyState < HTMLMediaElement.HAVE_METADATA) {
      await new Promise((resolve) => video.addEventListener("loadedmetadata", resolve, { once: true }));
    }
    await video.requestPictureInPicture();
  } catch (error) {
    close();
    throw error;
  }
  video.addEventListener("leavepictureinpicture", close, { once: true });
  session.media.tiles.soon();
}
