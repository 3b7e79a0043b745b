// The line under the stage: what this is, how long it still takes, and what the connection is worth.

import type { VNode } from "preact";
import { n, t } from "../translation";
import { useCell } from "./cell";
import type { LinkState, RoomSession } from "./room_session";
import { useServerNow } from "./server_time";
import type { RoomPage } from "./wire";
import { clockLength, megabytes } from "./words";

export function StatusLine({ session }: { session: RoomSession }): VNode {
  const link = useCell(session.link);
  const { page } = session;
  return (
    <header class="status">
      <h1
        class="status-title"
        lang={page.title_language}
        dir={page.title_direction}
        tabIndex={-1}
        id="room-title"
      >
        {page.title}
      </h1>
      <TimeLeft page={page} />
      <p class="status-link" data-quality={qualityOf(link)}>
        <span class="status-dot" aria-hidden="true" />
        <span class="status-word">{qualityWord(link)}</span>
        {link.quality && (
          <span class="status-numbers numbers">
            <bdi>{t("{rate} kbit/s", { rate: link.quality.kbitDown + link.quality.kbitUp })}</bdi>
            <bdi>
              {t("{size} MB", {
                size: megabytes(link.quality.bytesReceived + link.quality.bytesSent),
              })}
            </bdi>
          </span>
        )}
        <PicturesSwitch session={session} urged={qualityOf(link) === "weak"} />
      </p>
    </header>
  );
}

/** The quickest way to pay less; `urged` where pictures stand in the way of the sound. */
function PicturesSwitch({ session, urged }: { session: RoomSession; urged: boolean }): VNode {
  const pictures = useCell(session.media.pictures);
  return (
    <button
      type="button"
      class={`link-button status-pictures${urged && pictures ? " status-pictures-urged" : ""}`}
      onClick={() => session.media.choosePictures(!pictures).catch(session.failed)}
    >
      {pictures ? t("Sound only") : t("Show pictures")}
    </button>
  );
}

function TimeLeft({ page }: { page: RoomPage }): VNode {
  const now = useServerNow(1000);
  const starts = Date.parse(page.starts_at);
  const ends = Date.parse(page.ends_at);
  if (now < starts) {
    return <p class="status-time">{t("Starts in {time}", { time: clockLength((starts - now) / 1000) })}</p>;
  }
  const minutes = Math.ceil((ends - now) / 60_000);
  if (minutes > 0) {
    return <p class="status-time">{n("{count} minute left", "{count} minutes left", minutes)}</p>;
  }
  return <p class="status-time status-over">{n("{count} minute over", "{count} minutes over", -minutes)}</p>;
}

export type LinkQuality = "good" | "weak" | "reconnecting" | "lost";

/** In one word, from what a listener would notice. */
export function qualityOf({ live, media, weak }: LinkState): LinkQuality {
  if (live === "offline") return "lost";
  if (live === "connecting" || media === "reconnecting" || media === "failed") return "reconnecting";
  return weak ? "weak" : "good";
}

function qualityWord(link: LinkState): string {
  if (link.live !== "offline" && link.live !== "connecting" && link.media === "failed") {
    return t("No sound or picture yet. Trying again.");
  }
  switch (qualityOf(link)) {
    case "good":
      return link.media === "connecting" ? t("Connecting") : t("Good");
    case "weak":
      return t("Weak");
    case "reconnecting":
      return t("Reconnecting");
    default:
      return t("No connection");
  }
}
