// Who is here and how they hear, asked for only while somebody looks.

import { useEffect, useState } from "preact/hooks";
import { useCell } from "./cell";
import type { Connection } from "./connection_words";
import type { RoomSession } from "./room_session";
import type { PeopleListed } from "./wire";

const REFRESH_MS = 15_000;
const TYPED_MS = 300;

const nobody: PeopleListed = { people: [], only_counts: false, roles: {}, countries: {} };

/** Everybody by name: the list of a room of 200 weighs 30 kB, so a full one is asked for less often. */
export function usePeople(session: RoomSession, active: boolean, search: string): PeopleListed {
  const { here } = useCell(session.room);
  const { live } = useCell(session.link);
  const [listed, setListed] = useState(nobody);
  const [asked, setAsked] = useState({ here: -1, at: 0, search: "" });
  useEffect(() => {
    if (!active || live !== "online" || (asked.here === here && asked.search === search)) return;
    const pause =
      asked.search === search ? asked.at + (here > 50 ? REFRESH_MS : 1000) - Date.now() : TYPED_MS;
    let wanted = true;
    const timer = setTimeout(
      () => {
        session.everybody(search).then(
          (found) => {
            if (!wanted) return;
            setListed(found);
            setAsked({ here, at: Date.now(), search });
          },
          () => undefined,
        );
      },
      Math.max(0, pause),
    );
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [session, active, live, here, asked, search]);
  return listed;
}

/** By person, for those who run the room; again every 15 s. */
export function useConnections(session: RoomSession, wanted: boolean): ReadonlyMap<string, Connection> {
  const { live } = useCell(session.link);
  const [found, setFound] = useState<ReadonlyMap<string, Connection>>(new Map());
  useEffect(() => {
    if (!wanted || live !== "online") return;
    const look = () => {
      session.live.send("ListConnections").then(
        (reply) => {
          const { connections } = reply as { connections: Connection[] };
          // Those in need come first, and a person's worst device counts.
          setFound(new Map([...connections].reverse().map((one) => [one.person, one])));
        },
        () => undefined,
      );
    };
    look();
    const timer = setInterval(look, REFRESH_MS);
    return () => clearInterval(timer);
  }, [session, wanted, live]);
  return found;
}
