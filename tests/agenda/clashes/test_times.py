"""Rules about the calendar: holidays, announced shutdowns, prayers, and the length a type has."""

from __future__ import annotations

from conference.agenda.clashes.plan import Closure, PlannedType, PrayerPlace
from conference.agenda.clashes.problems import Kind, Severity
from tests.agenda.clashes.programme import at, held, kinds, problems

EXAMS = Closure(kind="shutdown", name={"en": "Exam day"}, span=(at("06:00"), at("08:00")))
KARBALA = PrayerPlace(latitude=32.6, longitude=44.02, method="jafari")


def test_the_network_is_off_from_six_to_eight_on_exam_days() -> None:
    (found,) = problems(held("A", "07:30", "09:00"), closures=(EXAMS,))
    assert (found.kind, found.severity) == (Kind.SHUTDOWN, Severity.WARNING)
    assert found.values == {"name": {"en": "Exam day"}, "from": at("06:00"), "to": at("08:00")}
    assert kinds(held("A", "08:00", "09:00"), held("B", "05:00", "06:00"), closures=(EXAMS,)) == []


def test_a_public_holiday_is_a_warning_and_breaks_may_be_on_one() -> None:
    eid = Closure(kind="holiday", name={"en": "Eid"}, span=(at("00:00"), at("24:00")))
    assert kinds(held("A", "09:00", "10:00"), closures=(eid,)) == [Kind.HOLIDAY]
    assert kinds(held("A", "09:00", "10:00", is_break=True), closures=(eid,)) == []
    assert kinds(held("A", "09:00", "10:00", day=1), closures=(eid,)) == []


def test_two_closures_at_once_are_two_problems() -> None:
    assert len(problems(held("A", "06:30", "07:00"), closures=(EXAMS, EXAMS))) == 2


def test_noon_prayer_in_karbala_is_left_free() -> None:
    """On 25 October 2025 the sun passes the meridian of Karbala at 11:48 by Iraq's clocks."""
    (found,) = problems(held("A", "11:00", "12:00"), prayer=KARBALA)
    assert (found.kind, found.severity) == (Kind.PRAYER, Severity.WARNING)
    assert found.values == {"prayer": "dhuhr", "minute": at("11:48")}
    assert kinds(held("A", "11:00", "11:48"), prayer=KARBALA) == []
    assert kinds(held("A", "12:07", "13:00"), prayer=KARBALA) == [Kind.PRAYER]  # twenty minutes are needed
    assert kinds(held("A", "12:08", "13:00"), prayer=KARBALA) == []
    assert kinds(held("A", "11:30", "12:30", is_break=True), prayer=KARBALA) == []


def test_asr_is_with_dhuhr_by_one_custom_and_an_hour_of_its_own_by_another() -> None:
    afternoon = held("A", "14:30", "15:30")
    assert kinds(afternoon, prayer=KARBALA) == []
    elsewhere = PrayerPlace(latitude=32.6, longitude=44.02, method="mwl")
    assert [one.values["prayer"] for one in problems(afternoon, prayer=elsewhere)] == ["asr"]


def test_an_event_that_names_no_place_is_asked_for_no_prayer() -> None:
    assert kinds(held("A", "11:00", "12:30")) == []
    nowhere = PrayerPlace(latitude=320, longitude=44)
    assert kinds(held("A", "11:00", "12:30"), prayer=nowhere) == []


def test_longer_than_its_type_is_a_hint() -> None:
    talk = {3: PlannedType(id=3, name={"en": "Talk"}, minutes=30)}
    (found,) = problems(held("A", "09:00", "09:45", type=3), types=talk)
    assert (found.kind, found.severity) == (Kind.LONGER_THAN_TYPE, Severity.HINT)
    assert found.values == {"minutes": 45, "usual": 30, "type": {"en": "Talk"}}
    assert kinds(held("A", "09:00", "09:30", type=3), types=talk) == []
    assert kinds(held("A", "09:00", "11:00", type=99), types=talk) == []
