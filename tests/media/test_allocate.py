"""What a viewer gets of what is published, for budgets of every size."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from conference.media.allocate import LEAN, RAISE, SAVER, Allocation, Layer, Offered, allocate
from conference.media.engine import Tile, Viewing

SIMULCAST = (
    Layer(130_000, 320, 180, (0.5, 0.7, 1.0)),
    Layer(450_000, 640, 360, (0.5, 0.7, 1.0)),
    Layer(1_500_000, 1280, 720, (0.5, 0.7, 1.0)),
)
MICROPHONE = Offered("ada", "microphone", (Layer(60_000),))
CAMERA = Offered("ada", "camera", SIMULCAST)
SCREEN = Offered("bo", "screen", (Layer(500_000, 1920, 1080, (0.4, 0.7, 1.0)),))
OTHERS = tuple(Offered(f"guest-{n}", "camera", SIMULCAST) for n in range(4))
HALL = (MICROPHONE, CAMERA, SCREEN, *OTHERS)
AUTO = Viewing()


def layer_of(allocation: Allocation, track: Offered) -> int:
    choice = allocation.pictures.get(track.key)
    return -1 if choice is None else choice.layer


def test_plenty_gives_everything() -> None:
    got = allocate(50_000_000, HALL, AUTO, ("ada",))
    assert got.sound == "full"
    assert all(layer_of(got, track) == len(track.layers) - 1 for track in HALL if not track.is_sound)
    assert (got.rung, got.reason, got.next) == ("full", "ok", 0)


def test_sound_comes_first_then_the_screen_then_the_speaker_then_the_others() -> None:
    assert allocate(70_000, HALL, AUTO, ("ada",)).rung == "sound"
    screen = allocate(700_000, HALL, AUTO, ("ada",))
    assert layer_of(screen, SCREEN) == 0
    assert layer_of(screen, CAMERA) == -1
    speaker = allocate(850_000, HALL, AUTO, ("ada",))
    assert layer_of(speaker, SCREEN) == 0
    assert layer_of(speaker, CAMERA) == 0
    assert all(layer_of(speaker, other) == -1 for other in OTHERS)
    assert speaker.reason == "link"


def test_protection_of_sound_comes_before_pictures_and_never_costs_sound() -> None:
    unprotected = allocate(620_000, (MICROPHONE, CAMERA), AUTO, ("ada",))
    protected = allocate(620_000, (MICROPHONE, CAMERA), AUTO, ("ada",), protection=80_000)
    assert (layer_of(unprotected, CAMERA), layer_of(protected, CAMERA)) == (1, 0)
    assert protected.cost + 450_000 - 130_000 == unprotected.cost + 80_000
    assert protected.next > unprotected.cost + 80_000, "better needs room for both"
    assert allocate(62_000, (MICROPHONE, CAMERA), AUTO, ("ada",), protection=80_000).sound == "full"


@given(st.integers(0, 5_000_000), st.integers(0, 100_000))
def test_whatever_protection_takes_it_takes_from_pictures(budget: int, protection: int) -> None:
    plain = allocate(budget, HALL, AUTO, ("ada",))
    protected = allocate(budget, HALL, AUTO, ("ada",), protection=protection)
    assert protected.sound == plain.sound
    assert not protected.pictures or protected.cost <= budget
    best = allocate(protected.best, HALL, AUTO, ("ada",), protection=protection)
    assert not protected.next or best.next == 0


def test_weak_links_get_the_mix_and_weaker_ones_the_saver() -> None:
    assert allocate(54_000, HALL, AUTO).rung == "lean"
    assert allocate(20_000, HALL, AUTO).rung == "saver"
    assert allocate(1_000, HALL, AUTO).sound == "saver"


def test_full_sound_comes_back_only_with_a_margin() -> None:
    lean = allocate(55_000, HALL, AUTO)
    assert allocate(62_000, HALL, AUTO, before=lean).sound == "lean"
    assert allocate(76_000, HALL, AUTO, before=lean).sound == "full"


def test_a_collapse_drops_every_picture_at_once() -> None:
    before = allocate(50_000_000, HALL, AUTO, ("ada",))
    after = allocate(50_000_000, HALL, AUTO, ("ada",), before, sound_only=True)
    assert after.pictures == {}
    assert (after.sound, after.rung, after.reason) == ("full", "sound", "link")


def test_equal_cameras_all_get_their_smallest_before_one_gets_more() -> None:
    got = allocate(900_000, (MICROPHONE, *OTHERS), AUTO, ("nobody",))
    assert [layer_of(got, other) for other in OTHERS] == [0, 0, 0, 0]


def test_larger_tiles_come_first_and_hidden_ones_get_nothing() -> None:
    tiles = (Tile("guest-2", "camera", 1280, 720), Tile("guest-1", "camera", 300, 170))
    viewing = Viewing(tiles=tiles)
    got = allocate(50_000_000, HALL, viewing, ("ada",))
    assert set(got.pictures) == {("guest-2", "camera"), ("guest-1", "camera")}
    assert layer_of(got, OTHERS[2]) == 2
    assert layer_of(got, OTHERS[1]) == 0, "no more than the tile shows"
    tight = allocate(160_000, HALL, viewing, ("ada",))
    assert set(tight.pictures) == {("guest-2", "camera")}


def test_what_the_person_chose_is_kept() -> None:
    assert allocate(9_000_000, HALL, Viewing(pictures="none")).rung == "sound"
    assert allocate(9_000_000, HALL, Viewing(pictures="none")).reason == "chosen"
    low = allocate(9_000_000, HALL, Viewing(pictures="low"))
    assert {choice.layer for choice in low.pictures.values()} == {0}
    one = allocate(9_000_000, HALL, Viewing(only="guest-3"))
    assert {key for key in one.pictures if key[1] == "camera"} == {("guest-3", "camera")}
    assert allocate(9_000_000, HALL, Viewing(sound="saver")).sound == "saver"
    nothing = allocate(9_000_000, HALL, Viewing(pictures="none", sound="none"))
    assert (nothing.rung, nothing.cost) == ("text", 0)


def test_a_cap_holds_and_is_named() -> None:
    got = allocate(9_000_000, HALL, Viewing(max_bitrate=250_000), ("ada",))
    assert got.cost <= 250_000
    assert got.reason == "cap"


def test_a_low_lone_picture_is_its_own_rung() -> None:
    got = allocate(250_000, (MICROPHONE, CAMERA), AUTO, ("ada",))
    assert (got.rung, layer_of(got, CAMERA)) == ("one", 0)


def test_fewer_frames_before_no_picture_and_sharp_before_smooth_on_a_screen() -> None:
    slow = allocate(170_000, (MICROPHONE, CAMERA), AUTO, ("ada",))
    assert slow.pictures[CAMERA.key].temporal < 2
    shared = Offered("bo", "screen", (Layer(150_000, 960, 540), Layer(600_000, 1920, 1080, (0.3, 0.6, 1.0))))
    sharp = allocate(350_000, (MICROPHONE, shared), AUTO)
    assert (sharp.pictures[shared.key].layer, sharp.pictures[shared.key].temporal) == (1, 0)


# ------------------------------------------------------------------ invariants

shares = st.sampled_from([(1.0, 1.0, 1.0), (0.5, 0.7, 1.0), (0.25, 0.5, 1.0)])


@st.composite
def layers(draw: st.DrawFn) -> tuple[Layer, ...]:
    rates = sorted(draw(st.lists(st.integers(30_000, 2_500_000), min_size=1, max_size=3, unique=True)))
    widths = (320, 640, 1280) if len(rates) == 3 else (1280,) * len(rates)
    return tuple(Layer(rate, width, width, draw(shares)) for rate, width in zip(rates, widths, strict=True))


@st.composite
def halls(draw: st.DrawFn) -> tuple[Offered, ...]:
    people = [f"p{n}" for n in range(draw(st.integers(0, 4)))]
    filmed = draw(st.lists(st.sampled_from(people), unique=True)) if people else []
    sharing = bool(people) and draw(st.booleans())
    tracks = [Offered(p, "microphone", (Layer(draw(st.integers(0, 90_000))),)) for p in people]
    tracks += [Offered(p, "camera", draw(layers())) for p in filmed]
    if sharing:
        tracks.append(Offered(people[0], "screen", draw(layers())))
    return tuple(tracks)


def tiles(names: Sequence[str]) -> st.SearchStrategy[tuple[Tile, ...] | None]:
    source = st.sampled_from(["camera", "screen"])
    tile = st.builds(Tile, st.sampled_from(names), source, st.integers(0, 2000), st.just(500))
    return st.none() | st.lists(tile, max_size=4, unique_by=lambda t: (t.participant_id, t.source)).map(tuple)


viewings = st.builds(
    Viewing,
    st.sampled_from(["auto", "low", "none"]),
    st.sampled_from(["auto", "full", "lean", "saver", "none"]),
    st.none() | st.just("p1"),
    tiles(["p0", "p1", "p2"]),
    st.sampled_from([0, 40_000, 400_000]),
)
budgets = st.integers(0, 8_000_000)


@given(halls(), viewings, st.lists(budgets, min_size=1, max_size=6))
def test_the_budget_holds_unless_the_sound_alone_exceeds_it(
    hall: tuple[Offered, ...], viewing: Viewing, sequence: list[int]
) -> None:
    before = None
    for budget in sequence:
        before = got = allocate(budget, hall, viewing, ("p0",), before)
        limit = min(budget, viewing.max_bitrate or budget)
        alone = {"full": 60_000, "lean": LEAN, "saver": SAVER, "none": 0}[got.sound]
        alone = max(alone, sum(t.layers[0].bitrate for t in hall if t.is_sound) if got.sound == "full" else 0)
        assert got.cost <= max(limit, alone)


@given(halls(), budgets, budgets)
def test_sound_is_never_dropped_for_a_picture(hall: tuple[Offered, ...], first: int, second: int) -> None:
    before = allocate(first, hall, AUTO)
    got = allocate(second, hall, AUTO, (), before)
    assert got.sound != "none"
    if got.pictures:
        assert got.sound == "full"


def rank(got: Allocation, hall: tuple[Offered, ...]) -> tuple[int, tuple[int, int], tuple[int, int]]:
    """Sound, screen, speaker: what comes earlier outweighs what comes later."""

    def of(person: str, source: str) -> tuple[int, int]:
        choice = got.pictures.get((person, source))
        return (-1, -1) if choice is None else (choice.layer, choice.temporal)

    sound = ("none", "saver", "lean", "full").index(got.sound)
    return sound, of("p0", "screen"), of("p0", "camera")


@given(halls(), budgets, budgets)
def test_a_larger_budget_never_gives_less(hall: tuple[Offered, ...], one: int, other: int) -> None:
    small, large = sorted((one, other))
    assert rank(allocate(large, hall, AUTO, ("p0",)), hall) >= rank(
        allocate(small, hall, AUTO, ("p0",)), hall
    )


@given(halls(), budgets, st.lists(st.floats(0.94, 1.06), min_size=12, max_size=12))
def test_a_trembling_budget_settles(hall: tuple[Offered, ...], budget: int, tremble: list[float]) -> None:
    """Between the lowest and the highest reading nothing changes twice."""
    low = allocate(int(budget * 0.94), hall, AUTO, ("p0",), allocate(int(budget * 1.06), hall, AUTO, ("p0",)))
    seen = [low.pictures]
    before = low
    for factor in tremble:
        before = allocate(int(budget * factor), hall, AUTO, ("p0",), before)
        seen.append(before.pictures)
    changes = sum(a != b for a, b in pairwise(seen))
    assert changes <= 1


@given(halls(), budgets)
def test_the_budget_named_as_next_gives_something_better(hall: tuple[Offered, ...], budget: int) -> None:
    got = allocate(budget, hall, AUTO, ("p0",))
    if not got.next:
        assert got.reason == "ok"
        return
    assert got.reason == "link"
    better = allocate(max(got.next, budget), hall, AUTO, ("p0",), got)
    assert (better.sound, better.pictures) != (got.sound, got.pictures)
    assert got.best >= got.cost * (RAISE if got.pictures else 0)
