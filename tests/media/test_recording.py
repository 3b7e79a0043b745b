"""Recording: lips and voice together, parts, silence, layers, the full disk, and a killed process."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import av
import msgspec
import pytest

from conference.media.cache import MediaPacket
from conference.media.errors import RecordingFailed
from conference.media.frames import Piece
from conference.media.incoming import IncomingStream
from conference.media.lip_sync import SenderClock, SourceClock
from conference.media.recorded_take import Arrival, Take
from conference.media.recording import LIST, RoomRecorder
from conference.media.rtcp import SenderReport
from conference.media.track import Track
from tests.media.footage import Coded, h264_packets, picture, played, sound, vp8_packets
from tests.media.peer import until

ROOT = Path(__file__).parents[2]
NTP = 3_900_000_000.0  # the sender's wall clock at capture time 0, in seconds since 1900


def report(at: float, rate: int) -> SenderReport:
    return SenderReport(1, int((NTP + at) * 2**32), int(at * rate) & 0xFFFFFFFF, 0, 0)


# -- clocks -------------------------------------------------------------------------------------------


def test_reports_put_two_sources_on_one_clock_whatever_their_journeys() -> None:
    sender = SenderClock()
    lips, voice = SourceClock(90_000, sender), SourceClock(48_000, sender)
    lips.report(report(1.0, 90_000), 101.05, 90_000)
    voice.report(report(2.0, 48_000), 102.05, 96_000)
    # The picture of second 3 arrives 400 ms late, its sound 30 ms.
    assert lips.seconds(270_000, 103.45) == pytest.approx(voice.seconds(144_000, 103.08), abs=0.002)


def test_without_reports_the_quickest_packet_tells_the_time() -> None:
    clock = SourceClock(90_000, SenderClock())
    clock.seconds(0, 10.3)
    assert clock.seconds(90_000, 11.1) == pytest.approx(11.1)
    assert clock.seconds(180_000, 12.6) == pytest.approx(12.1)


def test_a_report_of_a_broken_clock_is_not_believed() -> None:
    clock = SourceClock(90_000, SenderClock())
    clock.seconds(0, 10.0)
    clock.report(SenderReport(1, int(NTP * 2**32), 0x40000000, 0, 0), 10.0, 0)
    assert clock.seconds(90_000, 11.0) == pytest.approx(11.0)


def test_a_drifting_sender_is_followed_slowly() -> None:
    sender = SenderClock()
    for second in range(600):
        sender.heard(second * 1.0001, second + 0.02)  # 100 parts in a million fast
    assert sender.offset == pytest.approx(0.02 - 599 * 0.0001, abs=0.01)


# -- takes, in virtual time -----------------------------------------------------------------------------


class Shoot:
    """A take and the packets that come to it; `now` is capture time plus each source's journey."""

    def __init__(self, folder: Path) -> None:
        self.asked = 0
        self.take = Take(folder, "p1", "p1-av", 0.0, lambda: None, self._ask)
        self.now = 0.0
        self._index = {"camera": 1000, "microphone": 1000}
        self._sent: list[tuple[float, Arrival]] = []

    def _ask(self) -> None:
        self.asked += 1

    def camera(
        self, frames: Sequence[Coded], late: float = 0.05, codec: str = "vp8", generation: int = 0,
        begins: float = 0.0, width: int = 0, height: int = 0,
    ) -> None:  # fmt: skip
        for frame in frames:
            at = frame.at + begins
            make = vp8_packets if codec == "vp8" else h264_packets
            pieces = make(frame, self._index["camera"], int(at * 90_000), at + late)
            self._index["camera"] += len(pieces)
            for piece in pieces:
                self._send("camera", codec, piece, report(at, 90_000), generation, width, height)

    def microphone(self, frames: Sequence[Coded], late: float = 0.02, begins: float = 0.0) -> None:
        for frame in frames:
            at = frame.at + begins
            piece = Piece(self._index["microphone"], False, int(at * 48_000), frame.data, at + late)
            self._index["microphone"] += 1
            self._send("microphone", "opus", piece, report(at, 48_000))

    def _send(
        self, source: str, codec: str, piece: Piece, said: SenderReport, generation: int = 0,
        width: int = 0, height: int = 0,
    ) -> None:  # fmt: skip
        self._sent.append(
            (
                piece.arrived,
                Arrival(source, generation, codec, piece, said, piece.arrived, width, height),  # type: ignore[arg-type]  # one of the three
            )
        )

    def roll(self, until: float, lost: Callable[[Arrival], bool] = lambda arrival: False) -> None:
        """Time goes on to *until*, with a tick every 100 ms."""
        sent = sorted(self._sent, key=lambda item: item[0])
        self._sent = []
        while self.now < until:
            self.now += 0.1
            while sent and sent[0][0] <= self.now:
                arrival = sent.pop(0)[1]
                if not lost(arrival):
                    self.take.arrived(arrival)
            self.take.tick(self.now)
        self._sent = sent

    def files(self, folder: Path) -> list[Path]:
        return [folder / file.name for file in self.take.files]


