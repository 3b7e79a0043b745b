"""Public holidays on the same day of every year, offered where an event falls on one. Feasts by the moon are
announced year by year, and so are changes of this list: organizers decide, nothing is added by itself.
"""

from __future__ import annotations

from datetime import date

import msgspec

from conference.agenda.rows import Texts

#: Month, day and name, by the zone of the country's clocks.
FIXED: dict[str, list[tuple[int, int, Texts]]] = {
    "Asia/Baghdad": [
        (1, 1, {"ar": "رأس السنة الميلادية", "en": "New Year's Day"}),
        (1, 6, {"ar": "عيد الجيش", "en": "Army Day"}),
        (3, 21, {"ar": "عيد نوروز", "en": "Nowruz"}),
        (5, 1, {"ar": "عيد العمال", "en": "Labour Day"}),
        (7, 14, {"ar": "عيد الجمهورية", "en": "Republic Day"}),
        (10, 3, {"ar": "اليوم الوطني", "en": "National Day"}),
        (12, 25, {"ar": "عيد ميلاد السيد المسيح", "en": "Christmas Day"}),
    ]
}


class Holiday(msgspec.Struct, frozen=True):
    """A whole day, and what is celebrated."""

    day: date
    name: Texts


def holidays_within(zone: str, first: date, last: date) -> list[Holiday]:
    """Those of the country of *zone* from *first* to *last*, both included, in order."""
    found = [
        Holiday(date(year, month, day), name)
        for year in range(first.year, last.year + 1)
        for month, day, name in FIXED.get(zone, [])
    ]
    return sorted((one for one in found if first <= one.day <= last), key=lambda one: one.day)
