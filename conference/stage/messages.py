"""Every live message of the room: what a browser may ask for, and what the room announces.

People are named by `person`, the public id of their account; one tab of theirs by `participant`.
Moments are ISO 8601 in UTC.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from conference.live.messages import Announcement, Command
from conference.stage.doors import Phase
from conference.stage.floor import Floor, Source
from conference.stage.mood import Reaction, Signal

PublicId = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Sdp = Annotated[str, msgspec.Meta(min_length=1, max_length=32_768)]
Mid = Annotated[str, msgspec.Meta(min_length=1, max_length=16)]
Pixels = Annotated[int, msgspec.Meta(ge=0, le=16_384)]
TrackSource = Literal["microphone", "camera", "screen", "screen-audio"]


# -- about oneself --------------------------------------------------------------------------------


class RaiseHand(Command):
    """Ask for the floor."""


class LowerHand(Command):
    """Take one's own hand down."""


class TakeFloor(Command):
    """Go on stage: by invitation, or as a presenter of the session."""


class DeclineFloor(Command):
    """Answer an invitation with no."""


class LeaveFloor(Command):
    """Go back to the audience."""


class ResumeTab(Command):
    """This connection is an older tab come back: its sound and picture go on under the same name."""

    participant: PublicId


class ShowSources(Command):
    """What this tab sends at present, so that the others' tiles say "muted" rather than guess."""

    microphone: bool
    camera: bool
    screen: bool


class ChooseViewing(Command):
    """What this tab wants to get, whatever its link could carry; what is automatic follows the link.

    `only` is the one participant whose camera is wanted, `max_kbits` a ceiling for everything, 0 for none.
    """

    pictures: Literal["auto", "low", "none"] = "auto"
    sound: Literal["auto", "full", "lean", "saver", "none"] = "auto"
    only: PublicId | None = None
    max_kbits: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 0


class ShownTile(msgspec.Struct, forbid_unknown_fields=True):
    """A picture on the screen, in device pixels."""

    participant: PublicId
    source: Literal["camera", "screen"]
    width: Pixels
    height: Pixels


class ShowTiles(Command):
    """The pictures on this tab's screen, so that no larger ones are sent; none while it is hidden."""

    tiles: Annotated[list[ShownTile], msgspec.Meta(max_length=32)]


class LeaveRoom(Command):
    """Goodbye: the place on stage is given up at once instead of being kept for a dropped link."""


class ListPeople(Command):
    """Who is here. Asked for when the list is looked at: it costs what it weighs.

    `search`: those whose names have these words; in a full room for moderators only.
    """

    search: Annotated[str, msgspec.Meta(max_length=80)] = ""


class React(Command):
    """Applause and the like, of this moment."""

    reaction: Reaction


class GiveSignal(Command):
    """Tell the speaker that something is wrong, or (`on` false) that it is not any more."""

    signal: Signal
    on: bool


# -- by a chair, moderator or organizer -----------------------------------------------------------


class InviteToFloor(Command):
    person: PublicId


class SendToAudience(Command):
    """Take the floor, an invitation or a raised hand back."""

    person: PublicId


class InviteNext(Command):
    """Invite the person whose hand is up; refused when it is not any more."""

    person: PublicId


class MoveHand(Command):
    """Put a raised hand before another one in the queue, or (null) at its end."""

    person: PublicId
    before: PublicId | None


class LowerAllHands(Command):
    """Take every raised hand down."""


class ChangeStageRules(Command):
    """Whether hands and reactions are wanted here; what is left out stays."""

    hands: bool | None = None
    reactions: bool | None = None


class ListConnections(Command):
    """How those who are here hear and are heard, in the words of `stage.connections`."""


class StopSource(Command):
    """Mute the microphone, or stop the camera or the screen, for everybody at once."""

    person: PublicId
    source: Source


class AllowSource(Command):
    """Lift a `StopSource`. It turns nothing on: that is up to the person."""

    person: PublicId
    source: Source


class RemovePerson(Command):
    """Put a person out of the room and keep them out."""

    person: PublicId


class ReadmitPerson(Command):
    """Undo a removal."""

    person: PublicId


class OpenRoom(Command):
    """Let people in now, early or again."""


class CloseRoom(Command):
    """End the meeting for everybody and shut the doors."""