@pytest.fixture
def shoot(tmp_path: Path) -> Shoot:
    made = Shoot(tmp_path)
    made.take.expect("camera")
    made.take.expect("microphone")
    return made


def test_lips_and_voice_stay_together_though_the_picture_travels_longer(shoot: Shoot, tmp_path: Path) -> None:
    shoot.camera(picture(4), late=0.25)
    shoot.microphone(sound(4), late=0.02)
    shoot.roll(5.0)
    shoot.take.close(shoot.now)
    (file,) = shoot.files(tmp_path)
    seen = played(file)
    assert seen.pictures == 120
    assert seen.sounds >= 199
    # Picture 30 and sound 50 were taken in the same moment.
    assert seen.picture_at[30] == pytest.approx(seen.sound_at[50], abs=0.012)
    assert seen.picture_at[90] == pytest.approx(seen.sound_at[150], abs=0.012)


def test_a_pause_in_the_sound_is_written_as_silence(shoot: Shoot, tmp_path: Path) -> None:
    shoot.camera(picture(6))
    shoot.microphone(sound(1))
    shoot.microphone(sound(2), begins=3.0)
    shoot.roll(7.0)
    shoot.take.close(shoot.now)
    seen = played(shoot.files(tmp_path)[0])
    steps = [b - a for a, b in zip(seen.sound_at, seen.sound_at[1:], strict=False)]
    assert max(steps) < 0.04
    assert seen.sound_at[-1] > 5.9


def test_a_microphone_without_a_camera_does_not_wait_for_ever(shoot: Shoot, tmp_path: Path) -> None:
    shoot.microphone(sound(5))
    shoot.roll(6.0)
    shoot.take.close(shoot.now)
    (file,) = shoot.files(tmp_path)
    assert played(file).sounds >= 248
    assert shoot.take.files[0].codecs == ("opus",)


def test_a_camera_that_comes_later_begins_a_new_part(shoot: Shoot, tmp_path: Path) -> None:
    shoot.microphone(sound(8))
    shoot.camera(picture(4), begins=4.0)
    shoot.roll(9.0)
    shoot.take.close(shoot.now)
    first, second = shoot.files(tmp_path)
    assert played(first).pictures == 0
    assert played(second).pictures == 120
    assert played(first).sounds + played(second).sounds >= 398
    starts = [file.starts for file in shoot.take.files]
    assert starts[1] - starts[0] == pytest.approx(4.0, abs=0.2)


def test_a_lost_packet_costs_the_pictures_up_to_the_next_key_frame(shoot: Shoot, tmp_path: Path) -> None:
    shoot.camera(picture(4))
    shoot.microphone(sound(4))
    shoot.roll(6.0, lost=lambda a: a.source == "camera" and a.piece.timestamp == int(1.1 * 90_000))
    shoot.take.close(shoot.now)
    seen = played(shoot.files(tmp_path)[0])
    assert 90 <= seen.pictures < 120
    assert shoot.asked > 0
    assert not any(1.2 < at < 1.9 for at in seen.picture_at)


