"""The draft and the acts on it, over HTTP."""

from __future__ import annotations

from conference.live.channels import event_desk_channel
from conference.live.log import since
from tests.agenda.api.client import EVENT, Api
from tests.agenda.drafting.desk import LATER, ROOMS, TALKS

ONE, TWO, THREE = TALKS


async def test_the_draft_has_all_that_a_planner_shows(api: Api) -> None:
    draft = (await (await api.program(api.desk.zainab)).get(f"{EVENT}/draft")).json
    assert draft["event"]["zone"] == "Asia/Baghdad"
    assert [room["slug"] for room in draft["rooms"]] == list(ROOMS)
    codes = [session["code"] for session in draft["sessions"]]
    assert codes == [*TALKS, "LUNCH1", LATER], "by start, those without a time last"
    talk, later = draft["sessions"][0], draft["sessions"][-1]
    assert (talk["room"], talk["starts_at"], talk["edition"]) == ("hall", "2025-10-25T06:00:00Z", 0)
    assert talk["people"] == [{"code": "ZAHRA1", "name": {"en": "Zahra1"}, "role": "speaker"}]
    assert (later["room"], later["starts_at"]) == (None, None)
    assert (draft["head"], draft["undo"], draft["redo"]) == (0, None, None)


async def test_an_act_answers_what_it_did_and_tells_the_desk(api: Api) -> None:
    zainab = await api.browser(api.desk.zainab)
    done = await zainab.act("place", session=LATER, edition=0, room="lab", starts_at="2025-10-26T10:00")
    assert done.status == 200
    (change,) = done.json["changes"]
    assert (change["before"]["starts_at"], change["after"]["starts_at"]) == (None, "2025-10-26T07:00:00Z")
    assert done.json["undo"] == {"edit": done.json["edit"], "act": "place"}
    draft = (await zainab.get(f"{EVENT}/draft")).json
    assert draft["head"] == 1
    channel = event_desk_channel(api.desk.event_id)
    assert draft["channel"] == channel
    (told,) = await api.database.read(lambda rows: since(rows, channel, 0, 10))
    assert '"type":"DraftEdited"' in told.body
    assert '"name":"Zainab"' in told.body
    assert LATER in told.body


async def test_undo_and_redo_are_acts_too(api: Api) -> None:
    zainab = await api.program(api.desk.zainab)
    await zainab.act("cancel", session=ONE, edition=0)
    undone = await zainab.act("undo")
    assert (undone.json["act"], undone.json["changes"][0]["after"]["state"]) == ("undo", "confirmed")
    assert (undone.json["undo"], undone.json["redo"]["edit"]) == (None, undone.json["edit"])
    assert (await zainab.act("redo")).json["changes"][0]["after"]["state"] == "cancelled"


async def test_a_stale_act_is_refused_with_both_versions(api: Api) -> None:
    zainab = await api.program(api.desk.zainab)
    await zainab.act("edit", session=ONE, edition=0, title={"en": "Theirs"})
    refused = await zainab.act("edit", session=ONE, edition=0, title={"en": "Mine"})
    assert (refused.status, refused.json["code"]) == (409, "agenda.stale")
    details = refused.json["details"]
    assert (details["yours"]["title"], details["theirs"]["title"]) == ({"en": "Mine"}, {"en": "Theirs"})
    assert details["by"] == "Zainab"


async def test_a_repeated_request_has_its_effect_once(api: Api) -> None:
    zainab = await api.program(api.desk.zainab)
    create = {"act": "create", "title": {"en": "New"}}
    answers = [await zainab.ask("POST", f"{EVENT}/acts", create, Idempotency_Key="first") for _ in range(2)]
    assert answers[0].json == answers[1].json
    assert (await zainab.get(f"{EVENT}/sessions?scheduled=false")).json["count"] == 2
    assert (await zainab.ask("POST", f"{EVENT}/acts", create, Idempotency_Key="{}")).status == 400


async def test_the_log_tells_who_did_what_from_what_to_what(api: Api) -> None:
    zainab = await api.program(api.desk.zainab)
    await zainab.act("place", session=ONE, edition=0, room="lab", starts_at="2025-10-25T09:00")
    await zainab.act("undo")
    log = (await zainab.get(f"{EVENT}/edits")).json
    undo, place = log["results"]
    assert (undo["undoes"], place["undone_by"]) == (place["edit"], undo["edit"])
    assert (place["act"], place["by"]["name"]) == ("place", "Zainab")
    assert place["changes"] == [{"code": ONE, "before": {"room": "hall"}, "after": {"room": "lab"}}]


async def test_bad_bodies_are_refused_with_their_place(api: Api) -> None:
    zainab = await api.program(api.desk.zainab)
    refusals = [
        (b"{", "api.body", None),
        (b"\xff\xfe", "api.body", None),
        (b"[]", "api.field", None),
        (b'{"act":"fly"}', "api.field", "act"),
        (b'{"act":"resize","session":"TALK01","edition":0,"minutes":"ten"}', "api.field", "minutes"),
        (b'{"act":"resize","session":"TALK01","edition":-1,"minutes":10}', "api.field", "edition"),
        (b'{"act":"resize","session":"TALK01","edition":0,"minutes":10,"colour":"red"}', "api.field", None),
        (b'{"act":"resize","session":"TALK01","edition":0,"minutes":9999999999}', "api.field", "minutes"),
        (b'{"act":"create","title":{"en":"x"},"starts_at":"2025-02-30"}', "agenda.no-moment", "starts_at"),
    ]  # fmt: skip
    for body, code, field in refusals:
        headers = zainab.headers | {"Content-Type": "application/json"}
        response = await api.client.post(f"{EVENT}/acts", data=body, headers=headers)
        said = await response.json()
        assert (response.status, said["code"], said["field"]) == (400, code, field), body
    form = await api.client.post(f"{EVENT}/acts", data={"act": "undo"}, headers=zainab.headers)
    assert (form.status, (await form.json())["code"]) == (400, "api.media-type")


async def test_refusals_are_in_the_readers_language(api: Api) -> None:
    zainab = await api.program(api.desk.zainab)
    said = [
        (await zainab.ask("POST", f"{EVENT}/acts", {"act": "undo"}, Accept_Language=language)).json["detail"]
        for language in ("en", "ar")
    ]
    assert said[0] == "There is nothing of yours to take back."
    assert said[1] != said[0]
