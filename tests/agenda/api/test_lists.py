"""Rooms, tracks, types, people, hours, closures, settings, imports and late halls, written by programs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.agenda.api.client import EVENT, Answer, Api, Caller
from tests.agenda.drafting.desk import PEOPLE, TALKS
from tests.agenda.organizing.test_event_pages import png

LISTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "rooms": ({"name": {"en": "Forum", "ar": "المنتدى"}, "capacity": 80}, {"capacity": 90}),
    "tracks": ({"name": {"en": "Simulation"}, "colour": "#1a7f64"}, {"colour": ""}),
    "types": ({"name": {"en": "Workshop"}, "minutes": 90}, {"minutes": 120}),
}

HOLIDAY = {"kind": "holiday", "name": {"en": "Day"}}


async def make(caller: Caller, path: str, said: dict[str, Any]) -> Answer:
    made = await caller.ask("POST", f"{EVENT}/{path}", said)
    assert made.status == 201, made.json
    return made


@pytest.mark.parametrize("name", LISTS)
async def test_an_entry_is_made_changed_put_first_and_deleted(api: Api, name: str) -> None:
    zainab = await api.program(api.desk.zainab)
    new, change = LISTS[name]
    made = await make(zainab, name, new)
    assert new.items() <= made.json.items()
    place = made.headers["Location"]
    found = await zainab.get(place)
    assert (found.json, found.headers["ETag"]) == (made.json, made.headers["ETag"])
    assert (await zainab.get(place, If_None_Match=found.headers["ETag"])).status == 304

    changed = await zainab.ask("PATCH", place, change | {"place": 1}, If_Match=found.headers["ETag"])
    assert (changed.status, changed.json) == (200, made.json | change)
    assert (await zainab.get(f"{EVENT}/{name}")).json["results"][0] == changed.json

    stale = await zainab.ask("PATCH", place, change, If_Match=found.headers["ETag"])
    assert (stale.status, stale.json["code"]) == (412, "agenda.stale")
    assert stale.json["details"]["theirs"] == changed.json
    assert (await zainab.ask("PATCH", place, change)).status == 428
    assert (await zainab.ask("DELETE", place, If_Match=found.headers["ETag"])).status == 412
    assert (await zainab.ask("DELETE", place, If_Match=changed.headers["ETag"])).status == 204
    assert (await zainab.get(place)).status == 404


async def test_what_sessions_refer_to_stays(api: Api) -> None:
    zainab = await api.program(api.desk.zainab)
    refused = await zainab.ask("DELETE", f"{EVENT}/rooms/hall", If_Match="*")
    assert (refused.status, refused.json["code"]) == (409, "agenda.in-use")
    refused = await zainab.ask("DELETE", f"{EVENT}/people/{PEOPLE[0]}", If_Match="*")
    assert (refused.status, refused.json["code"]) == (409, "agenda.in-use")


async def test_in_texts_languages_that_are_not_named_stay_and_empty_ones_go(api: Api) -> None:
    zainab = await api.program(api.desk.zainab)
    place = (await make(zainab, "rooms", {"name": {"en": "Forum", "ar": "المنتدى"}})).headers["Location"]
    changed = await zainab.ask("PATCH", place, {"name": {"ar": "منتدى"}}, If_Match="*")
    assert changed.json["name"] == {"en": "Forum", "ar": "منتدى"}
    changed = await zainab.ask("PATCH", place, {"name": {"en": ""}}, If_Match="*")
    assert changed.json["name"] == {"ar": "منتدى"}
    refused = await zainab.ask("PATCH", place, {"name": {"ar": ""}}, If_Match="*")
    assert (refused.status, refused.json["field"]) == (400, "name")


@pytest.mark.parametrize(
    ("path", "said", "field"),
    [
        ("rooms", {"name": {"en": "x" * 10_000}}, "name_en"),
        ("rooms", {"name": {}}, "name"),
        ("rooms", {"name": {"en": "Hall"}, "capacity": -1}, "capacity"),
        ("rooms", {"name": {"en": "Hall"}, "seats": 4}, None),
        ("rooms", {"name": {"no language": "Hall"}}, "name"),
        ("tracks", {"name": {"en": "Track"}, "colour": "red"}, "colour"),
        ("types", {"name": {"en": "Type"}, "minutes": 0}, "minutes"),
        ("people", {"name": {"en": "Huda"}, "zone": "Mars/Olympus"}, "zone"),
        ("people", {"name": {"en": "Huda"}, "account": "nobody"}, "account"),
        (
            "people",
            {
                "name": {"en": "Huda"},
                "availability": [{"starts_at": "2025-10-25T12:00", "ends_at": "2025-10-25T09:00"}],
            },
            "availability[0].ends_at",
        ),
        (
            "closures",
            HOLIDAY | {"starts_at": "2025-02-30T09:00", "ends_at": "2025-10-26T09:00"},
            "starts_at",
        ),
        (
            "closures",
            HOLIDAY | {"starts_at": "2025-10-26T09:00", "ends_at": "2025-10-25T09:00"},
            "ends_at",
        ),
        ("closures", {"kind": "feast", "name": {"en": "Day"}}, "kind"),
        ("closures", HOLIDAY, "starts_at"),
    ],
)  # fmt: skip
async def test_what_cannot_be_is_refused_with_its_place_and_changes_nothing(
    api: Api, path: str, said: dict[str, Any], field: str | None
) -> None:
    zainab = await api.program(api.desk.zainab)
    before = (await zainab.get(f"{EVENT}/{path}")).json
    refused = await zainab.ask("POST", f"{EVENT}/{path}", said)
    assert (refused.status, refused.json["field"]) == (400, field)
    assert (await zainab.get(f"{EVENT}/{path}")).json == before


async def test_bidi_tricks_do_not_get_into_names(api: Api) -> None:
    zainab = await api.program(api.desk.zainab)
    made = await make(zainab, "rooms", {"name": {"en": "Hall \u202elive\u202c"}})
    assert made.json["name"] == {"en": "Hall live"}


async def test_a_person_is_made_with_when_they_can_and_the_clashes_know_it(api: Api) -> None:
    zainab = await api.program(api.desk.zainab)
    morning = {"starts_at": "2025-10-25T09:00", "ends_at": "2025-10-25T12:00"}
    said = {"name": {"en": "Huda"}, "zone": "Europe/London", "is_remote": True, "availability": [morning]}
    made = await make(zainab, "people", said)
    shown = [{"starts_at": "2025-10-25T06:00:00Z", "ends_at": "2025-10-25T09:00:00Z"}]
    assert made.json["availability"] == shown
    assert made.json in (await zainab.get(f"{EVENT}/people")).json["results"]

    etag = (await zainab.get(f"{EVENT}/people/{PEOPLE[1]}")).headers["ETag"]
    place = f"{EVENT}/people/{PEOPLE[1]}"
    only_later = [{"starts_at": "2025-10-26T09:00", "ends_at": "2025-10-26T12:00"}]
    changed = await zainab.ask("PATCH", place, {"availability": only_later}, If_Match=etag)
    assert changed.status == 200
    found = (await zainab.get(f"{EVENT}/clashes")).json["problems"]
    assert ("unavailable", [TALKS[1]]) in [(one["kind"], one["sessions"]) for one in found]
    same = await zainab.ask("PATCH", place, {"biography": {"en": "Surgeon"}}, If_Match="*")
    assert same.json["availability"] == changed.json["availability"], "what is not said stays"
    assert (await zainab.ask("PATCH", place, {"availability": []}, If_Match=etag)).status == 412


async def test_opening_hours_are_set_whole_or_not_at_all(api: Api) -> None:
    zainab = await api.program(api.desk.zainab)
    path = f"{EVENT}/openings"
    every = {"room": None, "day": "2025-10-25", "opens": "08:00:00", "closes": "17:00:00"}
    hall = {"room": "hall", "day": "2025-10-26", "opens": "09:30:00", "closes": "01:00:00"}
    etag = (await zainab.get(path)).headers["ETag"]
    done = await zainab.ask("PUT", path, {"openings": [hall, every]}, If_Match=etag)
    assert (done.status, done.json) == (200, {"openings": [every, hall]})
    for wrong, field in (
        ({"room": "cellar"}, "openings[1].room"),
        ({"day": "2025-10-28"}, "openings[1].day"),
        ({"closes": "08:00:00"}, "openings[1].closes"),
    ):
        refused = await zainab.ask("PUT", path, {"openings": [hall, every | wrong]}, If_Match="*")
        assert (refused.status, refused.json["field"]) == (400, field)
    three = [every | {"opens": f"{hour:02}:00:00"} for hour in (8, 11, 14)]
    assert (await zainab.ask("PUT", path, {"openings": three}, If_Match="*")).json[
        "code"
    ] == "agenda.too-many"
    assert (await zainab.ask("PUT", path, {"openings": []}, If_Match=etag)).status == 412
    assert (await zainab.get(path)).json == {"openings": [every, hall]}


async def test_closures_are_made_changed_and_deleted(api: Api) -> None:
    zainab = await api.program(api.desk.zainab)
    said = {
        "kind": "shutdown", "name": {"en": "Exam day"},
        "starts_at": "2025-10-25T06:00", "ends_at": "2025-10-25T08:00",
    }  # fmt: skip
    made = await make(zainab, "closures", said)
    again = await make(zainab, "closures", said)
    assert again.json == made.json, "sent twice because the first answer was lost: there is one"
    place = made.headers["Location"]
    changed = await zainab.ask("PATCH", place, {"ends_at": "2025-10-25T09:00"}, If_Match=made.headers["ETag"])
    assert changed.json["ends_at"] == "2025-10-25T06:00:00Z"
    assert (await zainab.ask("DELETE", place, If_Match=changed.headers["ETag"])).status == 204
    assert (await zainab.get(f"{EVENT}/closures")).json["count"] == 0


async def test_settings_are_changed_by_the_rules_of_their_form(api: Api) -> None:
    zainab = await api.program(api.desk.zainab)
    found = await zainab.get(EVENT)
    said = {
        "title": {"ar": "مؤتمر"}, "venue": {"en": "Karbala"}, "accent": "#0b6b5d", "languages": ["en", "ckb"],
        "ends": "2025-10-27", "walking_minutes": 10, "is_public": False,
        "prayer": {"latitude": 32.61, "longitude": 44.02, "method": "jafari"},
    }  # fmt: skip
    changed = await zainab.ask("PATCH", EVENT, said, If_Match=found.headers["ETag"])
    assert changed.status == 200, changed.json
    title = {"en": "A conference", "ar": "مؤتمر"}
    assert changed.json == found.json | said | {"title": title, "language": "en"}
    assert (await zainab.ask("PATCH", EVENT, {}, If_Match=found.headers["ETag"])).status == 412
    for wrong, field in (
        ({"ends": "2025-10-20"}, "ends"),
        ({"zone": "Baghdad"}, "zone"),
        ({"accent": "green"}, "accent"),
        ({"languages": []}, "speaks"),
        ({"title": {"en": "", "ar": ""}}, "title"),
        ({"prayer": {"latitude": 99, "longitude": 0, "method": "jafari"}}, "latitude"),
        ({"starts": "2025-02-30"}, "starts"),
    ):
        refused = await zainab.ask("PATCH", EVENT, wrong, If_Match="*")
        assert (refused.status, refused.json["field"]) == (400, field), refused.json
    without = await zainab.ask("PATCH", EVENT, {"prayer": None, "accent": ""}, If_Match="*")
    assert (without.json["prayer"], without.json["accent"]) == (None, "")


async def test_a_logo_is_a_picture_and_goes_again(api: Api) -> None:
    zainab = await api.program(api.desk.zainab)
    kept = await zainab.ask("PUT", f"{EVENT}/logo", png())
    assert kept.json["logo"].startswith("/karbala/logo/")
    for wrong, code in ((b"<svg/>", "logo.kind"), (png() + b"x" * 70_000, "logo.size")):
        refused = await zainab.ask("PUT", f"{EVENT}/logo", wrong)
        assert (refused.status, refused.json["code"]) == (400, code)
    assert (await zainab.ask("DELETE", f"{EVENT}/logo")).json["logo"] == ""


async def test_an_event_is_made_and_cloned_by_who_may(api: Api) -> None:
    zainab = await api.program(api.desk.zainab)
    new = {
        "slug": "basra-2026", "title": {"en": "Basra"}, "zone": "Asia/Baghdad",
        "starts": "2026-03-01", "ends": "2026-03-02",
    }  # fmt: skip
    made = await zainab.ask("POST", "/api/events", new)
    assert (made.status, made.headers["Location"]) == (201, "/api/events/basra-2026")
    assert (await zainab.get("/api/events/basra-2026")).json == made.json
    assert (await zainab.ask("POST", "/api/events", new)).json["code"] == "agenda.slug-taken"
    copy = {"slug": "karbala-2026", "title": {"en": "Next year"}, "starts": "2026-10-24"}
    cloned = await zainab.ask("POST", f"{EVENT}/clone", copy)
    assert (cloned.status, cloned.json["event"]["ends"]) == (201, "2026-10-25")
    assert (await zainab.get("/api/events/karbala-2026/sessions")).json["count"] == 5

    narrow = await api.program(api.desk.zainab, event_id=api.desk.event_id)
    for path, said in (("/api/events", new), (f"{EVENT}/clone", copy)):
        refused = await narrow.ask("POST", path, said | {"slug": "another"})
        assert (refused.status, refused.json["code"]) == (403, "api.one-event")
    assert (
        await (await api.program(await api.account("nobody"))).ask("POST", "/api/events", new)
    ).status == 403


async def test_a_file_is_previewed_and_applied_exactly_so(api: Api) -> None:
    zainab = await api.program(api.desk.zainab)
    table = b"code,title_en,minutes\nTALK01,Renamed,75\n,Quite new,30\n"
    path = f"{EVENT}/imports?filename=talks.csv&kind=sessions"
    seen = await zainab.ask("POST", path, table)
    assert (seen.status, seen.json["applied"]) == (200, False), seen.json
    changes = {tuple(one["name"].values()): one["is_new"] for one in seen.json["changes"]["sessions"]}
    assert changes == {("Renamed",): False, ("Quite new",): True}
    assert (await zainab.get(f"{EVENT}/sessions/TALK01")).json["minutes"] == 60, "nothing was changed yet"
    await zainab.act("resize", session=TALKS[1], edition=0, minutes=50)
    stale = await zainab.ask("POST", f"{path}&apply={seen.json['digest']}", table)
    assert (stale.status, stale.json["code"]) == (409, "import.stale")
    seen = await zainab.ask("POST", path, table)
    done = await zainab.ask("POST", f"{path}&apply={seen.json['digest']}", table)
    assert (done.status, done.json["applied"]) == (200, True)
    assert (await zainab.get(f"{EVENT}/sessions/TALK01")).json["minutes"] == 75
    assert (await zainab.get(f"{EVENT}/edits")).json["results"][0]["act"] == "import"
    for wrong in (b"", b"\x89PNG\r\n\x1a\n"):
        assert (await zainab.ask("POST", path, wrong)).status == 400, wrong
    refused = await zainab.ask("POST", path, b"code,minutes\nTALK01,long\n")
    assert "talks.csv:2" in refused.json["detail"], "a message says the place"


async def test_a_room_runs_late_and_is_back_on_time(api: Api) -> None:
    zainab = await api.program(api.desk.zainab)
    path = f"{EVENT}/rooms/hall/late"
    refused = await zainab.ask("POST", path, {"minutes": 12})
    assert (refused.status, refused.json["code"]) == (409, "agenda.not-published")
    await zainab.ask("POST", f"{EVENT}/releases", {"tell": False})
    api.clock.current = datetime(2025, 10, 25, 6, 30, tzinfo=UTC)
    zainab = await api.program(api.desk.zainab)
    late = await zainab.ask("POST", path, {"minutes": 12})
    assert (late.status, late.json) == (200, {"minutes": 12, "sessions": list(TALKS)})
    assert (await zainab.get(path)).json == {"minutes": 12}
    moved = (await zainab.get(f"{EVENT}/sessions/{TALKS[1]}")).json
    assert moved["starts_at"] == "2025-10-25T07:12:00Z", "the draft moves as well"
    back = await zainab.ask("POST", path, {"minutes": None})
    assert back.json["minutes"] == 0
    assert (await zainab.ask("POST", path, {"minutes": 999})).json["field"] == "minutes"


async def test_other_organizers_are_told_to_look_again(api: Api) -> None:
    zainab = await api.program(api.desk.zainab)
    before = (await zainab.get(f"{EVENT}/draft")).json["head"]
    await make(zainab, "rooms", {"name": {"en": "Forum"}})
    assert (await zainab.get(f"{EVENT}/draft")).json["head"] == before + 1
