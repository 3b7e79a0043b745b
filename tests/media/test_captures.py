"""What Chromium and Firefox really sent, read again by the parsers and the publisher."""

from __future__ import annotations

from itertools import pairwise
from typing import cast

import pytest
from aioice import stun

from conference.media.acceptance import accept_offer
from conference.media.binding import Check, read_check
from conference.media.counters import Counters
from conference.media.mux import local_ufrag
from conference.media.outgoing_video import OutgoingVideo
from conference.media.publisher import Publisher
from conference.media.rtcp import Nack, ReceiverReport, SenderReport, TransportFeedback, parse_rtcp
from conference.media.rtp import parse_rtp
from conference.media.sdp import parse_sdp
from conference.media.transport import Transport
from conference.media.vp8 import read_descriptor
from tests.media.capture import Capture, captures
from tests.media.simulcast import Line

CAPTURES = captures()
SIZES = [(320, 180), (640, 360), (1280, 720)]
every_browser = pytest.mark.parametrize("capture", CAPTURES, ids=[one.browser for one in CAPTURES])


def test_two_browsers_are_kept() -> None:
    assert {one.browser for one in CAPTURES} == {"chromium", "firefox"}


@every_browser
def test_the_offer_is_accepted_whole(capture: Capture) -> None:
    accepted = accept_offer(parse_sdp(capture.offer), capture.tracks)
    assert set(accepted.sources.values()) == {"camera", "microphone"}
    assert 0 not in (accepted.mid_id, accepted.level_id, accepted.twcc_id)
    assert len(accepted.rtx_types) >= 1


def test_chromium_s_three_layers_are_bound_each_with_its_size() -> None:
    capture = next(one for one in CAPTURES if one.browser == "chromium")
    accepted = accept_offer(parse_sdp(capture.offer), capture.tracks)
    now = 0.0
    uplink = Line(lambda: now)
    counters = Counters()
    publisher = Publisher("browser", ("1", "AA"), counters, 10**9, lambda _: cast(Transport, uplink))
    publisher.apply(accepted)
    camera = next(track for track in publisher.tracks.values() if track.source == "camera")
    assert camera.rids == ("q", "h", "f")
    for at, kind, data in capture.packets:
        now = 100.0 + at
        if kind == "rtp":
            publisher.on_rtp(data, now)
    assert [stream.rid for stream in camera.streams] == ["q", "h", "f"]
    assert [(stream.width, stream.height) for stream in camera.streams] == SIZES
    assert all(stream.received > 20 and stream.lost == 0 for stream in camera.streams)
    assert counters.dropped_ssrc <= 1, "a probe of the repairs came before its layer"
    assert counters.dropped_malformed == 0


@every_browser
def test_packets_are_read_and_written_back_the_same(capture: Capture) -> None:
    accepted = accept_offer(parse_sdp(capture.offer), capture.tracks)
    types = set(accepted.payload_types.values()) | accepted.rtx_types
    for _, kind, data in capture.packets:
        if kind != "rtp":
            continue
        packet = parse_rtp(data)
        assert packet.payload_type in types
        again = parse_rtp(packet.pack())
        for name in ("payload_type", "marker", "sequence", "timestamp", "ssrc", "payload", "extensions"):
            assert getattr(again, name) == getattr(packet, name)


@every_browser
def test_pictures_are_numbered_one_after_the_other(capture: Capture) -> None:
    accepted = accept_offer(parse_sdp(capture.offer), capture.tracks)
    camera = next(mid for mid, source in accepted.sources.items() if source == "camera")
    numbers: dict[int, list[int]] = {}
    for _, kind, data in capture.packets:
        packet = parse_rtp(data) if kind == "rtp" else None
        if packet is not None and packet.payload_type == accepted.payload_types[camera] and packet.payload:
            picture = read_descriptor(packet.payload).picture_id
            assert picture is not None
            numbers.setdefault(packet.ssrc, []).append(picture)
    assert numbers
    for pictures in numbers.values():
        seen = sorted(set(pictures))
        assert seen == list(range(seen[0], seen[-1] + 1))


@every_browser
def test_reports_are_read_without_a_word_lost(capture: Capture) -> None:
    kinds = set()
    for _, kind, data in capture.packets:
        if kind == "rtcp":
            packets, malformed = parse_rtcp(data)
            assert malformed == 0
            kinds |= {type(packet) for packet in packets}
    assert {SenderReport, ReceiverReport, TransportFeedback} <= kinds


@every_browser
def test_checks_are_read(capture: Capture) -> None:
    checks = [data for _, kind, data in capture.packets if kind == "stun"]
    assert checks
    for data in checks:
        request = stun.parse_message(data)
        assert request.attributes["USERNAME"].startswith(f"{local_ufrag(data)}:")
        assert "ICE-CONTROLLING" in request.attributes
        assert read_check(data, b"password") is None
        for signature in ("MESSAGE-INTEGRITY", "FINGERPRINT"):
            request.attributes.pop(signature, None)
        request.add_message_integrity(b"password")  # the browser's own is lost
        request.add_fingerprint()
        nominates = "USE-CANDIDATE" in request.attributes
        assert read_check(bytes(request), b"password") == Check(request.transaction_id, nominates, False)


@every_browser
def test_a_recorded_browser_is_forwarded_without_a_gap(capture: Capture) -> None:
    now = 0.0
    uplink, line = Line(lambda: now), Line(lambda: now)
    counters = Counters()
    publisher = Publisher("browser", ("1", "AA"), counters, 10**9, lambda _: cast(Transport, uplink))
    publisher.apply(accept_offer(parse_sdp(capture.offer), capture.tracks))
    camera = next(track for track in publisher.tracks.values() if track.source == "camera")
    out = OutgoingVideo(camera, cast(Transport, line), "1", Counters())
    camera.outgoing = (out,)
    out.open = True
    for at, kind, data in capture.packets:
        now = 100.0 + at
        if kind == "rtp":
            publisher.on_rtp(data, now)
        elif kind == "rtcp":
            publisher.on_rtcp(data, now)
    assert counters.dropped_malformed == 0
    numbers = [packet.sequence for packet in line.rtp if packet.ssrc == out.ssrc]
    assert len(numbers) > 20
    assert [(b - a) & 0xFFFF for a, b in pairwise(numbers)] == [1] * (len(numbers) - 1)
    assert not any(isinstance(packet, Nack) for packet in uplink.rtcp), "nothing was lost on loopback"
    assert read_descriptor(line.rtp[0].payload).starts_partition
