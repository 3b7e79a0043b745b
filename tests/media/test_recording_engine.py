"""A room with real connections is recorded: from the packets of a publisher to files that play."""

from __future__ import annotations

from pathlib import Path

import pytest

from conference.media import LocalEngine
from conference.media.errors import AlreadyRecording, RecordingFailed, UnknownRoom
from tests.media.footage import played
from tests.media.peer import House, Publisher, until


async def test_what_a_room_sends_is_in_files_after_stop(engine: LocalEngine, tmp_path: Path) -> None:
    first = Publisher(("microphone",))
    await first.publish(engine, "hall", "early")
    await engine.start_recording("hall", str(tmp_path / "take"))
    with pytest.raises(AlreadyRecording):
        await engine.start_recording("hall", str(tmp_path / "other"))
    folder = tmp_path / "take"
    await until(lambda: (folder / "early-av-1.webm").exists(), what="a file of who was there before")
    later = Publisher(("microphone",))
    await later.publish(engine, "hall", "later")
    await until(lambda: (folder / "later-av-1.webm").exists(), what="a file of who came later")
    files = [folder / "early-av-1.webm", folder / "later-av-1.webm"]
    await until(lambda: all(file.stat().st_size > 4000 for file in files), what="sound in both")
    names = await engine.stop_recording("hall")
    assert set(names) == {"early-av-1.webm", "later-av-1.webm"}
    assert await engine.stop_recording("hall") == ()
    for name in names:
        assert played(folder / name).sound_at
    await first.close()
    await later.close()


async def test_closing_the_room_ends_its_recording(engine: LocalEngine, tmp_path: Path) -> None:
    publisher = Publisher(("microphone",))
    await publisher.publish(engine, "hall", "p")
    await engine.start_recording("hall", str(tmp_path / "take"))
    await until(lambda: (tmp_path / "take" / "p-av-1.webm").exists())
    await engine.close_room("hall", "test")
    listed = tmp_path / "take" / "files.json"
    await until(lambda: b'"ended": true' in listed.read_bytes(), what="the file is ended")
    await publisher.close()


async def test_a_recording_needs_a_room_and_a_folder(engine: LocalEngine, tmp_path: Path) -> None:
    with pytest.raises(UnknownRoom):
        await engine.start_recording("nowhere", str(tmp_path))
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordingFailed):
        await engine.start_recording("hall", str(tmp_path / "file" / "below"))
    await engine.start_recording("hall", str(tmp_path / "fine"))
    await engine.stop_recording("hall")


async def test_a_recording_that_fails_is_told_and_can_be_begun_again(
    engine: LocalEngine, house: House, tmp_path: Path
) -> None:
    await engine.start_recording("hall", str(tmp_path / "one"))
    recorder = engine._rooms["hall"].recorder
    assert recorder is not None
    recorder._reserve = 1 << 62
    await until(lambda: house.recordings_failed, what="the failure is told")
    assert house.recordings_failed == [("hall", "media.disk-full")]
    await engine.start_recording("hall", str(tmp_path / "two"))
    await engine.stop_recording("hall")
