"""Countries: the list of ISO 3166-1 in both languages, and one's own choice kept or not at all."""

from __future__ import annotations

from conference.clock import ManualClock
from conference.people.accounts import account_by_id
from conference.people.countries import country_choices, is_country
from conference.people.links import make_personal_link
from conference.people.permissions import Role
from conference.storage.database import Database, Transaction
from tests.people.conftest import OpenBrowser
from tests.people.congress import KARBALA, add_person
from tests.people.site import PUBLIC_URL


def test_every_country_has_a_name_in_both_languages() -> None:
    english, arabic = dict(country_choices("en")), dict(country_choices("ar"))
    assert len(english) == 249  # officially assigned codes
    assert english.keys() == arabic.keys()
    assert (english["IQ"], arabic["IQ"]) == ("Iraq", "العراق")
    assert not {"EU", "UN", "ZZ", "XA"} & english.keys()
    assert is_country("IQ")
    assert not is_country("iq")
    assert not is_country("EU")


async def test_country_is_shared_by_choice_and_taken_back(
    open_browser: OpenBrowser, congress: Database, clock: ManualClock
) -> None:
    def come(tx: Transaction) -> tuple[int, str]:
        who = add_person(tx, "s@x.example", "Sara", clock.now(), (KARBALA, Role.ATTENDEE))
        return who, make_personal_link(tx, who, None, now=clock.now())

    who, token = await congress.write(come)
    browser = open_browser()
    await browser.enter(f"{PUBLIC_URL}/join/{token}")
    for chosen, kept in (("IQ", "IQ"), ("XX", "IQ"), ("", None)):
        page = await browser.open("/me")
        await browser.press(page, "/me", country=chosen)
        account = await congress.read(lambda rows: account_by_id(rows, who))
        assert account.country == kept
