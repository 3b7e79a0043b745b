"""Which edit undo and redo mean."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from conference.agenda.drafting.edit_stack import REDO, UNDO, Entry, redoable, undoable


class Log:
    """A person's edits, as they press the buttons."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def press(self, what: str) -> int | None:
        """Do, undo or redo; the edit that was taken back."""
        found = {"do": None, UNDO: undoable(self.entries), REDO: redoable(self.entries)}[what]
        if what != "do" and found is None:
            return None
        taken = found.id if found else None
        self.entries.append(Entry(len(self.entries) + 1, what, taken))
        return taken


def test_undo_goes_back_step_by_step_and_redo_forward_again() -> None:
    log = Log()
    assert [log.press(what) for what in ("do", "do", UNDO, UNDO, UNDO)] == [None, None, 2, 1, None]
    assert [log.press(what) for what in (REDO, REDO, REDO)] == [4, 3, None]
    assert [log.press(what) for what in (UNDO, UNDO)] == [6, 5]


def test_after_a_new_edit_nothing_can_be_redone() -> None:
    log = Log()
    assert [log.press(what) for what in ("do", UNDO, "do", REDO, UNDO, UNDO)] == [
        None,
        1,
        None,
        None,
        3,
        None,
    ]


@given(st.lists(st.sampled_from(["do", UNDO, REDO]), max_size=40))
def test_it_is_the_two_stacks_every_editor_has(presses: list[str]) -> None:
    log, done, undone, number = Log(), list[int](), list[int](), 0
    origin: dict[int, int] = {}  # which edit an entry does, undoes or does again at last
    for press in presses:
        before = len(log.entries)
        taken = log.press(press)
        if press == "do":
            number += 1
            done, undone = [*done, number], []
            origin[len(log.entries)] = number
        elif press == UNDO and done:
            undone.append(done.pop())
        elif press == REDO and undone:
            done.append(undone.pop())
        else:
            assert len(log.entries) == before, "there was nothing to take back"
            continue
        if taken is not None:
            origin[len(log.entries)] = origin[taken]
            assert origin[taken] == (undone[-1] if press == UNDO else done[-1])
