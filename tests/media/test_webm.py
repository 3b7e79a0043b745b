"""The muxer: what it writes is whole at any moment, and plays."""

from __future__ import annotations

import resource
from pathlib import Path

import av
import pytest

from conference.media.webm import MatroskaFile, TrackHead
from tests.media.footage import picture, played, sound

HEADS = [TrackHead("vp8", 160, 96), TrackHead("opus")]


def write(file: MatroskaFile, seconds: int) -> None:
    frames = [(1, f.at, f.key, f.data) for f in picture(seconds)]
    frames += [(2, f.at, True, f.data) for f in sound(seconds)]
    frames.sort(key=lambda item: item[1])
    for start in range(0, len(frames), 7):
        file.write(frames[start : start + 7])


def test_a_finished_file_plays_has_a_length_and_can_be_searched(tmp_path: Path) -> None:
    file = MatroskaFile(tmp_path / "a.webm", HEADS)
    write(file, 6)
    file.close()
    seen = played(file.path)
    assert (seen.pictures, seen.sounds) == (180, 300)
    assert seen.seconds == pytest.approx(5.98, abs=0.05)
    with av.open(str(file.path)) as container:
        container.seek(4_000_000)
        packet = next(container.demux(video=0))
        assert packet.is_keyframe
        assert float((packet.pts or 0) * packet.time_base) == pytest.approx(4.0, abs=0.01)


def test_a_file_that_was_never_finished_plays_to_its_last_block(tmp_path: Path) -> None:
    file = MatroskaFile(tmp_path / "a.webm", HEADS)
    write(file, 3)
    copy = tmp_path / "as-it-is.webm"
    copy.write_bytes(file.path.read_bytes())  # what a killed process leaves behind
    file.abandon()
    seen = played(copy)
    assert (seen.pictures, seen.sounds) == (90, 150)
    assert seen.seconds == pytest.approx(2.98, abs=0.05)


def test_a_file_cut_anywhere_plays_up_to_the_cut(tmp_path: Path) -> None:
    file = MatroskaFile(tmp_path / "a.webm", HEADS)
    write(file, 2)
    file.abandon()
    whole = file.path.read_bytes()
    before = 0
    for share in (3, 5, 8):
        cut = tmp_path / f"cut-{share}.webm"
        cut.write_bytes(whole[: len(whole) * share // 10])
        seen = played(cut)
        assert seen.pictures > before
        before = seen.pictures


def test_the_head_names_the_largest_picture(tmp_path: Path) -> None:
    file = MatroskaFile(tmp_path / "a.webm", HEADS)
    file.write([(1, f.at, f.key, f.data) for f in picture(1)])
    file.grew(1, 320, 180)
    file.write([(1, 1 + f.at, f.key, f.data) for f in picture(1, 320, 180)])
    file.grew(1, 160, 96)
    file.close()
    with av.open(str(file.path)) as container:
        assert (container.streams.video[0].width, container.streams.video[0].height) == (320, 180)
    assert played(file.path).sizes == ((160, 96), (320, 180))


def test_what_a_full_disk_took_half_of_is_cut_off_again(tmp_path: Path) -> None:
    file = MatroskaFile(tmp_path / "a.webm", HEADS)
    write(file, 1)
    whole = file.size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (whole + 700, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            file.write([(1, 1.0, True, bytes(5000))])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    file.abandon()
    assert file.path.stat().st_size == whole
    assert played(file.path).pictures == 30


def test_sound_alone_is_a_file_too(tmp_path: Path) -> None:
    sound_only = MatroskaFile(tmp_path / "b.webm", [TrackHead("opus")])
    sound_only.write([(1, f.at, True, f.data) for f in sound(2)])
    sound_only.close()
    assert played(sound_only.path).sounds == 100
    assert b"webm" in sound_only.path.read_bytes()[:64]
