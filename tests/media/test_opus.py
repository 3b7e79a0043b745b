"""Opus packets read, decoded, concealed and encoded."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from conference.media.opus import (
    ROUND,
    SILENT_ROUND,
    OpusDecoder,
    OpusEncoder,
    concealment,
    frame_length,
    is_silence,
    packet_length,
)
from tests.media.sounds import energy, speech


def test_lengths_follow_the_table_of_the_rfc() -> None:
    assert packet_length(b"\x78" + bytes(40)) == 960, "CELT-like, 20 ms, one frame"
    assert packet_length(b"\x58" + bytes(40)) == 2880, "SILK wideband, 60 ms"
    assert packet_length(b"\x79" + bytes(40)) == 1920, "two frames"
    assert packet_length(b"\x7b\x03" + bytes(40)) == 2880, "three frames, counted"
    assert packet_length(b"") == packet_length(b"\x7b") == packet_length(b"\x5b\x03x") == 0, "malformed"
    assert packet_length(SILENT_ROUND) == frame_length(SILENT_ROUND) == ROUND
    assert is_silence(SILENT_ROUND)


@given(st.binary(max_size=200))
def test_whatever_a_client_sends_decodes_to_at_most_120_ms(payload: bytes) -> None:
    assert len(OpusDecoder().decode(payload)) <= 2 * 5760


def test_speech_survives_and_takes_about_the_bitrate_asked_for() -> None:
    for bitrate in (16_000, 6_000):
        encoder, decoder = OpusEncoder(bitrate), OpusDecoder()
        sound = speech(40 * ROUND)
        packets = [encoder.encode(sound[2 * at : 2 * (at + ROUND)]) for at in range(0, 40 * ROUND, ROUND)]
        assert all(packet_length(packet) == ROUND for packet in packets)
        spent = sum(map(len, packets)) * 8 / (40 * 0.06)
        assert bitrate * 0.4 < spent < bitrate * 1.15
        heard = b"".join(decoder.decode(packet) for packet in packets)
        assert 0.4 < energy(heard[20 * ROUND :]) / energy(sound[20 * ROUND :]) < 2.0


def test_a_lost_packet_is_concealed_and_fades() -> None:
    encoder, decoder = OpusEncoder(16_000), OpusDecoder()
    sound = speech(10 * ROUND)
    packets = [encoder.encode(sound[2 * at : 2 * (at + ROUND)]) for at in range(0, 10 * ROUND, ROUND)]
    last = b""
    for packet in packets:
        last = decoder.decode(packet)
    hidden = [decoder.decode(concealment(packets[-1])) for _ in range(6)]
    assert all(len(part) == 2 * frame_length(packets[-1]) for part in hidden)
    assert energy(hidden[0]) > energy(last) * 0.05, "the sound goes on"
    assert energy(hidden[5]) < energy(hidden[0]) * 0.2, "and fades"


def test_a_silent_round_is_decoded_as_quiet() -> None:
    encoder, decoder = OpusEncoder(16_000), OpusDecoder()
    for sound in (speech(ROUND), speech(ROUND), bytes(2 * ROUND), bytes(2 * ROUND), bytes(2 * ROUND)):
        decoder.decode(encoder.encode(sound))
    parts = [decoder.decode(SILENT_ROUND) for _ in range(4)]
    assert all(len(part) == 2 * ROUND and energy(part) < 500 for part in parts)
