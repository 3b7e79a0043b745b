"""What can go wrong in the media plane, by who can mend it.

    MediaError
    ├── BadSdp              the client's session description cannot be used        media.bad-sdp
    ├── BadIdentifier       a room or participant id that must not reach SDP       media.bad-identifier
    ├── NotAllowed          the caller's rights say no                             media.not-allowed
    ├── RoomFull            the room's publishers or viewers are all taken         media.room-full
    ├── UnknownRoom         not open (any more)                                    media.unknown-room
    ├── ServerFull          the process (worker) has reached a limit of its own    media.server-full
    ├── UnknownParticipant  has no connection of the kind asked for                media.unknown-participant
    │   └── WorkerLost      it had, and the process that carried it has ended      media.worker-lost
    ├── Overloaded          a worker does not answer in time                       media.overloaded
    ├── Draining            no worker takes new rooms just now                     media.draining
    ├── StaleAnswer         answers an offer that is no longer the one in flight   media.stale-answer
    ├── RecordingFailed     the folder cannot be written, the disk is full         media.recording-failed
    ├── AlreadyRecording    one recording of a room at a time                      media.recording-on
    ├── BadAddress          the public address cannot be resolved                  media.bad-address
    ├── PortTaken           the UDP port cannot be bound                           media.port-taken
    └── EngineClosed        not started, or closed                                 media.closed

Each is an error of `conference.errors` too, so the edges map it without knowing media. `text` is for the
person, `detail` for logs and developers.
"""

from __future__ import annotations

from conference.errors import N_, MajlisError


class MediaError(MajlisError):
    status = 503
    default_code = "media.failed"
    text = N_("Sound and picture are not available at the moment.")

    def __init__(self, detail: str = "") -> None:
        super().__init__(self.text)
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}" if self.detail else self.code


class BadSdp(MediaError):
    status = 400
    default_code = "media.bad-sdp"
    text = N_("This browser's offer of sound and picture could not be read.")


class BadIdentifier(MediaError):
    status = 400
    default_code = "media.bad-identifier"
    text = N_("The room or the participant is not named correctly.")


class NotAllowed(MediaError):
    status = 403
    default_code = "media.not-allowed"
    text = N_("You cannot send sound or picture in this room now.")


class RoomFull(MediaError):
    status = 409
    default_code = "media.room-full"
    text = N_("The room is full.")


class UnknownRoom(MediaError):
    status = 404
    default_code = "media.unknown-room"
    text = N_("The room is not open.")


class UnknownParticipant(MediaError):
    status = 404
    default_code = "media.unknown-participant"
    text = N_("The connection to the room has ended. Join again.")


class ServerFull(MediaError):
    status = 409
    default_code = "media.server-full"
    text = N_("The server cannot carry more sound and picture at the moment.")


class WorkerLost(UnknownParticipant):
    default_code = "media.worker-lost"


class Overloaded(MediaError):
    default_code = "media.overloaded"


class Draining(MediaError):
    default_code = "media.draining"


class StaleAnswer(MediaError):
    status = 409
    default_code = "media.stale-answer"
    text = N_("The room has changed in the meantime.")


class BadAddress(MediaError):
    default_code = "media.bad-address"


class PortTaken(MediaError):
    default_code = "media.port-taken"
    text = N_("The port for sound and picture is in use by another program.")


class EngineClosed(MediaError):
    default_code = "media.closed"


class RecordingFailed(MediaError):
    default_code = "media.recording-failed"
    text = N_("The recording could not be made.")

    def __init__(self, detail: str = "", *, code: str = "media.recording-failed") -> None:
        super().__init__(detail)
        self.code = code
        if code == "media.disk-full":
            self.message = N_("There is too little room on the server's disk to record.")


class AlreadyRecording(MediaError):
    status = 409
    default_code = "media.recording-on"
    text = N_("A recording of this room is on already.")


class MalformedPacket(ValueError):
    """Bytes from the network that are not what they claim. Counted where it is caught, shown to nobody."""
