"""Addresses of this very server in a file it exported: forgotten on the way in, or a session would link
to itself and an event that is renamed would keep dead addresses."""

from __future__ import annotations

from conference.agenda.drafts import EventDraft, PersonDraft, Programme, SessionDraft


def without_own_addresses(programme: Programme, site: str) -> Programme:
    """*programme* changed in place: no address under *site* (``https://conference.example.org``)."""
    own = site.rstrip("/") + "/"
    drafts: list[EventDraft | PersonDraft | SessionDraft] = [
        programme.event,
        *programme.people,
        *programme.sessions,
    ]
    for draft in drafts:
        for name in ("url", "base_url", "origin_url", "feedback_url"):
            if getattr(draft, name, "").startswith(own):
                setattr(draft, name, "")
    return programme
