"""What moderators do with groups of short texts, and what stays so for answers that come later."""

from __future__ import annotations

from conference.polls.text_groups import Group, Sorting, grouped, hidden, key_of, merged, split

TEXTS = [("Cost", 3), ("money", 2), ("Price", 1), ("Safety", 4)]


def labels(groups: list[Group]) -> list[tuple[str, int]]:
    return [(group.label, group.count) for group in groups]


def test_groups_put_together_count_as_one_and_take_in_what_comes_later() -> None:
    sorting = merged({}, ["cost", "money"], "Cost")
    assert labels(grouped(TEXTS, sorting)) == [("Cost", 5), ("Safety", 4), ("Price", 1)]
    later = [*TEXTS, ("MONEY!", 2)]
    assert labels(grouped(later, sorting))[0] == ("Cost", 7)


def test_a_group_that_took_others_in_can_itself_be_taken_in() -> None:
    sorting = merged(merged({}, ["cost", "money"], "Cost"), ["price", "cost"], "What it costs")
    found = grouped(TEXTS, sorting)
    assert labels(found) == [("What it costs", 6), ("Safety", 4)]
    assert found[0].merged == 3


def test_taken_apart_each_text_is_for_itself_again() -> None:
    sorting = merged({}, ["cost", "money", "price"], "Cost")
    assert grouped(TEXTS, split(sorting, "cost")) == grouped(TEXTS, {})


def test_what_was_hidden_does_not_come_back_by_being_put_together_or_taken_apart() -> None:
    sorting = merged(hidden({}, "money", hide=True), ["cost", "money"], "Cost")
    assert grouped(TEXTS, sorting)[0].hidden
    apart = grouped(TEXTS, split(sorting, "cost"))
    assert {group.label for group in apart if group.hidden} == {"Cost", "money"}


def test_one_group_alone_can_be_called_otherwise_and_as_people_wrote_it_again() -> None:
    sorting = merged({}, ["safety"], "Patient safety")
    assert labels(grouped(TEXTS, sorting))[0] == ("Patient safety", 4)
    assert labels(grouped(TEXTS, merged(sorting, ["safety"], "")))[0] == ("Safety", 4)


def test_shown_again_a_group_is_as_it_was() -> None:
    sorting = hidden(merged({}, ["cost", "money"], "Cost"), "cost", hide=True)
    assert hidden(sorting, "cost", hide=False)["cost"] == Sorting(label="Cost")


def test_key_is_the_same_for_what_reads_the_same() -> None:
    assert key_of("مُدَرِّسة ") == key_of("مدرسه")
    assert key_of("Type-2") == key_of("type 2")
