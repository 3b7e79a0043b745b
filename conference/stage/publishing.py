"""Sending sound and picture, and receiving it: the right to, and the words when the engine says no."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from conference.errors import N_, BadInput, Conflict, MajlisError, NotAllowed, Unavailable
from conference.media import errors as media
from conference.people.permissions import Capability, require
from conference.stage.floor import Source, may_publish
from conference.stage.standing import Place, Standing, standing_of


def require_floor(rows: Connection, place: Place, account_id: int) -> Standing:
    """Where the person stands, if they may publish now; the database is asked, never the browser.

    Raises `NotAllowed` for people off stage and for the banned.
    """
    require(rows, account_id, Capability.ENTER_ROOM, place.scope)
    standing = standing_of(rows, place.session_id, account_id)
    if not may_publish(standing.state):
        raise NotAllowed(
            N_("Only people on the floor can be heard and seen. Raise your hand to be invited."),
            code="stage.not-on-stage",
        )
    return standing


def tracks_of(source: Source) -> tuple[str, ...]:
    """The engine's tracks that a moderator's stop of *source* silences."""
    return ("screen", "screen-audio") if source is Source.SCREEN else (source.value,)


def sources_in(tracks: Iterable[str]) -> list[Source]:
    """The sources people see, without the sound that belongs to a screen."""
    return [Source(track) for track in tracks if track != "screen-audio"]


def explained(error: media.MediaError, *, sending: bool = False) -> MajlisError:
    """What a person is told when the media engine refuses; `sending`: to be heard or seen."""
    if sending and isinstance(error, (media.RoomFull, media.ServerFull)):
        return Conflict(
            N_("As many people are heard and seen here as there is room for. You can go on listening."),
            code="stage.no-room-on-stage",
        )
    if isinstance(error, media.RoomFull):
        return Conflict(N_("The room is full. You can still read and ask questions."), code="stage.full")
    if isinstance(error, media.ServerFull):
        return Conflict(
            N_("The server is at its limit of sound and picture. You can still read and ask questions."),
            code="stage.full",
        )
    if isinstance(error, media.NotAllowed):
        return NotAllowed(N_("Only people on the floor can be heard and seen."), code="stage.not-on-stage")
    if isinstance(error, (media.BadSdp, media.BadIdentifier)):
        return BadInput(
            N_("Your browser and the server could not agree on sound and picture."),
            code=error.code,
            field="sdp",
        )
    if isinstance(error, (media.UnknownRoom, media.UnknownParticipant, media.StaleAnswer)):
        # The browser's code starts the connection anew on these; nobody needs to read them.
        return Conflict(N_("The connection for sound and picture is being made anew."), code=error.code)
    return Unavailable(N_("Sound and picture are not available just now. Please try again."), code=error.code)