class RunLate(Command):
    """From now on everything in this hall today is `minutes` later than it was (below zero: earlier)."""

    minutes: int


class RunOnTime(Command):
    """From now on everything in this hall is back where the programme has it."""


class StartRecording(Command):
    """Record what everybody on stage sends, from now on."""


class StopRecording(Command):
    """End the recording."""


# -- pictures and sound ---------------------------------------------------------------------------


class PublishMedia(Command):
    """An SDP offer of what this tab sends; `sources` says what each m-line (by mid) carries."""

    sdp: Sdp
    sources: dict[Mid, TrackSource]


class StopPublishing(Command):
    pass


class SubscribeMedia(Command):
    """Ask the server for offers of what the room sends."""


class AnswerMedia(Command):
    """The SDP answer to the offer of that version."""

    version: int
    sdp: Sdp


class RestartMedia(Command):
    """Ask for a fresh offer with new ICE credentials (RFC 8445, section 9) after the path was lost."""


# -- announcements --------------------------------------------------------------------------------


class FloorChanged(Announcement):
    """Where a person stands now. It holds the whole state, so hearing it twice does no harm.

    `hand_order`: the place of a raised hand, lowest first. `turn`: for how many seconds somebody from the
    audience has just spoken.
    """

    person: str
    name: str
    role: str
    state: Floor
    hand_raised_at: datetime | None = None
    hand_order: int | msgspec.UnsetType = msgspec.UNSET
    turn: int | msgspec.UnsetType = msgspec.UNSET
    stopped: list[Source] = msgspec.field(default_factory=list)


class HandsLowered(Announcement):
    """Everybody whose hand was up is in the audience now."""


class StageRulesChanged(Announcement):
    """Whether hands and reactions are wanted in this session."""

    hands: bool
    reactions: bool


class RoomChanged(Announcement):
    """The doors, as a chair has just decided."""

    phase: Phase


class RecordingChanged(Announcement):
    """The room is being recorded since `started_at`, or no longer; `error` when it ended by itself."""

    started_at: datetime | None = None
    error: str = ""


class ParticipantHere(msgspec.Struct, omit_defaults=True):
    participant: str
    microphone: bool = False
    camera: bool = False
    screen: bool = False


class PersonHere(msgspec.Struct, omit_defaults=True):
    """One person in the room, with every tab of theirs. Where they stand is told by `FloorChanged`.

    `country` (ISO 3166-1 alpha-2) is there when they share it.
    """

    person: str
    name: str
    role: str
    away: bool = False
    country: str = ""
    participants: list[ParticipantHere] = msgspec.field(default_factory=list)


class PresenceChanged(Announcement):
    """How many are here, and what changed about those whom everybody sees (presenters, stage, hands).

    Not in the log: the snapshot has it whole, and `ListPeople` answers with everybody.
    """

    here: int
    changed: list[PersonHere] = msgspec.field(default_factory=list)
    gone: list[str] = msgspec.field(default_factory=list)


class MoodChanged(Announcement):
    """To speakers and the desk, at most once a second: the reactions since the last one, and how many
    people hold each signal. Each server process (`origin`) tells of its own people: receivers add. `here` are
    the people of the room at all of them."""

    origin: str
    here: int
    reactions: dict[Reaction, int]
    signals: dict[Signal, int]


class ReactionsCounted(Announcement):
    """To the whole room, every few seconds while there are any: the reactions since the last one."""

    reactions: dict[Reaction, int]


class MediaOffered(Announcement):
    """The server's SDP offer to one tab; answered with `AnswerMedia` of the same version."""

    version: int
    sdp: str


class Speaking(Announcement):
    """Who is heard now, loudest first, by participant. Not in the log."""

    participants: list[str]


class MediaEnded(Announcement):
    """The server has stopped what this tab sends."""

    code: str


class LayersWanted(Announcement):
    """The simulcast layers (rids) of one of this tab's sources that somebody wants; the others may pause."""

    source: TrackSource
    rids: list[str]


class RungChanged(Announcement):
    """What this tab gets now and why: the words of `media.engine.ViewingStats`."""

    rung: str
    reason: str


class RoomMoved(Announcement):
    """The room's media begin anew elsewhere: publish and subscribe again now."""
