"""Session descriptions: our own are readable, limits hold, and hostile text gets BadSdp and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.media.acceptance import accept_offer
from conference.media.describe import OfferSection, TransportDescription, write_answer, write_offer
from conference.media.errors import BadSdp
from conference.media.sdp import MAX_BYTES, Fingerprint, parse_sdp
from tests.media.chromium_offer import CHROMIUM_OFFER

FINGERPRINT = Fingerprint("sha-256", ":".join(["AB"] * 32))
TRANSPORT = TransportDescription([("192.0.2.7", 4000), ("2001:db8::7", 4000)], "ufrag", "p" * 32, FINGERPRINT)
SOURCES = {"0": "microphone", "1": "camera"}

ident = st.text("abcdefghijklmnopqrstuvwxyz0123456789_-", min_size=1, max_size=20)
sections = st.lists(
    st.tuples(st.sampled_from(["audio", "video"]), st.booleans(), ident, st.integers(0, 0xFFFFFFFF)),
    min_size=1,
    max_size=12,
)


@given(sections, st.integers(1, 10**6))
def test_an_offer_we_write_is_one_we_can_read(wanted: list[tuple[str, bool, str, int]], version: int) -> None:
    offered = [
        OfferSection(kind, str(i), f"{who}~av" if live else "", f"{who}~camera", who, ssrc, ssrc ^ 1)
        for i, (kind, live, who, ssrc) in enumerate(wanted)
    ]
    offer = parse_sdp(write_offer("1", version, TRANSPORT, offered))
    assert offer.ice_ufrag == "ufrag"
    assert offer.fingerprints == [FINGERPRINT]
    for section, (kind, live, who, ssrc) in zip(offer.media, wanted, strict=True):
        assert section.kind == kind
        assert section.direction == ("sendonly" if live else "inactive")
        assert len(section.values("candidate")) == (2 if section is offer.media[0] else 0)
        if live:
            assert section.value("msid") == f"{who}~av {who}~camera"
            assert section.sources()[0] == ssrc
            assert section.flow_pairs() == ([(ssrc, ssrc ^ 1)] if kind == "video" else [])


def test_what_chromium_offers_is_accepted() -> None:
    offer = parse_sdp(CHROMIUM_OFFER)
    accepted = accept_offer(offer, SOURCES)
    assert accepted.sources == SOURCES
    assert accepted.payload_types == {"0": 111, "1": 96}
    assert accepted.rtx_types == {97}
    assert (accepted.level_id, accepted.twcc_id, accepted.mid_id) == (1, 3, 4)
    assert len(accepted.ssrcs) == 2
    assert len(accepted.rtx_ssrcs) == 1
    answer = parse_sdp(write_answer("1", 1, TRANSPORT, accepted.sections, "passive"))
    assert [s.direction for s in answer.media] == ["recvonly", "recvonly"]
    video = answer.media[1].codecs()
    assert (video[96].name, video[97].parameters) == ("VP8", "apt=96")
    assert "transport-cc" in video[96].feedback
    assert "usedtx=1" in answer.media[0].codecs()[111].parameters


def test_a_section_that_is_not_named_is_left_inactive() -> None:
    accepted = accept_offer(parse_sdp(CHROMIUM_OFFER), {"1": "camera"})
    answer = write_answer("1", 1, TRANSPORT, accepted.sections, "passive")
    assert [s.direction for s in parse_sdp(answer).media] == ["inactive", "recvonly"]


def test_a_stopped_section_is_rejected_and_left_out_of_the_bundle() -> None:
    stopped = CHROMIUM_OFFER.replace("m=audio 9", "m=audio 0")
    answer = write_answer(
        "1", 1, TRANSPORT, accept_offer(parse_sdp(stopped), {"1": "camera"}).sections, "passive"
    )
    assert "a=group:BUNDLE 1\r\n" in answer
    assert "m=audio 0 " in answer


@pytest.mark.parametrize(
    ("tracks", "why"),
    [
        ({"0": "camera"}, "camera in a section of kind audio"),
        ({"7": "camera"}, "no sending media section for camera"),
        ({"1": "window"}, "unknown source"),
        ({"0": "microphone", "1": "microphone"}, "published twice"),
    ],
)
def test_sources_must_fit_the_offer(tracks: dict[str, str], why: str) -> None:
    with pytest.raises(BadSdp, match=why):
        accept_offer(parse_sdp(CHROMIUM_OFFER), tracks)


def test_a_camera_without_a_codec_we_forward_is_refused_by_name() -> None:
    offer = parse_sdp(CHROMIUM_OFFER.replace("VP8/90000", "VP7/90000").replace("H264/90000", "H263/90000"))
    with pytest.raises(BadSdp, match="camera needs VP8 or H264"):
        accept_offer(offer, SOURCES)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no media section"),
        ("hello", "line 1: not an SDP line"),
        ("o=- 1 1 IN IP4 0.0.0.0", "line 1: no v= line"),
        ("v=0\r\nm=audio 9 X", "line 2: media line cut short"),
        ("v=0\r\nm=audio 99999 X 1", "bad port"),
        ("v=0\r\nm=audio 9 X 1\r\na=mid:a b", "line 2: media section without a usable mid"),
        ("v=0\r\nm=audio 9 X 1", "line 2: media section without a usable mid"),
        ("v=0\r\na=x\x00y\r\nm=audio 9 X 1\r\na=mid:0", "line 2: not an SDP line"),
        ("v=0\r\n" + "m=audio 9 X 1\r\na=mid:0\r\n" * 2, "two media sections with one mid"),
        (
            "v=0\r\n" + "".join(f"m=audio 9 X 1\r\na=mid:{n}\r\n" for n in range(65)),
            "more than 64 media sections",
        ),
        ("v=0\r\n" + "a=x\r\n" * MAX_BYTES, "larger than 32768 bytes"),
    ],
)
def test_unusable_text_is_refused_with_its_place(text: str, why: str) -> None:
    with pytest.raises(BadSdp, match=why):
        parse_sdp(text)


@given(st.data())
def test_damaged_offers_are_accepted_or_refused(data: st.DataObject) -> None:
    text = list(CHROMIUM_OFFER)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(text) - 1))
        text[at : at + data.draw(st.integers(0, 30))] = data.draw(st.text(max_size=8))
    try:
        offer = parse_sdp("".join(text))
        accepted = accept_offer(offer, SOURCES)
        assert offer.ice_ufrag
        assert offer.fingerprints
    except BadSdp:
        return
    parse_sdp(write_answer("1", 1, TRANSPORT, accepted.sections, "passive"))


@given(st.text(max_size=300))
def test_noise_is_refused(text: str) -> None:
    with pytest.raises(BadSdp):
        parse_sdp(text)
