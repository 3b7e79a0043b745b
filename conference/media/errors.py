"""What can go wrong in the media plane, by who can mend it.

    MediaError
    ├── BadSdp              the client's session description cannot be used        media.bad-sdp
    ├── BadIdentifier       a room or participant id that must not reach SDP       media.bad-identifier
    ├── NotAllowed          the caller's rights say no                             media.not-allowed
    ├── RoomFull            the room's publishers or viewers are all taken         media.room-full
    ├── UnknownRoom         not open (any more)                                    media.unknown-room
    ├── UnknownParticipant  has no connection of the kind asked for                media.unknown-participant
    ├── StaleAnswer         answers an offer that is no longer the one in flight   media.stale-answer
    ├── PortTaken           the UDP port cannot be bound                           media.port-taken
    └── EngineClosed        not started, or closed                                 media.closed

`code` is stable and safe to show; the message is for logs and developers.
"""

from __future__ import annotations


class MediaError(Exception):
    code = "media.failed"


class BadSdp(MediaError):
    code = "media.bad-sdp"


class BadIdentifier(MediaError):
    code = "media.bad-identifier"


class NotAllowed(MediaError):
    code = "media.not-allowed"


class RoomFull(MediaError):
    code = "media.room-full"


class UnknownRoom(MediaError):
    code = "media.unknown-room"


class UnknownParticipant(MediaError):
    code = "media.unknown-participant"


class StaleAnswer(MediaError):
    code = "media.stale-answer"


class PortTaken(MediaError):
    code = "media.port-taken"


class EngineClosed(MediaError):
    code = "media.closed"


class MalformedPacket(ValueError):
    """Bytes from the network that are not what they claim. Counted where it is caught, never shown to anyone."""
