"""Sessions one by one: lists in pages, ETags, and changes that name them."""

from __future__ import annotations

from tests.agenda.api.client import EVENT, Api
from tests.agenda.drafting.desk import LATER, TALKS

ONE = f"{EVENT}/sessions/{TALKS[0]}"


async def test_lists_come_in_pages(api: Api) -> None:
    zainab = await api.program(api.desk.zainab)
    first = (await zainab.get(f"{EVENT}/sessions?page_size=2")).json
    assert (first["count"], first["previous"], len(first["results"])) == (5, None, 2)
    second = (await zainab.get(first["next"])).json
    third = (await zainab.get(second["next"])).json
    assert third["next"] is None
    codes = [one["code"] for page in (first, second, third) for one in page["results"]]
    assert codes == [*TALKS, "LUNCH1", LATER]
    assert (await zainab.get(second["previous"])).json == first
    assert (await zainab.get(f"{EVENT}/sessions?page=9")).status == 404
    assert (await zainab.get(f"{EVENT}/sessions?page=0")).json["field"] == "page"
    assert (await zainab.get(f"{EVENT}/sessions?page_size=x")).status == 400
    assert len((await zainab.get(f"{EVENT}/sessions?page_size=1000000")).json["results"]) == 5


async def test_lists_can_be_filtered(api: Api) -> None:
    zainab = await api.program(api.desk.zainab)

    async def codes(query: str) -> list[str]:
        return [one["code"] for one in (await zainab.get(f"{EVENT}/sessions?{query}")).json["results"]]

    assert await codes("scheduled=false") == [LATER]
    assert await codes("kind=break") == ["LUNCH1"]
    assert await codes("person=ALI111") == [TALKS[1]]
    assert await codes("room=hall&state=confirmed") == list(TALKS)
    assert await codes("room=lab") == []


async def test_what_is_known_already_is_not_sent_again(api: Api) -> None:
    zainab = await api.program(api.desk.zainab)
    for path in (f"{EVENT}/draft", f"{EVENT}/sessions", f"{EVENT}/rooms", ONE):
        first = await zainab.get(path)
        again = await zainab.get(path, If_None_Match=first.headers["ETag"])
        assert (first.status, again.status, again.json) == (200, 304, None), path
    known = (await zainab.get(ONE)).headers["ETag"]
    await zainab.act("cancel", session=TALKS[0], edition=0)
    assert (await zainab.get(ONE, If_None_Match=known)).status == 200


async def test_a_change_names_the_etag_it_is_of(api: Api) -> None:
    zainab = await api.program(api.desk.zainab)
    seen = (await zainab.get(ONE)).headers["ETag"]
    assert (await zainab.ask("PATCH", ONE, {"minutes": 45})).status == 428
    changed = await zainab.ask("PATCH", ONE, {"minutes": 45, "notes": "Bring a pointer"}, If_Match=seen)
    assert (changed.status, changed.json["minutes"], changed.json["notes"]) == (200, 45, "Bring a pointer")
    stale = await zainab.ask("PATCH", ONE, {"minutes": 50}, If_Match=seen)
    assert (stale.status, stale.json["code"]) == (412, "agenda.stale")
    assert stale.json["details"]["theirs"]["minutes"] == 45
    again = await zainab.ask("PATCH", ONE, {"minutes": 50}, If_Match=changed.headers["ETag"])
    assert again.json["minutes"] == 50
    assert (await zainab.ask("PATCH", ONE, {"minutes": 55}, If_Match="*")).json["minutes"] == 55


async def test_a_session_is_made_read_and_deleted(api: Api) -> None:
    zainab = await api.program(api.desk.zainab)
    said = {
        "title": {"ar": "جديدة"},
        "type": "lecture",
        "people": [{"code": "NOOR11", "role": "interpreter"}],
    }
    made = await zainab.ask("POST", f"{EVENT}/sessions", said)
    assert (made.status, made.json["minutes"], made.json["abstract"]) == (201, 45, {})
    found = await zainab.get(made.headers["Location"])
    assert found.json == made.json
    gone = await zainab.ask("DELETE", made.headers["Location"], If_Match=found.headers["ETag"])
    assert (gone.status, (await zainab.get(made.headers["Location"])).status) == (204, 404)


async def test_rooms_tracks_types_and_people_are_listed(api: Api) -> None:
    zainab = await api.program(api.desk.zainab)
    listed = {
        name: (await zainab.get(f"{EVENT}/{name}")).json for name in ("rooms", "tracks", "types", "people")
    }
    assert [room["slug"] for room in listed["rooms"]["results"]] == ["hall", "lab", "library"]
    assert listed["tracks"]["count"] == 0
    assert listed["types"]["results"] == [{"slug": "lecture", "name": {"en": "Lecture"}, "minutes": 45}]
    assert [one["code"] for one in listed["people"]["results"]] == ["ZAHRA1", "ALI111", "NOOR11"]


async def test_the_draft_is_released(api: Api) -> None:
    zainab = await api.program(api.desk.zainab)
    assert (await zainab.get(f"{EVENT}/releases")).json["count"] == 0
    made = await zainab.ask(
        "POST", f"{EVENT}/releases", {"name": "First", "comment": "At last", "tell": False}
    )
    assert (made.status, made.json["release"]["name"]) == (201, "First")
    assert [one["name"] for one in (await zainab.get(f"{EVENT}/releases")).json["results"]] == ["First"]
    assert (await zainab.ask("POST", f"{EVENT}/releases", {"name": "First"})).status == 409
