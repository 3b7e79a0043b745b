// What the whole event is told: above the tabs until it is read, and in the chat as long as it stands.

import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { LiveClient } from "../live/client";
import { useCell } from "../stage/cell";
import { store, stored } from "../stage/stored";
import { language, t } from "../translation";
import { chatNews } from "./heard";
import { type Announcement, piecesOf } from "./state";

/** Those this person has not put away, one at a time: a phone has no room for more. */
export function Announcements({ session }: { session: { live: LiveClient } }): VNode | null {
  const part = useCell(chatNews(session.live).part);
  const [away, setAway] = useState<readonly string[]>(() => (stored(PUT_AWAY) ?? "").split(" "));
  const left = (part?.announcements ?? []).filter(({ id }) => !away.includes(id));
  const newest = left[0];
  if (!newest) return null;
  const putAway = () => {
    const next = [...away, newest.id].slice(-20);
    setAway(next);
    store(PUT_AWAY, next.join(" "));
  };
  return (
    <div class="notice chat-told">
      <div role="status">
        <Words announcement={newest} />
      </div>
      <button type="button" class="button button-quiet button-small" onClick={putAway}>
        {left.length > 1 ? t("Next") : t("Read")}
      </button>
    </div>
  );
}

const PUT_AWAY = "majlis-announcements-read";

/** All that stand, at the top of the chat. */
export function Told({ announcements }: { announcements: readonly Announcement[] }): VNode | null {
  if (announcements.length === 0) return null;
  return (
    <details class="chat-told-all">
      <summary>{t("Announcements of the event ({count})", { count: announcements.length })}</summary>
      {announcements.map((announcement) => (
        <Words key={announcement.id} announcement={announcement} />
      ))}
    </details>
  );
}

function Words({ announcement }: { announcement: Announcement }): VNode {
  const [lang, text] = Object.entries(announcement.text).find(([tongue]) => tongue === language) ??
    Object.entries(announcement.text)[0] ?? [language, ""];
  return (
    <p class="chat-text" lang={lang} dir="auto">
      {piecesOf(text).map((piece, number) =>
        piece.kind === "link" ? (
          <a key={number} href={piece.text} target="_blank" rel="noopener noreferrer nofollow" dir="ltr">
            {piece.text}
          </a>
        ) : (
          piece.text
        ),
      )}
    </p>
  );
}
