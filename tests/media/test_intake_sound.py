"""Sound that comes in, by C and in Python: the same bytes go out, and the same is known afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from conference.media import compiled
from conference.media.acceptance import AcceptedOffer
from conference.media.outgoing import OutgoingStream
from conference.media.outgoing_audio import OutgoingSound
from conference.media.publisher import Publisher
from conference.media.red import pack_red
from conference.media.rtcp import SenderReport
from conference.media.rtp import RtpPacket
from conference.media.speaking import VoiceGate
from conference.media.transport import Transport
from conference.media.wire import WIRES
from tests.media.test_intake import MID_ID, TWCC_ID, Side, Story, play

pytestmark = pytest.mark.skipif(compiled.LIBRARY is None, reason="the compiled loop is not there")

OPUS, RED, LEVEL_ID = 111, 63, 1


class Hall(Side):
    """A microphone, which one other may be louder than, and a shared screen's sound, which goes to everybody.
    The last listener's packets carry all header extensions."""

    def accepted(self) -> AcceptedOffer:
        self.gate = VoiceGate(places=1)
        return AcceptedOffer(
            sources={"0": "microphone", "1": "screen-audio"},
            payload_types={"0": OPUS, "1": OPUS},
            red_types={"0": RED},
            codecs={"0": "opus", "1": "opus"},
            parameters={"0": "", "1": ""},
            rids={"0": (), "1": ()},
            repaired={"0"},
            mid_id=MID_ID,
            level_id=LEVEL_ID,
            twcc_id=TWCC_ID,
        )

    def outgoing(self, transport: Transport, mid: str) -> OutgoingStream:
        self.track.gate = self.gate
        track = self.publisher.tracks["1" if mid == "1" else "0"]
        out = OutgoingSound(track, transport, mid, self.counters, WIRES["opus"] if mid == "2" else None)
        out._top = 1 + self._numbers.randrange(1 << 15)
        if self.track is not track:  # `join` adds it to the microphone's
            self.track = track
        return out

    def join(self) -> None:
        microphone = self.track
        super().join()
        self.track = microphone

    def known(self, now: float) -> dict[str, Any]:
        known = super().known(now)
        voices = [voice.tolist() for voice in self.gate._voices.values()]
        tracks = [(track.loudest, track.held_back == ()) for track in self.publisher.tracks.values()]
        return {**known, "voices": voices, "places": len(self.gate.heard_now), "tracks": tracks}

    def sees(self, out: Any) -> tuple[Any, ...]:
        counted = (out.packets, out.octets, out.resent, out._top, out._last_time, out._timestamp_offset)
        source = (out.source and out.source.ssrc, out.layer, out.flowing, out.heard_until)
        last = out._last and (out._last.index, out._last.timestamp, out._last.payload, out._last.marker)
        return (*counted, *source, last, [out._sent.get(out._top - back) for back in range(70)])


# A packet: its track, what is odd about it, its size and its level (−dBov).
sounds = st.tuples(
    st.sampled_from([0, 0, 0, 1]),
    st.sampled_from(
        ["next"] * 12
        + ["lost", "late", "copy", "padding", "empty", "red", "odd"]
        + ["long", "forged", "marked", "anew", "bare", "two byte"]
    ),
    st.integers(0, 120),
    st.sampled_from([10, 30, 60, 61, 90, 127, None]),
)
viewer = st.integers(0, 2)
events = st.lists(
    st.one_of(
        *[
            st.tuples(st.just("batch"), st.lists(sounds, min_size=1, max_size=8), pause)
            for pause in (
                st.sampled_from([0.02, 0.06]),
                st.sampled_from([0.38, 0.45]),
                st.sampled_from([0.02, 3.5]),
            )
        ],
        st.tuples(st.just("choose"), viewer, st.sampled_from([None, 0]), st.just(2)),
        st.tuples(st.just("nack"), viewer, st.integers(1, 66)),
        st.tuples(st.just("redundancy"), viewer, st.integers(0, 2)),
        st.tuples(st.just("takes red"), viewer, st.booleans()),
        st.tuples(st.just("go over"), viewer, st.integers(0, 1), st.sampled_from([None, -2, 0, 3])),
        st.tuples(st.just("pause"), viewer, st.integers(-1, 3)),
        st.tuples(st.just("resume"), viewer),
        st.tuples(st.just("wait"), viewer),
        st.tuples(st.just("another speaks"), st.sampled_from([10, 40, 127])),
        st.tuples(st.just("another leaves")),
        st.tuples(st.just("window")),
        st.tuples(st.just("report")),
        *[st.tuples(st.just(what)) for what in ("mute", "unmute", "tap", "untap", "join", "tick", "flood")],
        st.tuples(st.just("leave"), viewer),
    ),
    max_size=40,
)