def test_another_layer_goes_on_in_the_same_file(shoot: Shoot, tmp_path: Path) -> None:
    shoot.microphone(sound(4))
    shoot.camera(picture(2), generation=0)
    shoot.camera(picture(2, 320, 180), generation=1, begins=2.0)
    shoot.roll(5.0)
    shoot.take.close(shoot.now)
    (file,) = shoot.files(tmp_path)
    seen = played(file)
    assert seen.sizes == ((160, 96), (320, 180))
    assert seen.pictures == 120
    assert (shoot.take.files[0].width, shoot.take.files[0].height) == (320, 180)
    assert list(seen.picture_at) == sorted(set(seen.picture_at))


def test_h264_goes_into_matroska(shoot: Shoot, tmp_path: Path) -> None:
    shoot.camera(picture(3, codec="libx264"), codec="h264", width=160, height=96)
    shoot.microphone(sound(3))
    shoot.roll(4.0)
    shoot.take.close(shoot.now)
    (file,) = shoot.files(tmp_path)
    assert file.suffix == ".mkv"
    seen = played(file)
    assert seen.pictures == 90
    assert seen.sizes == ((160, 96),)


def test_whoever_leaves_ends_the_file_and_whoever_returns_begins_another(
    shoot: Shoot, tmp_path: Path
) -> None:
    shoot.camera(picture(2))
    shoot.microphone(sound(2))
    shoot.roll(2.5)
    shoot.take.gone("camera")
    shoot.take.gone("microphone")
    shoot.roll(3.0)
    assert shoot.take.files[0].ended
    shoot.take.expect("camera")
    shoot.camera(picture(2), generation=1, begins=4.0)
    shoot.roll(8.0)
    shoot.take.close(shoot.now)
    assert [played(file).pictures for file in shoot.files(tmp_path)] == [60, 60]


# -- the recorder, its thread and its disk ---------------------------------------------------------------


class Stage:
    """Tracks that packets are fed into, as a publisher does it."""

    def __init__(self) -> None:
        self.camera = Track("p1", "camera", "0")
        self.microphone = Track("p1", "microphone", "1")
        self.layers = [IncomingStream(self.camera, 10 + n, 96, True, layer=n) for n in range(2)]
        self.camera.streams = self.layers
        self.voice = IncomingStream(self.microphone, 20, 111, False)
        self.asked: list[Track] = []
        self._index = 1000

    def ask(self, track: Track) -> None:
        self.asked.append(track)

    def show(self, frame: Coded, layer: int = 0) -> None:
        now = time.monotonic()
        for piece in vp8_packets(frame, self._index, int(frame.at * 90_000), now):
            self._index += 1
            packet = MediaPacket(
                piece.index, 0x80 if piece.marker else 0, piece.timestamp, piece.payload, b"",
                frame.key and piece.payload[0] == 0x10,
            )  # fmt: skip
            for tap in self.camera.taps:
                tap(self.layers[layer], packet, now)

    def say(self, frame: Coded, number: int) -> None:
        now = time.monotonic()
        packet = MediaPacket(number, 0, number * 960, frame.data, b"", True)
        for tap in self.microphone.taps:
            tap(self.voice, packet, now)


async def test_a_recording_has_its_files_and_their_list(tmp_path: Path) -> None:
    stage = Stage()
    failed: list[str] = []
    recorder = RoomRecorder(tmp_path / "r", failed.append, stage.ask)
    recorder.watch(stage.camera)
    recorder.watch(stage.microphone)
    assert stage.camera in stage.asked
    for frame in picture(2):
        stage.show(frame)
    for number, each in enumerate(sound(2)):
        stage.say(each, number)
    names = await recorder.stop()
    assert names == ("p1-av-1.webm",)
    assert failed == []
    assert (stage.camera.taps, stage.microphone.taps) == ((), ())
    assert played(tmp_path / "r" / names[0]).pictures == 60
    listed = msgspec.json.decode((tmp_path / "r" / LIST).read_bytes())
    assert [(f["name"], f["ended"], f["width"]) for f in listed["files"]] == [("p1-av-1.webm", True, 160)]
    assert await recorder.stop() == names


