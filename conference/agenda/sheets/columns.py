"""What the columns of a spreadsheet are called, in English and Arabic, and which table has which."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from conference.agenda.sheets.workbook import Cell, Sheet
from conference.serving.text import skeleton

Kind = Literal["sessions", "speakers", "rooms"]
KINDS: tuple[Kind, ...] = ("sessions", "speakers", "rooms")

#: Texts that may stand once for each language.
SPOKEN = frozenset({"title", "subtitle", "abstract", "description", "name", "biography"})

# The first English and the first Arabic word of each are those of the templates.
_NAMES: dict[Kind, dict[str, list[str]]] = {
    "sessions": {
        "code": ["Code", "الرمز", "session code"],
        "guid": ["GUID", "المعرف", "uuid"],
        "id": ["ID", "الرقم", "number"],
        "title": ["Title", "العنوان", "session title", "عنوان الجلسة"],
        "subtitle": ["Subtitle", "العنوان الفرعي"],
        "abstract": ["Abstract", "الملخص", "summary"],
        "description": ["Description", "الوصف", "details"],
        "type": ["Type", "النوع", "session type", "نوع الجلسة", "kind"],
        "track": ["Track", "المسار", "theme", "المحور"],
        "room": ["Room", "القاعة", "hall", "location", "المكان"],
        "day": ["Date", "التاريخ", "day", "اليوم"],
        "start": ["Start", "البداية", "starts", "begin", "time", "start time", "الوقت", "وقت البداية"],
        "end": ["End", "النهاية", "ends", "end time", "وقت النهاية"],
        "minutes": ["Minutes", "الدقائق", "duration", "length", "المدة", "duration min"],
        "language": ["Language", "اللغة"],
        "speakers": ["Speakers", "المتحدثون", "speaker", "المتحدث", "presenter", "presenters"],
        "chairs": ["Chairs", "رؤساء الجلسة", "chair", "رئيس الجلسة"],
        "moderators": ["Moderators", "الميسرون", "moderator", "الميسر", "مدير الجلسة"],
        "interpreters": ["Interpreters", "المترجمون", "interpreter", "المترجم"],
        "technicians": ["Technicians", "الفنيون", "technician", "الفني"],
        "notes": ["Notes", "ملاحظات", "internal notes", "الملاحظات"],
        "do_not_record": ["Not recorded", "بلا تسجيل", "do not record", "no recording"],
        "is_cme": ["CME", "تعليم مستمر", "cme eligible", "التعليم الطبي المستمر"],
        "takes_sign_ups": ["Sign-up", "بالتسجيل المسبق", "signup", "takes sign ups"],
        "capacity": ["Places", "الأماكن", "capacity", "السعة"],
    },
    "speakers": {
        "code": ["Code", "الرمز", "speaker code"],
        "guid": ["GUID", "المعرف", "uuid"],
        "id": ["ID", "الرقم", "number"],
        "name": ["Name", "الاسم", "speaker", "full name", "المتحدث", "الاسم الكامل"],
        "biography": ["Biography", "السيرة", "bio", "السيرة الذاتية", "نبذة"],
        "zone": ["Time zone", "المنطقة الزمنية", "zone", "timezone"],
        "is_remote": ["Remote", "عن بعد", "is remote", "online"],
    },
    "rooms": {
        "code": ["Code", "الرمز", "slug", "room code"],
        "guid": ["GUID", "المعرف", "uuid"],
        "name": ["Name", "الاسم", "room", "القاعة", "hall", "اسم القاعة"],
        "description": ["Description", "الوصف", "how to find it"],
        "capacity": ["Seats", "المقاعد", "capacity", "السعة"],
    },
}
_LANGUAGES = {
    "ar": ["ar", "arabic", "عربي", "عربية", "العربية", "بالعربية", "بالعربي"],
    "en": ["en", "english", "انكليزي", "إنجليزي", "الإنجليزية", "الانكليزية", "بالإنجليزية", "بالانكليزية"],
}
_FIELDS = {
    kind: {skeleton(word): field for field, words in names.items() for word in words}
    for kind, names in _NAMES.items()
}
_TONGUES = {skeleton(word): tag for tag, words in _LANGUAGES.items() for word in words}
_SHEET_NAMES = {
    skeleton(word): kind
    for kind, words in {
        "sessions": ["Sessions", "الجلسات", "programme", "program", "schedule", "البرنامج", "talks"],
        "speakers": ["Speakers", "المتحدثون", "people", "الأشخاص"],
        "rooms": ["Rooms", "القاعات", "halls"],
    }.items()
    for word in words
}
# What only sessions have; the others' headings may mean several things.
_OF_SESSIONS = frozenset({"title", "subtitle", "abstract", "type", "track", "day", "start", "end", "minutes"})


class Column(msgspec.Struct, frozen=True):
    """What stands in a column; `language` None for a text whose language its letters tell."""

    field: str
    language: str | None = None


def heading(field: str, kind: Kind, lang: str) -> str:
    """The name of a field in the template of a language."""
    return _NAMES[kind][field][1 if lang == "ar" else 0]


def fields_of(kind: Kind) -> list[str]:
    return list(_NAMES[kind])


def column_named(header: str, kind: Kind) -> Column | None:
    """What a heading such as ``Title (Arabic)``, ``title_en`` or ``العنوان بالعربية`` means."""
    words = [word for word in re.split(r"[\s_:()\[\]/|-]+", header.strip()) if word]
    for rest, language in ((words, None), (words[:-1], _TONGUES.get(skeleton(words[-1])) if words else None)):
        field = _FIELDS[kind].get(skeleton(" ".join(rest)))
        if field and (rest is words or (language and field in SPOKEN)):
            return Column(field, language)
    return None


def columns_of(header: list[Cell | None], kind: Kind) -> list[Column | None]:
    """The meaning of each column; None for those that mean nothing here."""
    return [column_named(str(cell.value), kind) if cell else None for cell in header]


def kind_of(sheet: Sheet, header: list[Cell | None]) -> Kind | None:
    """What a sheet lists: by its name, else by its columns."""
    named = _SHEET_NAMES.get(skeleton(sheet.name)) if sheet.name else None
    if named and any(columns_of(header, named)):  # type: ignore[arg-type]  # the table's values are kinds
        return named  # type: ignore[return-value]
    found = {kind: {column.field for column in columns_of(header, kind) if column} for kind in KINDS}
    if found["sessions"] & _OF_SESSIONS:
        return "sessions"
    if "name" in found["rooms"] and "capacity" in found["rooms"] and "biography" not in found["speakers"]:
        return "rooms"
    if "name" in found["speakers"] and len(found["speakers"]) >= len(found["rooms"]):
        return "speakers"
    return "rooms" if "name" in found["rooms"] else None
