"""A player's connection (WHEP): it offers once, we answer once, and what it is sent is one programme.

The sound is the room's mix, better encoded where the link carries it. The picture is one stream that goes
from track to track (`programme.choose_picture`); nothing is negotiated again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from conference.media.counters import Counters
from conference.media.describe import write_play_answer
from conference.media.lean import ROOM, LeanTrack
from conference.media.listening import Sound
from conference.media.outgoing import OutgoingStream
from conference.media.play_offer import Asked
from conference.media.played import PlayedPicture, PlayedSound
from conference.media.programme import choose_picture
from conference.media.sdp import Fingerprint
from conference.media.steering import Steering
from conference.media.track import Track
from conference.media.transport import Transport
from conference.media.viewer import AskKeyFrame, Describe, Slot, Viewer


class _Direction(Steering):
    """Cuts from picture to picture before it decides what the link carries."""

    def __init__(self, player: Player) -> None:
        super().__init__(_Programme(player))
        self._player = player

    def look_again(self, now: float) -> None:
        if self._offering is not None:
            self._player.cut(self._offering.speakers, now)
        super().look_again(now)


class _Programme:
    """Of a player, what there is to decide about: the picture that is shown, not all there are."""

    def __init__(self, player: Player) -> None:
        self._player = player

    @property
    def outgoing(self) -> list[OutgoingStream]:
        return self._player.outgoing

    @property
    def watched(self) -> list[Track]:
        listening, picture = self._player.listening, self._player.picture
        held = listening.held if listening is not None else ()
        return [*held, *((picture.track,) if picture is not None else ())]

    def use_sound(self, sound: Sound, now: float) -> None:
        self._player.use_sound(sound, now)


class Player(Viewer):
    """Forwarding side of one WHEP session; `asked` are the m-lines of its offer (`accept_play_offer`)."""

    def __init__(
        self,
        participant_id: str,
        counters: Counters,
        make_transport: Callable[[Viewer], Transport],
        describe: Describe,
        ask_key_frame: AskKeyFrame,
        asked: Sequence[Asked],
    ) -> None:
        super().__init__(
            participant_id, counters, make_transport, describe, ask_key_frame, lambda viewer: None
        )
        self.steering = _Direction(self)
        self.transport.log = self.steering.control.log
        self.steering.control.promised(feedback=any(each.counted for each in asked))
        self.picture: PlayedPicture | None = None
        self._asked = list(asked)
        self._pictures: list[Track] = []
        self._since = -1e9  # when the present picture began
        self.slots = [Slot(each.kind, each.mid) for each in asked]
        for slot, each in zip(self.slots, self._asked, strict=True):
            if each.kind == "video":
                self._blank = Track(ROOM, "camera", each.mid, codec=next(iter(each.wires)))
                self.picture = PlayedPicture(self._blank, self.transport, each.mid, counters, each.wires)
                self.picture.choose(None)  # until the first look at what the link carries
                self._put(slot, self.picture)

    def _put(self, slot: Slot, out: OutgoingStream) -> None:
        slot.put(out)
        slot.agreed = True
        self._by_ssrc[out.ssrc] = self._by_ssrc[out.rtx_ssrc] = out
        out.track.outgoing = (*out.track.outgoing, out)

    def answer(self, fingerprints: Sequence[Fingerprint], *, active: bool) -> str:
        """The one answer (SDP); the handshake begins when the player's checks arrive. `active`: we are the
        client of DTLS."""
        self.transport.start(fingerprints, active=active)
        sections = []
        for slot, each in zip(self.slots, self._asked, strict=True):
            out = slot.outgoing
            repaired = any(wire.rtx_type for wire in each.wires.values())
            if out is not None:
                ssrcs = (out.ssrc, out.rtx_ssrc if repaired else 0)
                sections.append(replace(each.section, ssrc=ssrcs[0], rtx_ssrc=ssrcs[1]))
        setup = "active" if active else "passive"
        return write_play_answer(self._session, self._describe(self.transport), sections, setup)

    # -------------------------------------------------------- what there is to show

    @property
    def watched(self) -> list[Track]:
        held = self.listening.held if self.listening is not None else ()
        sounds = [out.track for out in self.outgoing if isinstance(out, PlayedSound)]
        return [*self._pictures, *sounds, *held]

    def tune_in(self, now: float) -> None:
        """Begin to listen, before anything is shown: to the mix and nothing else, if to anything."""
        if self.listening is not None and any(each.kind == "audio" for each in self._asked):
            self.listening.best = "programme"
            self.listening.use("lean", now)

    def watch(self, track: Track) -> bool:
        if isinstance(track, LeanTrack):
            return self._listen(track)
        if track.kind == "audio":
            return self.listening is not None and self.listening.holds(track)
        if self.picture is None or track.codec not in self.picture.wires:
            return False
        self._pictures.append(track)
        self.steering.changed()
        return True

    def _listen(self, mix: LeanTrack) -> bool:
        for slot, each in zip(self.slots, self._asked, strict=True):
            if each.kind == "audio" and slot.outgoing is None:
                wire = each.wires["opus"]
                self._put(slot, PlayedSound(mix, self.transport, each.mid, self._counters, wire))
                self.steering.changed()
                return True
        return False

    def unwatch(self, track: Track) -> None:
        """Stop at once; the next look shows something else."""
        if self.listening is not None:
            self.listening.forget(track)
        self._pictures = [each for each in self._pictures if each is not track]
        if self.picture is not None and self.picture.track is track:
            self.picture.retarget(self._blank_like(track))
        self.steering.changed()

    def rewatch(self, old: Track, new: Track) -> None:
        if self.listening is not None:
            self.listening.replace(old, new)
        self._pictures = [new if each is old else each for each in self._pictures]
        if self.picture is not None and self.picture.track is old:
            self.picture.retarget(new)
        self.steering.changed()

    def _blank_like(self, track: Track) -> Track:
        return Track(ROOM, track.source, self._blank.mid, codec=track.codec)

    def cut(self, speakers: Sequence[str], now: float) -> None:
        """Look again which picture the programme shows."""
        picture = self.picture
        if picture is None:
            return
        shown = picture.track if picture.track in self._pictures else None
        chosen = choose_picture(self._pictures, speakers, shown, self._since, now)
        if chosen is shown or chosen is None:
            return
        self._since = now
        picture.retarget(chosen)
        self.steering.changed()
        if picture.open:
            self._ask_key_frame(chosen, now)

    def use_sound(self, sound: Sound, now: float) -> None:
        """A player always hears the mix: full sound is the mix at its best."""
        if self.listening is not None and self.listening.sound in ("lean", "saver", "none"):
            self.listening.best = "programme" if sound == "full" else "lean"
            self.listening.use("lean" if sound == "full" else sound, now)

    # ------------------------------------------------------------- negotiation

    @property
    def may_offer(self) -> bool:
        return False

    def relabel(self) -> None:
        """It is one programme, whoever is heard in it."""
