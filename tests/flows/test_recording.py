"""A room is recorded: who may, who is told, where the files are, and what ends it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import select, update

from conference.agenda.tables import session
from conference.serving.context import SETTINGS
from conference.settings import Settings
from conference.stage.tables import recording
from tests.flows.hall import Hall, told
from tests.flows.town import CLOSED, MORNING, OPEN
from tests.media.footage import played
from tests.world import until

PAGE = f"/{OPEN}/organize/recordings"


async def folders(hall: Hall) -> list[Path]:
    settings: Settings = hall.app[SETTINGS]
    rows = await hall.database.read(lambda c: list(c.execute(select(recording.c.folder)).scalars()))
    return [settings.folder / each for each in rows]


async def ended(hall: Hall) -> list[Any]:
    return await hall.database.read(
        lambda c: list(c.execute(select(recording.c.ended_at, recording.c.error)).all())
    )


async def test_a_chair_records_what_everybody_on_stage_sends(hall: Hall) -> None:
    chair, maryam = await hall.site.sign_in("hasan"), await hall.site.sign_in("maryam")
    async with chair.socket() as socket, maryam.socket() as attendee:
        await socket.enter(MORNING)
        await attendee.enter(MORNING)
        assert "error" in await attendee.command("StartRecording")
        encoder = hall.machine(await hall.key())
        await encoder.connect(sends=True)
        await until(hall.publishes, "media arrive")
        assert "error" not in await socket.command("StartRecording")
        assert "error" not in await socket.command("StartRecording")  # a second tap
        await told(attendee, "RecordingChanged", lambda e: "started_at" in str(e))
        async with (await hall.site.sign_in("ali")).socket() as later:
            entered = await later.enter(MORNING)
            assert "recording_since" in str(entered) + str(later.told)
        (folder,) = await folders(hall)

        async def has_file() -> bool:
            files = [file for file in folder.glob("*-av-1.webm") if file.stat().st_size > 20_000]
            return bool(files)

        await until(has_file, "a file grows")
        assert "error" not in await socket.command("StopRecording")
    (file,) = folder.glob("*-av-1.webm")
    seen = played(file)
    assert seen.pictures > 0
    assert seen.sounds > 0
    manifest = msgspec.json.decode((folder / "manifest.json").read_bytes())
    assert manifest["session"]["code"] == MORNING
    assert [each["name"] for each in manifest["participants"].values()] == ["Operating theatre"]
    zainab = await hall.site.sign_in("zainab")
    page = await zainab.get(PAGE)
    assert "Operating theatre" in page.text
    address = page.text.split(f'href="{PAGE}/')[2].split('"')[0]
    whole = await zainab.get(f"{PAGE}/{address}")
    assert whole.headers["content-length"] == str(file.stat().st_size)
    assert whole.headers["content-type"] == "video/webm"
    assert whole.headers["content-disposition"].startswith("attachment")
    part = await zainab.get(f"{PAGE}/{address}", Range="bytes=100-199")
    assert (part.status, part.headers["content-length"]) == (206, "100")
    recording_id = address.split("/")[0]
    for name in ("..%2f..%2fmajlis.sqlite3", ".files.json", "nothing.webm", "manifest.json.bak"):
        assert (await zainab.get(f"{PAGE}/{recording_id}/{name}")).status == 404, name
    assert (await chair.get(f"{PAGE}/{address}")).status == 403
    layla = await hall.site.sign_in("layla")
    assert (await layla.get(f"/{CLOSED}/organize/recordings/{address}")).status == 404


async def test_a_session_that_is_not_to_be_recorded_refuses(hall: Hall) -> None:
    def forbid(tx: Any) -> None:
        tx.connection.execute(update(session).where(session.c.code == MORNING).values(do_not_record=True))

    await hall.database.write(forbid)
    async with (await hall.site.sign_in("zainab")).socket() as socket:
        await socket.enter(MORNING)
        reply = await socket.command("StartRecording")
        assert reply["error"]["code"] == "recording.refused"
    assert await folders(hall) == []


async def test_closing_the_room_ends_the_recording(hall: Hall) -> None:
    async with (await hall.site.sign_in("zainab")).socket() as socket:
        await socket.enter(MORNING)
        assert "error" not in await socket.command("StartRecording")
        assert "error" not in await socket.command("CloseRoom")

        async def over() -> bool:
            return all(at is not None for at, _ in await ended(hall))

        await until(over, "the recording is over")


async def test_a_full_disk_ends_it_tells_everybody_and_the_room_goes_on(hall: Hall) -> None:
    async with (await hall.site.sign_in("zainab")).socket() as socket:
        await socket.enter(MORNING)
        assert "error" not in await socket.command("StartRecording")
        hall.engine._rooms[MORNING].recorder._reserve = 1 << 62  # type: ignore[attr-defined]  # LocalEngine's
        await told(socket, "RecordingChanged", lambda e: "media.disk-full" in str(e))
        assert [error for _, error in await ended(hall)] == ["media.disk-full"]
        assert "error" not in await socket.command("ListPeople")
    page = await (await hall.site.sign_in("zainab")).get(PAGE)
    assert "The disk was full." in page.text


async def test_a_recording_goes_on_when_the_engine_has_lost_it(hall: Hall) -> None:
    """As after the death of a worker: the database says that the room is being recorded."""
    async with (await hall.site.sign_in("zainab")).socket() as socket:
        await socket.enter(MORNING)
        assert "error" not in await socket.command("StartRecording")
        await hall.engine.stop_recording(MORNING)

        async def again() -> bool:
            return hall.engine._rooms[MORNING].recorder is not None  # type: ignore[attr-defined]

        await until(again, "the recording goes on")
        assert "error" not in await socket.command("StopRecording")
        assert len(await folders(hall)) == 1
