"""Rooms, tracks and session types: adding, changing, ordering and deleting by their forms."""

from __future__ import annotations

import pytest

from conference.agenda.reading import rooms_of, tracks_of, types_of
from tests.agenda.organizing.conftest import DESK, Desk, Office

ROOMS = f"{DESK}/rooms"


async def rooms(office: Office) -> list[str]:
    listed = await office.database.read(lambda rows: rooms_of(rows, office.demo.event.id))
    return [room.slug for room in listed]


async def test_a_room_is_added_in_either_language_and_gets_an_address(office: Office, desk: Desk) -> None:
    before = await rooms(office)
    page = await desk.press(await desk.open(ROOMS), ROOMS, name_ar="قاعة الصلاة", capacity="٤٠")
    assert (page.status, "Added." in page.words, "40 seats" in page.words) == (200, True, True)
    page = await desk.press(page, ROOMS, name_en="Side hall", description_en="Ground floor")
    assert await rooms(office) == [*before, (await rooms(office))[-2], "side-hall"]
    assert (await rooms(office))[-2].startswith("room-")
    refused = await desk.press(page, ROOMS, name_en="", capacity="many", description_en="kept")
    assert (refused.status, bool(refused.error_at("name")), bool(refused.error_at("capacity"))) == (
        400, True, True,
    )  # fmt: skip
    assert refused.form(ROOMS)["description_en"].strip() == "kept"


async def test_a_room_loses_its_capacity_when_the_field_is_emptied(office: Office, desk: Desk) -> None:
    address = f"{ROOMS}/{(await rooms(office))[0]}"
    page = await desk.press(await desk.open(address), address, capacity="", name_en="Great Hall")
    assert "Saved." in page.words
    row = (await office.database.read(lambda rows: rooms_of(rows, office.demo.event.id)))[0]
    assert (row.capacity, row.name["en"], "ar" in row.name) == (None, "Great Hall", True)


async def test_rooms_move_up_and_down_and_stay_at_the_ends(office: Office, desk: Desk) -> None:
    first, second, *rest = await rooms(office)
    page = await desk.open(ROOMS)
    for slug, step, expected in (
        (second, "up", [second, first, *rest]),
        (second, "up", [second, first, *rest]),
        (second, "down", [first, second, *rest]),
    ):
        fields = page.form(f"{ROOMS}/{slug}/move") | {"step": step}
        assert (await desk.send(f"{ROOMS}/{slug}/move", fields)).status == 200
        assert await rooms(office) == expected
    fields = page.form(f"{ROOMS}/{second}/move") | {"step": "sideways"}
    assert (await desk.send(f"{ROOMS}/{second}/move", fields)).status == 400


async def test_what_sessions_use_cannot_be_deleted(office: Office, desk: Desk) -> None:
    used = f"{ROOMS}/{(await rooms(office))[0]}"
    token = (await desk.open(used)).form(used)["form_token"]
    refused = await desk.send(f"{used}/delete", {"form_token": token})
    assert (refused.status, "Sessions still use this" in refused.words) == (409, True)
    await desk.press(await desk.open(ROOMS), ROOMS, name_en="Spare")
    spare = f"{ROOMS}/spare"
    page = await desk.press(await desk.open(spare), f"{spare}/delete")
    assert (page.status, "Deleted." in page.words) == (200, True)
    assert "spare" not in await rooms(office)
    assert (await desk.open(spare)).status == 404


@pytest.mark.parametrize(
    ("name", "typed", "wrong"),
    [
        ("tracks", {"name_en": "Ethics", "colour": "#123abc", "colour_none": None}, {"colour": "red"}),
        ("types", {"name_en": "Debate", "minutes": "75"}, {"minutes": "0"}),
    ],
)
async def test_tracks_have_colours_and_types_lengths(
    office: Office, desk: Desk, name: str, typed: dict[str, str | None], wrong: dict[str, str]
) -> None:
    path = f"{DESK}/{name}"
    page = await desk.press(await desk.open(path), path, **typed)
    assert "Added." in page.words
    refused = await desk.press(page, path, **(typed | wrong | {"name_en": "Another"}))
    assert refused.status == 400
    assert refused.error_at(next(iter(wrong)))
    tracks, types = await office.database.read(
        lambda rows: (tracks_of(rows, office.demo.event.id), types_of(rows, office.demo.event.id))
    )
    if name == "tracks":
        assert (tracks[-1].slug, tracks[-1].colour) == ("ethics", "#123abc")
        entry = await desk.open(f"{path}/ethics")
        await desk.press(entry, f"{path}/ethics", colour_none="yes")
        tracks = await office.database.read(lambda rows: tracks_of(rows, office.demo.event.id))
        assert tracks[-1].colour == ""
    else:
        assert (types[-1].slug, types[-1].minutes) == ("debate", 75)
