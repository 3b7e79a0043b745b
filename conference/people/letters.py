"""The words of the mails people get. Plain text; links are made from the configured address only."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from conference.errors import N_
from conference.serving.translation import translate


class Words(msgspec.Struct, frozen=True):
    """Subject and text of a mail."""

    subject: str
    text: str


def sign_in_words(lang: str, link: str, minutes: int) -> Words:
    """For somebody with an account."""
    say = _saying(lang)
    return Words(
        say(N_("Your sign-in link for Majlis")),
        _paragraphs(
            say(N_("Open this link to sign in:")),
            link,
            say(N_("It works once, within %(minutes)d minutes."), minutes=minutes),
            say(N_("If you did not ask for it, you need not do anything: without this mail nobody gets in.")),
        ),
    )


def no_account_words(lang: str, public_url: str) -> Words:
    """For an address without an account: its owner may have used another one."""
    say = _saying(lang)
    return Words(
        say(N_("Your sign-in link for Majlis")),
        _paragraphs(
            say(N_("Somebody asked for a sign-in link for this address, but there is no account with it.")),
            say(N_("If it was you, try the address you registered with, or register for an event here:")),
            f"{public_url}/",
            say(N_("If it was not you, you need not do anything.")),
        ),
    )


def registration_words(lang: str, link: str, minutes: int, event: str) -> Words:
    """To confirm a registration."""
    say = _saying(lang)
    return Words(
        say(N_("Confirm your registration: %(event)s"), event=event),
        _paragraphs(
            say(N_("Open this link to complete your registration for %(event)s:"), event=event),
            link,
            say(N_("It works once, within %(minutes)d minutes."), minutes=minutes),
            say(N_("If you did not register, you need not do anything.")),
        ),
    )


def invitation_words(lang: str, link: str, name: str, event: str) -> Words:
    """With a personal link."""
    say = _saying(lang)
    return Words(
        say(N_("Your personal link: %(event)s"), event=event),
        _paragraphs(
            say(N_("Hello %(name)s,"), name=name),
            say(N_("you are invited to %(event)s. This is your personal link:"), event=event),
            link,
            say(N_("It opens the conference as you, as often as you need. Please do not pass it on.")),
        ),
    )


def _saying(lang: str) -> Callable[..., str]:
    def say(msgid: str, **values: object) -> str:
        return translate(lang, msgid, **values)

    return say


def _paragraphs(*parts: str) -> str:
    return "\n\n".join(parts)
