"""The names of the channels: each is a log of its own, and being in one is the right to read it."""

from __future__ import annotations


def session_channel(session_code: str) -> str:
    """Everybody who was let into the live room of a session."""
    return f"session:{session_code}"


def desk_channel(session_code: str) -> str:
    """The chairs, moderators and organizers of a session."""
    return f"session:{session_code}:desk"


def stage_channel(session_code: str) -> str:
    """Those who may take the floor of a session uninvited: its speakers and its desk."""
    return f"session:{session_code}:stage"


def event_channel(event_id: int) -> str:
    """Everybody who is signed in and may see the event."""
    return f"event:{event_id}"


def event_desk_channel(event_id: int) -> str:
    """The organizers of an event."""
    return f"event:{event_id}:desk"


def person_channel(public_id: str) -> str:
    """Every tab of one account."""
    return f"person:{public_id}"
