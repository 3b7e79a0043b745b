"""Session descriptions: our own are readable, limits hold, and hostile text gets BadSdp and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.media.acceptance import accept_offer
from conference.media.describe import OfferSection, TransportDescription, write_answer, write_offer
from conference.media.errors import BadSdp
from conference.media.rtp import RID, RRID
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


def with_layers(*lines: str) -> str:
    """Chromium's offer as it is with `sendEncodings`: no SSRCs of the video section, its layers instead."""
    audio, _, video = CHROMIUM_OFFER.partition("m=video")
    kept = [x for x in video.split("\r\n") if not x.startswith(("a=ssrc:", "a=ssrc-group:"))]
    return audio + "m=video" + "\r\n".join([*kept[:-1], *lines, ""])


LAYERS = ("a=rid:q send", "a=rid:h send", "a=rid:f send", "a=simulcast:send q;h;f")


def test_simulcast_is_answered_and_its_sources_are_left_to_the_packets() -> None:
    accepted = accept_offer(parse_sdp(with_layers(*LAYERS)), SOURCES)
    assert accepted.rids["1"] == ("q", "h", "f")
    assert (accepted.rid_id, accepted.rrid_id) == (10, 11)
    assert list(accepted.ssrcs.values()) == ["0"], "the microphone's alone"
    section = accepted.sections[1]
    assert section.rids == ["q", "h", "f"]
    answer = write_answer("1", 1, TRANSPORT, accepted.sections, "passive")
    video = answer.partition("m=video")[2]
    for line in ("a=rid:q recv", "a=rid:h recv", "a=rid:f recv", "a=simulcast:recv q;h;f"):
        assert line in video
    assert f"a=extmap:10 {RID}" in video
    assert f"a=extmap:11 {RRID}" in video
    assert "a=rid" not in answer.partition("m=video")[0]


@pytest.mark.parametrize(
    ("lines", "rids"),
    [
        (("a=rid:f send", "a=rid:h send", "a=rid:q send", "a=simulcast:send f;h;q"), ("q", "h", "f")),
        (("a=rid:1 send", "a=rid:2 send", "a=simulcast:send 1;2"), ("1", "2")),
        (("a=rid:h send pt=96,97", "a=rid:f send max-width=640;pt=96", "a=simulcast: send h;f"), ("h", "f")),
        (("a=rid:h send pt=102", "a=rid:f send", "a=simulcast:send h;f"), ("f",)),
        (("a=rid:q send", "a=rid:h send", "a=simulcast:recv x send q,h;~h"), ("q", "h")),
        (("a=rid:q send", "a=rid:h recv", "a=simulcast:send q;h;f"), ("q",)),
        ((*(f"a=rid:{n} send" for n in "abcde"), "a=simulcast:send a;b;c;d;e"), ("a", "b", "c")),
        (("a=rid:q send",), ()),
        (("a=simulcast:send",), ()),
        (("a=simulcast:send q q", "a=rid:q"), ()),
        (("a=rid:../x send", "a=simulcast:send ../x"), ()),
    ],
)
def test_layers_are_read_as_the_rfcs_write_them(lines: tuple[str, ...], rids: tuple[str, ...]) -> None:
    accepted = accept_offer(parse_sdp(with_layers(*lines)), SOURCES)
    assert accepted.rids["1"] == rids
    assert sorted(accepted.sections[1].rids) == sorted(rids)


def test_without_the_rid_extension_there_are_no_layers() -> None:
    offer = with_layers(*LAYERS).replace("a=extmap:10", "a=x-extmap:10")
    assert accept_offer(parse_sdp(offer), SOURCES).rids["1"] == ()


def test_h264_is_taken_where_there_is_no_vp8() -> None:
    offer = CHROMIUM_OFFER.replace("VP8/90000", "VP7/90000")
    accepted = accept_offer(parse_sdp(offer), SOURCES)
    assert accepted.codecs["1"] == "h264"
    section = accepted.sections[1]
    assert (section.payload_type, section.rtx_type) == (108, 109), (
        "packetization mode 1, constrained baseline"
    )
    video = write_answer("1", 1, TRANSPORT, accepted.sections, "passive").partition("m=video")[2]
    said = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"
    assert "a=rtpmap:108 H264/90000" in video
    assert f"a=fmtp:108 {said}" in video
    viewer = OfferSection("video", "0", "s", "t", "c", 1, 2, "h264", accepted.parameters["1"])
    shown = write_offer("1", 1, TRANSPORT, [viewer])
    assert "m=video 9 UDP/TLS/RTP/SAVPF 102 103" in shown
    assert f"a=fmtp:102 {said}" in shown
    assert "VP8" not in shown


def test_nothing_of_a_hostile_profile_is_repeated() -> None:
    offer = CHROMIUM_OFFER.replace("VP8/90000", "VP7/90000").replace(
        "packetization-mode=1;profile-level-id=42e01f", "packetization-mode=1;profile-level-id=zzzzzz;x=y"
    )
    assert "zzz" not in accept_offer(parse_sdp(offer), SOURCES).parameters["1"]
