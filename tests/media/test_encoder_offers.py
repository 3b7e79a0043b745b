"""What foreign encoders offer, as they said it (tests/data/encoders), is understood and answered."""

from __future__ import annotations

from pathlib import Path

import pytest

from conference.media.acceptance import accept_offer
from conference.media.describe import TransportDescription, write_answer
from conference.media.sdp import Fingerprint, SessionDescription, parse_sdp

OFFERS = Path(__file__).parents[1] / "data" / "encoders"
TRANSPORT = TransportDescription(
    [("192.0.2.7", 4000)], "ufrag", "p" * 32, Fingerprint("sha-256", "AB:" * 31 + "AB")
)
NAMES = [
    "ffmpeg-8.1-h264",
    "gstreamer-1.22-h264",
    "gstreamer-1.22-vp8",
    "libdatachannel-0.23-h264",
    "obs-32.2-h264",
    "pion-4.0-vp8",
]


def offer(name: str) -> SessionDescription:
    return parse_sdp((OFFERS / f"{name}.sdp").read_text(encoding="utf-8"))


def sources(of: SessionDescription) -> dict[str, str]:
    return {section.mid: {"audio": "microphone", "video": "camera"}[section.kind] for section in of.media}


def test_every_offer_that_was_kept_is_looked_at() -> None:
    assert sorted(file.stem for file in OFFERS.glob("*.sdp")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_sound_and_picture_are_taken_as_they_are_offered(name: str) -> None:
    said = offer(name)
    accepted = accept_offer(said, sources(said))
    by_source = {accepted.sources[mid]: codec for mid, codec in accepted.codecs.items()}
    assert by_source == {"microphone": "opus", "camera": name.rpartition("-")[2]}
    for section in said.media:
        # None of them writes the mid into its packets: their SSRCs are all there is to tell them apart.
        assert accepted.ssrcs[section.sources()[0]] == section.mid
        assert accepted.payload_types[section.mid] == int(section.formats[0])


@pytest.mark.parametrize("name", NAMES)
def test_the_answer_takes_both_and_the_other_side_of_dtls(name: str) -> None:
    said = offer(name)
    accepted = accept_offer(said, sources(said))
    setup = "active" if said.active else "passive"
    answer = parse_sdp(write_answer("1", 1, TRANSPORT, accepted.sections, setup))
    assert [section.mid for section in answer.media] == [section.mid for section in said.media]
    assert [section.direction for section in answer.media] == ["recvonly", "recvonly"]
    assert {section.value("setup") for section in answer.media} == {setup}
    assert said.active is name.startswith("ffmpeg")  # it is the passive side, so we call
