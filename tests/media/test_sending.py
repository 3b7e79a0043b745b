"""What one viewer is to get before anything is known of its link; what follows is in `test_links.py`."""

from __future__ import annotations

from conference.media.engine import Viewing
from conference.media.sending import SendControl
from tests.media.test_allocate import CAMERA, MICROPHONE


def test_a_client_that_sends_no_feedback_is_not_waited_for_long() -> None:
    control = SendControl()
    offered = (MICROPHONE, CAMERA)
    now = 0.0
    while not control.allocation.pictures:
        now += 0.1
        control.log.note(150, now)
        control.tick(now, offered, Viewing(), ("ada",))
        assert now < 10
    assert control.allocation.pictures[CAMERA.key].layer == 0


def test_a_known_link_starts_where_it_was() -> None:
    control = SendControl(bitrate=3_000_000)
    control.tick(1.0, (MICROPHONE, CAMERA), Viewing(), ("ada",))
    assert control.allocation.pictures[CAMERA.key].layer == 2