async def test_the_highest_layer_is_recorded_and_a_dead_one_left(tmp_path: Path) -> None:
    stage = Stage()
    recorder = RoomRecorder(tmp_path / "r", lambda code: None, stage.ask)
    recorder.watch(stage.camera)
    low, high = picture(2), picture(2, 320, 180)
    tap = stage.camera.taps[0]
    for n in range(30):
        stage.show(low[n], 0)
    for n in range(30, 60):  # the higher one comes with a key frame; the lower one goes on beside it
        stage.show(high[n], 1)
        stage.show(low[n], 0)
    assert tap._source is stage.layers[1]  # type: ignore[attr-defined]  # the tap itself
    tap._last -= 2  # type: ignore[attr-defined]  # two seconds without a packet of it
    before = len(stage.asked)
    stage.show(Coded(low[31].data, False, 2.03), 0)
    assert len(stage.asked) > before  # no key frame yet: one is asked for
    stage.show(Coded(low[30].data, True, 2.1), 0)
    assert tap._source is stage.layers[0]  # type: ignore[attr-defined]
    (name,) = await recorder.stop()
    assert played(tmp_path / "r" / name).sizes == ((160, 96), (320, 180))


async def test_too_little_room_on_the_disk_refuses_to_begin(tmp_path: Path) -> None:
    with pytest.raises(RecordingFailed) as refused:
        RoomRecorder(tmp_path / "r", lambda code: None, lambda track: None, reserve=1 << 62)
    assert refused.value.code == "media.disk-full"


async def test_a_disk_that_fills_up_ends_the_recording_and_says_so(tmp_path: Path) -> None:
    stage = Stage()
    failed: list[str] = []
    recorder = RoomRecorder(tmp_path / "r", failed.append, stage.ask)
    recorder.watch(stage.camera)
    for frame in picture(1):
        stage.show(frame)
    recorder._reserve = 1 << 62  # as if something else had filled the disk meanwhile
    await until(lambda: failed, what="the recording ends by itself")
    assert failed == ["media.disk-full"]
    assert stage.camera.taps == ()
    stage.show(picture(1)[0])  # the room goes on
    await recorder.stop()


async def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "r").write_text("a file is in the way")
    with pytest.raises(RecordingFailed) as refused:
        RoomRecorder(tmp_path / "r", lambda code: None, lambda track: None)
    assert refused.value.code == "media.recording-failed"


KILLED = """
import asyncio, sys, time
from pathlib import Path
from conference.media.recording import RoomRecorder
from tests.media.footage import picture, sound
from tests.media.test_recording import Stage

async def main():
    stage = Stage()
    recorder = RoomRecorder(Path(sys.argv[1]), print, stage.ask)
    recorder.watch(stage.camera); recorder.watch(stage.microphone)
    pictures, sounds, begun, shown, said = picture(4), sound(4), time.monotonic(), 0, 0
    print("rolling", flush=True)
    while True:
        passed = time.monotonic() - begun
        while shown < len(pictures) and pictures[shown].at <= passed:
            stage.show(pictures[shown]); shown += 1
        while said < len(sounds) and sounds[said].at <= passed:
            stage.say(sounds[said], said); said += 1
        await asyncio.sleep(0.02)

asyncio.run(main())
"""


async def test_a_killed_process_leaves_files_that_play_to_the_last_second(tmp_path: Path) -> None:
    """All four seconds were handed over; at most the last of them may be missing after `kill -9`."""
    child = subprocess.Popen(  # noqa: ASYNC220  # it only forks
        [sys.executable, "-c", KILLED, str(tmp_path)], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    file = tmp_path / "p1-av-1.webm"

    def written() -> bool:
        if child.poll() is not None or not file.exists():
            return False
        try:
            with av.open(str(file)) as container:
                return (container.duration or 0) >= 3_000_000
        except av.error.FFmpegError:
            return False

    try:
        await until(written, what="three of four seconds are in the file")
    finally:
        child.send_signal(signal.SIGKILL)
        await asyncio.to_thread(child.wait)
    seen = played(file)
    assert seen.pictures >= 85
    assert seen.sounds >= 145
    listed = msgspec.json.decode((tmp_path / LIST).read_bytes())
    assert listed["files"][0]["name"] == file.name
    assert not listed["files"][0]["ended"]
