"""Which picture a player shows: the shared screen, else the camera of whoever has the floor. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from conference.media.track import Track

SHOT = 2.0  # seconds a camera is shown at least, while it sends


def choose_picture(
    tracks: Sequence[Track], speakers: Sequence[str], shown: Track | None, since: float, now: float
) -> Track | None:
    """The one of `tracks` (in the order they came) to show; None when nobody sends a picture.

    A screen goes before all cameras, the newest first, and stays while it is there. `speakers` are ids, the
    one who has the floor first; with nobody of them on camera the picture stays. `since` is when `shown`
    began.
    """
    there = [track for track in tracks if not track.muted]
    screens = [track for track in there if track.source == "screen"]
    if screens:
        return shown if shown in screens else screens[-1]
    cameras = {track.participant_id: track for track in there}
    if shown in there and now - since < SHOT:
        return shown
    speaking = next((cameras[each] for each in speakers if each in cameras), None)
    return speaking or (shown if shown in there else None) or next(iter(there), None)
