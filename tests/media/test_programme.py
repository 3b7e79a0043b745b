"""What a player is shown, and what of its offer is answered."""

from __future__ import annotations

import pytest

from conference.media.errors import BadSdp
from conference.media.play_offer import accept_play_offer
from conference.media.programme import SHOT, choose_picture
from conference.media.sdp import parse_sdp
from conference.media.track import Track

OMAR, ALI = Track("omar", "camera", "0"), Track("ali", "camera", "0")
SLIDES, MODEL = Track("omar", "screen", "1"), Track("ali", "screen", "1")


def test_the_camera_of_whoever_has_the_floor_is_shown_and_stays_with_the_last_one() -> None:
    cameras = [OMAR, ALI]
    assert choose_picture([], ["ali"], None, 0.0, 1.0) is None
    assert choose_picture(cameras, [], None, 0.0, 1.0) is OMAR
    assert choose_picture(cameras, ["ali"], OMAR, 0.0, 10.0) is ALI
    assert choose_picture(cameras, ["sara", "ali"], OMAR, 0.0, 10.0) is ALI  # sara has no camera
    assert choose_picture(cameras, [], ALI, 0.0, 10.0) is ALI


def test_a_camera_is_shown_for_a_while_unless_it_goes() -> None:
    assert choose_picture([OMAR, ALI], ["ali"], OMAR, 10.0, 10.0 + SHOT / 2) is OMAR
    assert choose_picture([OMAR, ALI], ["ali"], OMAR, 10.0, 10.0 + SHOT) is ALI
    assert choose_picture([ALI], ["ali"], OMAR, 10.0, 10.0 + SHOT / 2) is ALI


def test_a_screen_goes_before_cameras_at_once_and_stays() -> None:
    assert choose_picture([OMAR, ALI, SLIDES], ["ali"], ALI, 10.0, 10.1) is SLIDES
    assert choose_picture([OMAR, SLIDES, MODEL], ["ali"], SLIDES, 0.0, 99.0) is SLIDES
    assert choose_picture([OMAR, SLIDES, MODEL], ["ali"], OMAR, 0.0, 99.0) is MODEL


def test_what_a_moderator_stopped_is_not_shown() -> None:
    stopped = Track("omar", "screen", "1")
    stopped.muted = True
    assert choose_picture([stopped], [], stopped, 0.0, 1.0) is None
    assert choose_picture([stopped, ALI], [], stopped, 0.0, 1.0) is ALI


AUDIO = (
    "m=audio 9 UDP/TLS/RTP/SAVPF 97\r\na=mid:a\r\na=recvonly\r\na=rtpmap:97 opus/48000/2\r\n"
    "a=extmap:3 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n"
)
VIDEO = (
    "m=video 9 UDP/TLS/RTP/SAVPF 120 121 99 98 100\r\na=mid:v\r\na=recvonly\r\n"
    "a=rtpmap:120 VP8/90000\r\na=rtcp-fb:120 transport-cc\r\na=rtcp-fb:120 nack pli\r\n"
    "a=rtpmap:121 rtx/90000\r\na=fmtp:121 apt=120\r\n"
    "a=rtpmap:99 H264/90000\r\na=fmtp:99 packetization-mode=0;profile-level-id=42e01f\r\n"
    "a=rtpmap:98 H264/90000\r\na=fmtp:98 packetization-mode=1;profile-level-id=42e01f\r\n"
    "a=rtcp-fb:98 transport-cc\r\na=rtpmap:100 AV1/90000\r\n"
    "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n"
    "a=extmap:14 urn:ietf:params:rtp-hdrext:sdes:mid\r\na=extmap:5 urn:3gpp:video-orientation\r\n"
)


def test_a_players_own_numbers_are_used_and_nothing_else_is_promised() -> None:
    sound, picture = accept_play_offer(parse_sdp("v=0\r\n" + AUDIO + VIDEO))
    assert {codec: wire.payload_type for codec, wire in sound.wires.items()} == {"opus": 97}
    assert (sound.wires["opus"].mid_id, sound.wires["opus"].twcc_id, sound.counted) == (0, 0, False)
    assert {c: (w.payload_type, w.rtx_type) for c, w in picture.wires.items()} == {
        "vp8": (120, 121),
        "h264": (98, 0),
    }
    assert (picture.wires["vp8"].mid_id, picture.wires["vp8"].twcc_id, picture.counted) == (14, 3, True)
    assert list(picture.section.types) == [120, 121, 98]
    assert sum("extmap" in line for line in picture.section.lines) == 2


def test_an_extension_id_that_needs_two_byte_headers_is_not_used() -> None:
    offer = "v=0\r\n" + VIDEO.replace("extmap:14", "extmap:15").replace("extmap:3", "extmap:20")
    (picture,) = accept_play_offer(parse_sdp(offer))
    assert (picture.wires["vp8"].mid_id, picture.wires["vp8"].twcc_id) == (0, 0)
    assert not any("extmap" in line or "transport-cc" in line for line in picture.section.lines)


@pytest.mark.parametrize(
    "offer",
    [
        AUDIO.replace("recvonly", "sendonly"),
        AUDIO + AUDIO.replace("a=mid:a", "a=mid:b"),
        AUDIO.replace("opus", "speex"),
        VIDEO.replace("VP8", "VP9").replace("H264", "H265"),
        AUDIO.replace("m=audio 9", "m=audio 0"),
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:d\r\n",
    ],
)
def test_what_is_no_sound_and_picture_to_receive_is_refused(offer: str) -> None:
    with pytest.raises(BadSdp):
        accept_play_offer(parse_sdp("v=0\r\n" + offer))
