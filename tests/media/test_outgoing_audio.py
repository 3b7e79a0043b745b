"""Sound towards one viewer: redundancy, sending again, pauses."""

from __future__ import annotations

from conference.media.describe import RED_TYPE
from conference.media.outgoing_audio import OutgoingSound
from conference.media.red import unpack_red
from conference.media.rtp import parse_rtp
from tests.media.rehearsal import Listener, Rehearsal, numbers_are_continuous, played
from tests.media.sounds import RATE, speech


def first_sound(listener: Listener) -> OutgoingSound:
    out = listener.viewer.outgoing[0]
    assert isinstance(out, OutgoingSound)
    return out


def test_redundancy_repeats_what_went_before_and_changes_nothing_else() -> None:
    hall = Rehearsal()
    hall.speak("a", speech(3 * RATE))
    listener = Listener(hall, "listener")
    hall.run(0.5)
    out = first_sound(listener)
    assert out.takes_red, "the offer has it and the answer took it"
    out.redundancy = 2
    hall.run(0.5)
    queue = listener.loudest_queue
    assert numbers_are_continuous(queue)
    by_timestamp: dict[int, bytes] = {}
    for _, packet in queue:
        if packet.payload_type == RED_TYPE:
            payload, earlier = unpack_red(packet.payload, 111)
            assert [offset for offset, _ in earlier] == [1920, 960]
            for offset, block in earlier:
                assert by_timestamp[(packet.timestamp - offset) & 0xFFFFFFFF] == block
            by_timestamp[packet.timestamp] = payload
        else:
            by_timestamp[packet.timestamp] = packet.payload
    assert sum(packet.payload_type == RED_TYPE for _, packet in queue) > 20
    out.redundancy = 0
    hall.run(0.2)
    assert queue[-1][1].payload_type == 111
    assert played(queue)[1] == 0


def test_a_browser_without_red_gets_none() -> None:
    hall = Rehearsal()
    hall.speak("a", speech(RATE))
    listener = Listener(hall, "listener")
    hall.run(0.3)
    out = first_sound(listener)
    out.takes_red = False
    out.redundancy = 2
    hall.run(0.3)
    assert {packet.payload_type for _, packet in listener.loudest_queue} == {111}


def test_a_packet_is_sent_again_bit_by_bit_and_not_twice_within_a_round_trip() -> None:
    hall = Rehearsal()
    hall.speak("a", speech(3 * RATE))
    listener = Listener(hall, "listener")
    hall.run(0.5)
    out = first_sound(listener)
    out.redundancy = 1  # the payload of a repeated packet has to be the redundant one too
    hall.run(0.5)
    before = list(listener.ear.raw)
    wanted = parse_rtp(before[-3])
    out.resend((wanted.sequence,), hall.now)
    out.resend((wanted.sequence,), hall.now + 0.01)
    assert listener.ear.raw[len(before) :] == [before[-3]], (
        "another packet under its number would leak the key"
    )
    out.resend((wanted.sequence,), hall.now + 0.5)
    assert len(listener.ear.raw) == len(before) + 2
    out.resend(((wanted.sequence - 200) & 0xFFFF, (wanted.sequence + 50) & 0xFFFF), hall.now)
    assert len(listener.ear.raw) == len(before) + 2, "what is too old or was never sent is not"


def test_numbers_stay_continuous_over_a_pause_while_time_goes_on() -> None:
    hall = Rehearsal()
    microphone = hall.speak("a", speech(4 * RATE))
    listener = Listener(hall, "listener")
    hall.run(1)
    out = first_sound(listener)
    out.choose(None)
    hall.run(1)
    out.choose(0)
    out.waiting = True
    hall.run(1)
    queue = listener.loudest_queue
    assert numbers_are_continuous(queue)
    _, missing, doubled = played(queue, microphone.base)
    assert 0.95 * RATE < missing < 1.05 * RATE
    assert doubled == 0
