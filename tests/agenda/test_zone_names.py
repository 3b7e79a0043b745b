"""Only IANA names are zones."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from conference.agenda.zone_names import zone_named
from conference.errors import BadInput


def test_a_zone_is_found_by_its_name() -> None:
    assert zone_named("Asia/Baghdad") == ZoneInfo("Asia/Baghdad")


@pytest.mark.parametrize("name", ["Berlin", "CET+1", "../etc/passwd", "", "Asia/Baghdad\x00", "x" * 500])
def test_what_is_not_a_zone_is_refused(name: str) -> None:
    with pytest.raises(BadInput) as caught:
        zone_named(name, field="zone")
    assert caught.value.code == "agenda.unknown-zone"
    assert caught.value.field == "zone"
