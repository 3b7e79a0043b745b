"""Bad files: one sentence with the place, whatever is wrong. Odd files: read, with a warning."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conference.agenda.drafts import Programme
from conference.agenda.importing.read_file import read_programme
from conference.agenda.tables import SessionKind, SessionRole
from conference.errors import BadInput

FOLDER = Path(__file__).parent.parent.parent / "data" / "schedules"
FILES = {file.name: file.read_bytes() for file in sorted(FOLDER.iterdir())}

SESSION: dict[str, Any] = {
    "guid": "3a2b1c00-0000-4000-8000-000000000001",
    "id": 7,
    "title": "A talk",
    "date": "2025-10-25T09:00:00+03:00",
    "start": "09:00",
    "duration": "00:30",
    "room": "Hall",
    "track": "AI",
    "type": "talk",
    "language": "en",
    "persons": [],
    "links": [],
}


def schedule(*sessions: dict[str, Any], **conference: Any) -> bytes:
    """A small schedule JSON, one value a line as pretalx writes it."""
    days = [{"index": 1, "date": "2025-10-25", "rooms": {"Hall": list(sessions)}}]
    said = {"acronym": "small", "title": "Small", "start": "2025-10-25", "end": "2025-10-25", "days": days}
    whole = {"schedule": {"version": "1", "conference": {**said, **conference}}}
    return json.dumps(whole, indent=2, ensure_ascii=False).encode()


def frab(session: str = "", head: str = "<title>Small</title><acronym>small</acronym>") -> bytes:
    return f"""<?xml version="1.0" encoding="utf-8"?>
<schedule>
<version>1</version>
<conference>{head}</conference>
<day date="2025-10-25" start="2025-10-25T04:00:00+03:00" end="2025-10-26T03:59:00+03:00" index="1">
<room name="Hall">
{session}
</room>
</day>
</schedule>
""".encode()


def refusal(data: bytes, **options: str) -> str:
    with pytest.raises(BadInput) as caught:
        read_programme(data, "file", **options)
    assert caught.value.code.startswith("agenda.")
    return str(caught.value)


def line_with(data: bytes, text: str) -> int:
    return next(number for number, line in enumerate(data.decode().splitlines(), 1) if text in line)


# What is not a schedule at all


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"\x00\x00", b"hello", b"\xef\xbb\xbf", b"   \n"])
def test_a_file_of_another_kind_is_refused(data: bytes) -> None:
    assert refusal(data) == "file: this is neither schedule XML nor schedule JSON."


@pytest.mark.parametrize(
    "data", [b"{}", b"[]", b'{"schedule": []}', b'{"schedule": null}', b'{"schedule": "x"}']
)
def test_json_without_a_schedule_is_refused(data: bytes) -> None:
    assert refusal(data) == "file:1 schedule: there is no “schedule” in this file."


def test_xml_of_another_kind_names_its_outermost_element() -> None:
    assert refusal(b"<?xml version='1.0'?>\n<rss/>") == (
        "file:2:1: the outermost element is “rss”, so this is not a schedule."
    )


def test_broken_json_names_line_and_column() -> None:
    assert refusal(b'{"schedule":\n  {"version" 1}}').startswith("file:2:14: this is not well-formed JSON")


def test_broken_xml_names_line_and_column() -> None:
    assert refusal(b"<schedule>\n<version>1</verson>\n</schedule>") == (
        "file:2:13: this is not well-formed XML (mismatched tag)."
    )


def test_bytes_that_are_not_utf8_name_their_line() -> None:
    assert refusal(b'{"schedule":\n"\xff"}') == "file:2: this is not UTF-8 text."


def test_an_unknown_encoding_is_refused() -> None:
    assert "not well-formed XML" in refusal(b"<?xml version='1.0' encoding='klingon'?><schedule/>")


# What attacks


def test_a_document_type_is_refused_before_it_does_anything() -> None:
    bomb = b"""<?xml version="1.0"?>
