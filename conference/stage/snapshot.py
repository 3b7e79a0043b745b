"""The room as it is, for a tab that has just come in (the `stage` part of the live snapshot)."""

from __future__ import annotations

import time
from datetime import datetime

import msgspec
from sqlalchemy import Connection

from conference.agenda.releasing.saying_late import minutes_late
from conference.media.turn import TurnSettings, ice_servers
from conference.people.permissions import Capability, allowed
from conference.stage.doors import Phase
from conference.stage.entering import phase_of, times_of
from conference.stage.floor import Floor
from conference.stage.messages import FloorChanged, PersonHere
from conference.stage.recordings import going_on, may_be_recorded
from conference.stage.rooms import LiveRoom
from conference.stage.rules import StageRules, rules_of
from conference.stage.standing import Standing, announcement, everybody_standing, turns_of


class RoomSnapshot(msgspec.Struct, frozen=True, omit_defaults=True):
    """`me` is a person, `participant` this tab; `floor` has everybody who is more than plain audience.

    `ice_servers` are TURN servers with this tab's credentials, made anew each time it comes in. `records`:
    this person may switch a recording on here and the programme allows one. `starts_at`, `ends_at`: as
    published, with what runs late; `late`: by how many minutes the hall does. `turns`: for how many
    seconds the last ones from the audience have spoken. `speaking`: who is heard now, loudest first, by
    participant; changes are told by `Speaking`, and who speaks all the time changes nothing.
    """

    phase: Phase
    me: str
    participant: str
    moderates: bool
    presents: bool
    floor: list[FloorChanged]
    here: int
    people: list[PersonHere]
    ice_servers: list[dict[str, object]] = []
    recording_since: datetime | None = None
    records: bool = False
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    late: int = 0
    rules: StageRules = StageRules()
    turns: list[int] = []
    speaking: list[str] = []


def _is_told(standing: Standing, moderates: bool) -> bool:
    """Plain audience is not worth a line, and who was removed concerns those who can let them back in."""
    if standing.state is Floor.REMOVED:
        return moderates
    return standing.state is not Floor.AUDIENCE or bool(standing.stopped)


def room_snapshot(
    rows: Connection,
    room: LiveRoom,
    *,
    account_id: int,
    public_id: str,
    connection_id: str,
    machines: list[FloorChanged],
    turn: TurnSettings,
    now: datetime,
) -> RoomSnapshot:
    place, people = room.place, room.people
    moderates = allowed(rows, account_id, Capability.MODERATE, place.scope, now=now)
    standings = [
        standing for standing in everybody_standing(rows, place.session_id) if _is_told(standing, moderates)
    ]
    participant = people.participant_of(connection_id) or connection_id
    starts_at, ends_at, hall = times_of(rows, place) or (None, None, None)
    return RoomSnapshot(
        phase=phase_of(rows, place, now=now),
        me=public_id,
        participant=participant,
        moderates=moderates,
        presents=allowed(rows, account_id, Capability.TAKE_FLOOR, place.scope, now=now),
        floor=[*(announcement(rows, place, standing) for standing in standings), *machines],
        here=people.here,
        people=people.shown(),
        # The TURN server goes by the real time, also while our clock plays a past conference.
        ice_servers=ice_servers(turn, participant, time.time()),
        recording_since=next((each.started_at for each in going_on(rows, place.session_id)), None),
        records=may_be_recorded(rows, place.session_id)
        and allowed(rows, account_id, Capability.RECORD, place.scope, now=now),
        starts_at=starts_at,
        ends_at=ends_at,
        late=minutes_late(rows, place.event_id, hall, now),
        rules=rules_of(rows, place),
        turns=turns_of(rows, place.session_id),
        speaking=room.told_speaking,
    )
