"""The colours of tracks on pages and on paper. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from conference.agenda.rows import TrackRow
from conference.serving.accent import Colour, parse_colour

# For tracks that bring no colour of their own: told apart also without full sight of colours (Okabe and Ito).
PALETTE: tuple[Colour, ...] = (
    (0, 114, 178),
    (213, 94, 0),
    (0, 158, 115),
    (204, 121, 167),
    (230, 159, 0),
    (86, 180, 233),
    (110, 90, 160),
)


def track_colours(tracks: Sequence[TrackRow]) -> dict[int, Colour]:
    """The colour of each track, by its id: its own, else one of the palette by its place."""
    return {
        track.id: parse_colour(track.colour) or PALETTE[number % len(PALETTE)]
        for number, track in enumerate(tracks)
    }


def track_styles(tracks: Sequence[TrackRow]) -> str:
    """A rule for each track that gives its colour to the elements of its class."""
    colours = track_colours(tracks)
    return "".join(f".k-{track.slug}{{--track:#{bytes(colours[track.id]).hex()}}}" for track in tracks)
