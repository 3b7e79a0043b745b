// What the whole event is told: above the tabs until it is read, and in the chat as long as it stands.

import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { LiveClient } from "../live/client";
import { Cell, useCell } from "../stage/cell";
import { store, stored } from "../stage/stored";
import { language, t } from "../translation";
import { chatNews } from "./heard";
import { type Announcement, piecesOf } from "./state";

const PUT_AWAY = "majlis-announcements-read";

/** The ids of those this person has read, on this device. */
const putAway = new Cell<readonly string[]>((stored(PUT_AWAY) ?? "").split(" "));

/** Those this person has not put away, one at a time: a phone has no room for more. */
export function Announcements({ session }: { session: { live: LiveClient } }): VNode | null {
  const part = useCell(chatNews(session.live).part);
  const away = useCell(putAway);
  const left = (part?.announcements ?? []).filter(({ id }) => !away.includes(id));
  const newest = left[0];
  const said = useLater(newest ? told(newest)[1] : "");
  if (!newest) return null;
  const read = () => {
    putAway.set([...away, newest.id].slice(-20));
    store(PUT_AWAY, putAway.value.join(" "));
  };
  return (
    <div class="notice chat-told">
      <Words announcement={newest} />
      <p class="visually-hidden" role="status" dir="auto">
        {said}
      </p>
      <button type="button" class="button button-quiet button-small" onClick={read}>
        {left.length > 1 ? t("Next") : t("Read")}
      </button>
    </div>
  );
}

/** Those that were put away and still stand, at the top of the chat. */
export function Told({ announcements: all }: { announcements: readonly Announcement[] }): VNode | null {
  const away = useCell(putAway);
  const announcements = all.filter(({ id }) => away.includes(id));
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

/** The text in the reader's language, else in the first there is, with its language. */
function told({ text }: Announcement): readonly [string, string] {
  const all = Object.entries(text);
  return all.find(([tongue]) => tongue === language) ?? all[0] ?? [language, ""];
}

/** What is written into a region after it is there is read aloud; what comes together with it often is not. */
function useLater(text: string): string {
  const [said, setSaid] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSaid(text), 500);
    return () => clearTimeout(timer);
  }, [text]);
  return said;
}

function Words({ announcement }: { announcement: Announcement }): VNode {
  const [lang, text] = told(announcement);
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
