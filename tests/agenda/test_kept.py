"""What is made once is made once: also for many at a time, and never more of it than there is room for."""

from __future__ import annotations

import asyncio

import pytest

from conference.agenda.kept import Kept


async def test_many_at_once_make_it_once() -> None:
    kept, made, go = Kept(), [], asyncio.Event()

    async def make() -> bytes:
        made.append(1)
        await go.wait()
        return b"programme"

    waiting = [asyncio.create_task(kept.get("key", make)) for _ in range(5)]
    await asyncio.sleep(0)
    waiting[0].cancel()  # one hangs up
    go.set()
    assert await asyncio.gather(*waiting[1:]) == [b"programme"] * 4
    assert await kept.get("key", make) == b"programme"
    assert len(made) == 1


async def test_an_error_is_told_to_all_and_not_kept() -> None:
    kept = Kept()

    async def fail() -> bytes:
        raise ValueError("no paper")

    async def make() -> bytes:
        return b"programme"

    both = await asyncio.gather(kept.get(1, fail), kept.get(1, fail), return_exceptions=True)
    assert [str(error) for error in both] == ["no paper", "no paper"]
    assert await kept.get(1, make) == b"programme"


async def test_the_least_wanted_goes_when_there_is_no_room() -> None:
    kept = Kept(limit=400)

    async def of(key: int) -> bytes:
        async def make() -> bytes:
            made.append(key)
            return bytes(100)

        return await kept.get(key, make)

    made: list[int] = []
    for key in (1, 2, 3, 4, 1, 5, 1, 2):
        await of(key)
    assert made == [1, 2, 3, 4, 5, 2]
    assert kept.size == 400


@pytest.mark.parametrize("size", [101, 1000])
async def test_what_is_too_large_is_given_but_not_kept(size: int) -> None:
    kept = Kept(limit=400)

    async def make() -> bytes:
        return bytes(size)

    assert len(await kept.get("large", make)) == size
    assert kept.size == 0