<!DOCTYPE schedule [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>
<schedule><conference><title>&b;&c;</title></conference></schedule>"""
    assert re.fullmatch(
        r"file:2:\d+: a document type \(DOCTYPE\) is not accepted in a schedule\.", refusal(bomb)
    )


@pytest.mark.parametrize(
    "data", [b"<a>" * 100_000, b'{"schedule":' + b"[" * 100_000, b'{"schedule":' * 50_000]
)
def test_deep_nesting_is_refused(data: bytes) -> None:
    assert "nested too deeply" in refusal(data)


def test_a_number_of_thousands_of_digits_is_refused() -> None:
    assert refusal(b'{"schedule": ' + b"9" * 10_000 + b"}") == "file: a number in this file is too large."


def test_addresses_that_run_or_read_something_are_left_out() -> None:
    links = [
        {"url": "JavaScript:alert(1)", "title": "x"},
        {"url": "java\nscript:alert(1)", "title": "y"},
        {"url": "file:///etc"},
    ]
    programme = read_programme(schedule({**SESSION, "links": links, "url": "data:text/html,x"}), "file")
    assert programme.sessions[0].links == []
    assert programme.sessions[0].url == ""
    assert sum("not one for the web" in str(warning) for warning in programme.warnings) == 4


def test_bidi_overrides_controls_and_broken_letters_are_stripped() -> None:
    title = "Safe\u202egnp.exe\u2066 \x00\x1b[31m\ud800"
    data = schedule({**SESSION, "title": "@"}).replace(b'"@"', json.dumps(title).encode())
    assert read_programme(data, "file").sessions[0].title == {"en": "Safegnp.exe [31m?"}


# What is wrong inside a schedule, with its place


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"date": "soon"}, "date", "“soon” is not a date and time like 2025-10-25T09:00:00+03:00."),
        ({"date": "2025-13-25T09:00:00+03:00"}, "date", "“2025-13-25T09:00:00+03:00” is not a date and time"),
        ({"date": "0001-01-01T00:00:00+14:00"}, "date", "the year 1 cannot be right."),
        ({"date": 5}, "date", "“5” is not a date and time"),
        ({"duration": "half an hour"}, "duration", "“half an hour” is not a length like 00:30."),
        ({"duration": "00:75"}, "duration", "“00:75” is not a length"),
        ({"title": ""}, "title", "the session has no title."),
        ({"title": ["x"]}, "title", "a text is expected here, not “['x']”."),
        ({"persons": {"name": "x"}}, "persons", "a list is expected here."),
        ({"persons": ["x"]}, "persons[0]", "an object with named fields is expected here."),
        ({"links": 5}, "links", "a list is expected here."),
    ],
)
def test_json_names_line_and_path(change: dict[str, Any], field: str, message: str) -> None:
    data = schedule({**SESSION, "title": "First"}, {**SESSION, "guid": "other", **change})
    path = f"schedule.conference.days[0].rooms.Hall[1].{field}"
    found = refusal(data)
    place, said = found.split(": ", 1)
    file_and_line, shown_path = place.split(" ")
    assert shown_path == path
    assert said.startswith(message)
    name = field.split("[")[0]
    lines = [number for number, line in enumerate(data.decode().splitlines(), 1) if f'"{name}"' in line]
    # the second session's line; the element of a list stands on the line after its name
    assert file_and_line == f"file:{lines[-1] + ('[' in field)}"


def test_xml_names_line_and_column() -> None:
    data = frab(
        "<event id='1' guid='x'>\n<title>T</title>\n<date>never</date>\n<duration>00:30</duration>\n</event>"
    )
    line = line_with(data, "never")
    assert refusal(data).startswith(f"file:{line}:1: “never” is not a date and time")


def test_a_session_without_a_date_names_itself() -> None:
    data = frab("<event id='1' guid='x'><title>T</title><duration>00:30</duration></event>")
    assert refusal(data) == f"file:{line_with(data, '<event')}:1: the session has no date and time."


def test_a_title_of_ten_thousand_characters_is_refused() -> None:
    message = refusal(schedule({**SESSION, "title": "x" * 10_000}))
    assert message.endswith("“title” is 10000 characters long; at most 500 fit.")


def test_a_time_the_clocks_jump_over_is_refused() -> None:
    session = {**SESSION, "date": "2025-03-30T02:30:00"}
    message = refusal(schedule(session, time_zone_name="Europe/Berlin"))
    assert message.endswith("2025-03-30 02:30 does not exist in Europe/Berlin: the clocks jump over it.")


def test_an_end_before_the_start_is_refused() -> None:
    session = {**SESSION, "duration": None, "end": "2025-10-25T08:00:00+03:00"}
    assert refusal(schedule(session)).endswith("the session ends before it starts.")


@pytest.mark.parametrize(
    ("options", "code"),
    [({"zone": "Berlin"}, "agenda.unknown-zone"), ({"slug": "assets"}, "agenda.bad-file")],
)
def test_wishes_that_cannot_be_are_refused(options: dict[str, str], code: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_programme(schedule(SESSION), "file", **options)
    assert caught.value.code == code


# What is odd and tolerated


def noted(programme: Programme) -> list[str]:
    return [warning.message for warning in programme.warnings]


def test_a_minimal_session_is_enough() -> None:
    programme = read_programme(schedule({"title": "T", "date": "2025-10-25T09:00:00+03:00"}), "file")
    session = programme.sessions[0]
    assert (session.minutes, session.room, session.track, session.language) == (5, "hall", None, None)
    assert session.guid
    assert len(programme.warnings) == 2  # no zone, no length


def test_start_and_day_replace_a_missing_date() -> None:
    late = "<event id='1' guid='x'><title>T</title><start>01:15</start><duration>00:30</duration></event>"
    head = "<title>S</title><acronym>small</acronym><time_zone_name>Asia/Baghdad</time_zone_name>"
    session = read_programme(frab(late, head), "file").sessions[0]
    # 01:15 in the night after the 25th
    assert session.starts_at == datetime(2025, 10, 25, 22, 15, tzinfo=UTC)


def test_a_time_without_offset_is_in_the_named_zone() -> None:
    data = schedule({**SESSION, "date": "2025-10-26T02:30:00"}, time_zone_name="Europe/Berlin")
    programme = read_programme(data, "file")
    assert programme.sessions[0].starts_at == datetime(2025, 10, 26, 0, 30, tzinfo=UTC)
    assert any("comes twice" in message for message in noted(programme))


def test_a_doubled_guid_loses_no_session() -> None:
    twin = {**SESSION, "date": "2025-10-25T10:00:00+03:00"}
    first = read_programme(schedule(SESSION, twin, twin), "file")
    assert len({one.guid for one in first.sessions}) == 3
    assert [one.guid for one in read_programme(schedule(SESSION, twin, twin), "file").sessions] == [
        one.guid for one in first.sessions
    ]


def test_names_in_several_languages_are_kept() -> None:
    session = {**SESSION, "track": {"en": "Ethics", "ar": "الأخلاق"}, "title": {"en": "T", "ar": "ع"}}
    programme = read_programme(schedule(session), "file")
    assert programme.tracks[0].name == {"en": "Ethics", "ar": "الأخلاق"}
    assert programme.tracks[0].slug == "ethics"
    assert programme.sessions[0].title == {"en": "T", "ar": "ع"}


def test_texts_are_kept_under_their_own_language() -> None:
    programme = read_programme(
        schedule({**SESSION, "language": "de", "title": "Über alles"}, SESSION | {"guid": "2"}), "file"
    )
    assert programme.sessions[0].title == {"de": "Über alles"}
    assert programme.event.language == "en"
    assert programme.event.languages == ["en", "de"]


def test_both_kinds_of_people_are_read() -> None:
    persons = [
        {"id": 5, "public_name": "Frab"},
        {"code": "ABC123", "name": "Pretalx", "biography": "Bio", "avatar": None},
        {"guid": "g", "name": "Chair", "role": "chair"},
        {"name": "   "},
        {"id": 5, "public_name": "Frab"},
    ]
    programme = read_programme(schedule({**SESSION, "persons": persons}), "file")
    assert [(one.key, one.name["en"]) for one in programme.people] == [
        ("id 5", "Frab"),
        ("code ABC123", "Pretalx"),
        ("guid g", "Chair"),
    ]
    assert [part.role for part in programme.sessions[0].parts] == [None, None, SessionRole.CHAIR, None]
    assert "a person without a name; left out" in noted(programme)


def test_a_break_is_told_by_its_type() -> None:
    programme = read_programme(schedule({**SESSION, "type": "Break", "room": ""}), "file")
    assert programme.sessions[0].kind is SessionKind.BREAK
    assert programme.sessions[0].room is None


@pytest.mark.parametrize(
    ("offset", "day", "zone"),
    [
        ("+03:00", "2025-10-25", "Asia/Baghdad"),
        ("+01:00", "2025-12-25", "Europe/Berlin"),
        ("+02:00", "2025-07-25", "Europe/Berlin"),
        ("Z", "2025-12-25", "UTC"),
        ("-05:00", "2025-12-25", "America/New_York"),
        ("+05:30", "2025-12-25", "Asia/Kolkata"),
        ("+07:00", "2025-12-25", "Etc/GMT-7"),
        ("+05:45", "2025-12-25", "UTC"),
    ],
)
def test_a_zone_is_found_that_fits_the_offsets(offset: str, day: str, zone: str) -> None:
    programme = read_programme(schedule({**SESSION, "date": f"{day}T09:00:00{offset}"}), "file")
    assert programme.event.zone == zone
    assert programme.zone_is_guess


def test_the_zone_asked_for_goes_before_all() -> None:
    programme = read_programme(schedule(SESSION, time_zone_name="UTC"), "file", zone="Asia/Riyadh")
    assert (programme.event.zone, programme.zone_is_guess, programme.warnings) == ("Asia/Riyadh", False, [])


def test_times_without_an_offset_are_those_of_the_event_they_are_read_into() -> None:
    local = schedule({**SESSION, "date": "2025-10-25T09:00:00"})
    programme = read_programme(local, "file", home="Asia/Baghdad")
    assert programme.sessions[0].starts_at == datetime(2025, 10, 25, 6, tzinfo=UTC)
    assert (programme.event.zone, programme.zone_is_guess, programme.warnings) == ("Asia/Baghdad", True, [])
    said = schedule({**SESSION, "date": "2025-10-25T09:00:00"}, time_zone_name="Europe/London")
    assert read_programme(said, "file", home="Asia/Baghdad").event.zone == "Europe/London"
    offset = schedule({**SESSION, "date": "2025-12-25T09:00:00+01:00"})
    assert read_programme(offset, "file", home="Asia/Baghdad").event.zone == "Europe/Berlin"


# Any damage at all


def read_or_refuse(data: bytes, name: str) -> bool:
    """Whether the file was read, or refused with its place; any other exception goes on."""
    try:
        return bool(read_programme(data, name).event.title)
    except BadInput as error:
        return str(error).startswith(name)


def _damaged(draw: Callable[..., Any]) -> tuple[str, bytes]:
    name = draw(st.sampled_from(sorted(FILES)))
    data = FILES[name]
    # the head holds the structure; further in, sessions repeat
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, min(len(data) - 1, 6000)))
        length = draw(st.integers(0, 40))
        data = data[:at] + draw(st.one_of(st.binary(max_size=8), _PIECES)) + data[at + length :]
    if draw(st.booleans()):
        data = data[: draw(st.integers(0, len(data)))]
    return name, data


_PIECES = st.sampled_from(
    [
        b"null",
        b"[]",
        b"{}",
        b'""',
        b"0",
        b"-1",
        b"1e999",
        b"NaN",
        b"true",
        b'"\\ud800"',
        b"<x/>",
        b"</",
        b"&#0;",
        b"&amp;",
        b"'",
        b'"',
        b"<!--",
        b"]]>",
    ]
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(st.composite(_damaged)())
def test_damage_never_raises_anything_but_bad_input(damaged: tuple[str, bytes]) -> None:
    name, data = damaged
    assert read_or_refuse(data, name)


def test_a_track_of_the_hub_with_an_object_as_slug_is_refused_with_its_place() -> None:
    data = FILES["hub-example.v2.json"].replace(b'"slug": "art-beauty"', b'"slug": {"x": null}')
    line = line_with(data, "null}")
    assert refusal(data).startswith(f"file:{line} schedule.conference.tracks[0].slug: a text")


def _with(value: Any, path: list[Any], wrong: Any) -> Any:
    if not path:
        return wrong
    copied = dict(value) if isinstance(value, dict) else list(value)
    copied[path[0]] = _with(value[path[0]], path[1:], wrong)
    return copied


def _swapped(draw: Callable[..., Any]) -> bytes:
    """One value of a real file, somewhere, is another kind of value."""
    whole = json.loads(
        FILES[draw(st.sampled_from([name for name in sorted(FILES) if name.endswith("json")]))]
    )
    value: Any = whole
    path: list[Any] = []
    while isinstance(value, dict | list) and value and (len(path) < 2 or draw(st.integers(0, 5))):
        step = (
            draw(st.sampled_from(sorted(value)))
            if isinstance(value, dict)
            else draw(st.integers(0, len(value) - 1))
        )
        value, path = value[step], [*path, step]
    wrong = draw(
        st.sampled_from(
            [None, "", "x", 0, -5, 10**30, 1.5, True, [], {}, [[]], [None], {"x": None}, "\ud800", "9" * 400]
        )
    )
    return json.dumps(_with(whole, path, wrong)).encode()


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(st.composite(_swapped)())
def test_a_value_of_another_kind_never_raises_anything_but_bad_input(data: bytes) -> None:
    assert read_or_refuse(data, "file.json")