class Talk(Story):
    """What may happen to sound."""

    opening = (("batch", [(0, "next", 50, 10), (1, "next", 90, None)], 0.02),)

    def _make(self, track: int, what: str, size: int, level: int | None) -> None:
        if what in ("copy", "late"):
            self._again(track, what)
            return
        self.sequence[track] += 2 if what == "lost" else 1
        self.number[track] += 1
        number = self.number[track]
        payload = b"\x78" + number.to_bytes(4, "big") + bytes(size)
        kind = {"red": RED, "odd": 99}.get(what, OPUS)
        if what == "red":
            payload = pack_red(OPUS, [(960, b"\x78before"), (480, b"\x78now")], payload)
        elif what == "long":  # more than C keeps of what it has sent
            payload += bytes(250)
        elif what in ("empty", "padding"):
            payload = b""
        elements = {} if level is None else {LEVEL_ID: bytes([0x80 | level])}
        packet = RtpPacket(
            kind,
            what == "marked",
            self.sequence[track] & 0xFFFF,
            number * 960 & 0xFFFFFFFF,
            70 + track + (4 if what == "anew" else 0),
            payload,
            {} if what == "bare" else {**elements, **self._named(track, what)},
            8 if what == "padding" else 0,
        )
        self._send(track, packet, forged=what == "forged")

    def _named(self, track: int, what: str) -> dict[int, bytes]:
        self.transport_wide += 1
        extra = {20: b"two bytes"} if what == "two byte" else {}
        return {
            MID_ID: str(track).encode(),
            TWCC_ID: (self.transport_wide & 0xFFFF).to_bytes(2, "big"),
            **extra,
        }

    def _nack(self, viewer: int, back: int) -> None:
        for side in self.each():
            out = side.viewers[viewer]
            assert out.packets >= 0  # takes the lane's numbers over
            out.resend((out._top - back & 0xFFFF,), self.clock.now)

    def _redundancy(self, viewer: int, packets: int) -> None:
        for side in self.each():
            side.viewers[viewer].redundancy = packets

    def _takes_red(self, viewer: int, takes: bool) -> None:
        for side in self.each():
            side.viewers[viewer].takes_red = takes

    def _go_over(self, viewer: int, track: int, later: int | None) -> None:
        """To another track, at once or at some point of what is said on both."""
        for side in self.each():
            out = side.viewers[viewer]
            until = out.heard_until
            chosen = side.publisher.tracks[str(track)]
            if later is None or until is None:
                out.hand_over(chosen)
            elif chosen is not out.track:
                begin = (self.number[track] + later) * 960 & 0xFFFFFFFF
                out.hand_over(chosen, until + later * 960 & 0xFFFFFFFF, begin, 3)

    def _pause(self, viewer: int, later: int) -> None:
        for side in self.each():
            out = side.viewers[viewer]
            out.pause_at((out.heard_until or 0) + later * 960 & 0xFFFFFFFF)

    def _resume(self, viewer: int) -> None:
        for side in self.each():
            side.viewers[viewer].resume()

    def _wait(self, viewer: int) -> None:
        for side in self.each():
            side.viewers[viewer].waiting = True

    def _another_speaks(self, level: int) -> None:
        for side in self._halls():
            side.gate.hears("another", level, self.clock.now)

    def _another_leaves(self) -> None:
        for side in self._halls():
            side.gate.forget("another")

    def _window(self) -> None:
        """Who is loud is asked for."""
        for side in self.each():
            side.track.loudest = 127

    def _report(self) -> None:
        report = SenderReport(70, 1 << 40 | int(self.clock.now), 5000, 3, 400).pack()
        data = self.sender.session.protect_rtcp(report)
        self._deliver(data)
        for side in self.each():
            side.take()

    def _flood(self) -> None:
        for _ in range(120):
            self._make(0, "next", 80, 20)
        for side in self.each():
            side.take()
            side.take()

    def _halls(self) -> list[Hall]:
        return [side for side in self.each() if isinstance(side, Hall)]


STEADY = ("batch", [(0, "next", 60, 10), (1, "next", 90, None)], 0.02)
WHISPER = ("batch", [(0, "next", 60, 90)] * 3, 1.5)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(events, st.integers(1, 1 << 20))
@example([("takes red", 0, True), STEADY, ("redundancy", 0, 2), *[STEADY] * 3, ("redundancy", 0, 0)], 1)
@example([*[STEADY] * 3, ("nack", 0, 2), ("go over", 0, 1, 3), *[STEADY] * 6, ("go over", 0, 0, None)], 2)
@example([STEADY, WHISPER, ("another speaks", 10), WHISPER, STEADY, WHISPER, STEADY, STEADY], 3)
@example([STEADY, ("mute",), STEADY, ("unmute",), STEADY, STEADY, ("nack", 2, 3), ("tap",), STEADY], 4)
def test_both_ways_do_the_same_with_whatever_is_heard(happenings: list[tuple[Any, ...]], seed: int) -> None:
    play(happenings, seed, Hall, Talk)


def test_a_steady_microphone_is_taken_in_by_c(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the comparison above would compare Python with itself."""
    python = [0, 0]
    sent = [0, 0]
    known, forwarded = Publisher.on_rtp, OutgoingSound.forward

    def counted(publisher: Publisher, data: bytes, now: float) -> None:
        python[publisher._intake is None] += 1
        known(publisher, data, now)

    def noted(out: OutgoingSound, *given: Any) -> None:
        sent[out.lane is None] += 1
        forwarded(out, *given)

    monkeypatch.setattr(Publisher, "on_rtp", counted)
    monkeypatch.setattr(OutgoingSound, "forward", noted)
    native, plain = play([STEADY] * 20, 7, Hall, Talk)
    assert (python, sent) == ([2, 42], [3, 63])
    assert native.counters.packets_in == plain.counters.packets_in == 42
    assert all(stream.admitted for track in native.publisher.tracks.values() for stream in track.streams)


def test_of_a_listener_who_gets_redundancy_only_its_own_packets_are_left_to_python(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[str] = []
    forwarded = OutgoingSound.forward

    def noted(out: OutgoingSound, *given: Any) -> None:
        if out.lane is not None:
            sent.append(out.mid)
        forwarded(out, *given)

    monkeypatch.setattr(OutgoingSound, "forward", noted)
    play([STEADY, ("takes red", 0, True), STEADY, ("redundancy", 0, 1), *[STEADY] * 9], 7, Hall, Talk)
    assert sorted(sent) == ["0"] * 11 + ["1", "2"]
