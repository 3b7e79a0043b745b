// The line under the stage: what this is, how long it still takes, and what the connection is worth.

import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { later, useExtrasAhead } from "../later/fetched";
import { BellButton } from "../notices/bell";
import { n, t } from "../translation";
import { useCell } from "./cell";
import { Icon } from "./icons";
import type { RoomSession } from "./room_session";
import { useServerNow } from "./server_time";
import { clockLength, megabytes } from "./words";

export interface SettingsProps {
  session: RoomSession;
  onClose: () => void;
}

export function StatusLine({ session }: { session: RoomSession }): VNode {
  const link = useCell(session.link);
  useCell(session.media.choice);
  useCell(session.media.carries);
  useCell(session.data.level);
  const { page } = session;
  const { quality, short, long } = session.link.words(link);
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
      <TimeLeft session={session} />
      <p class="status-link" data-quality={quality} title={long}>
        <span class="status-dot" aria-hidden="true" />
        <span class="status-word">{short}</span>
        <BellButton
          live={session.live}
          bell={session.bell}
          base={page.session_url.split("/session/")[0] ?? ""}
          here={page.session}
          say={(text) => session.note(text)}
        />
        <SettingsButton session={session} />
      </p>
    </header>
  );
}

const SettingsSheet = later(({ SettingsSheet }) => SettingsSheet);

/** What is being paid for, and one tap to everything about it. */
function SettingsButton({ session }: { session: RoomSession }): VNode {
  const { quality } = useCell(session.link);
  const { used } = useCell(session.data.use);
  const [open, setOpen] = useState(false);
  useExtrasAhead();
  return (
    <>
      <button type="button" class="status-settings" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        <span class="status-numbers numbers">
          {quality && (
            <bdi class="status-rate">{t("{rate} kbit/s", { rate: quality.kbitDown + quality.kbitUp })}</bdi>
          )}
          <bdi>{t("{size} MB", { size: megabytes(used) })}</bdi>
        </span>
        <Icon name="settings" />
        <span class="status-settings-word">{t("Settings")}</span>
      </button>
      {open && <SettingsSheet session={session} onClose={() => setOpen(false)} />}
    </>
  );
}

function TimeLeft({ session }: { session: RoomSession }): VNode {
  const now = useServerNow(1000);
  const { times } = useCell(session.room);
  const { starts_at, ends_at } = times ?? session.page;
  const starts = Date.parse(starts_at);
  const ends = Date.parse(ends_at);
  if (now < starts) {
    return <p class="status-time">{t("Starts in {time}", { time: clockLength((starts - now) / 1000) })}</p>;
  }
  const minutes = Math.ceil((ends - now) / 60_000);
  if (minutes > 0) {
    return <p class="status-time">{n("{count} minute left", "{count} minutes left", minutes)}</p>;
  }
  return <p class="status-time status-over">{n("{count} minute over", "{count} minutes over", -minutes)}</p>;
}
