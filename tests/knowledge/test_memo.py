"""What is computed twice in a turn is computed once, and nothing of it is left behind."""

from __future__ import annotations

import threading

from knowledge.memo import remembered, remembering

CALLS: list[tuple[str, int]] = []


@remembered
def measure(text: str, size: int = 1) -> int:
    """A function whose calls are counted."""
    CALLS.append((text, size))
    return len(text) * size


def test_it_is_computed_once_in_a_block_and_each_time_outside() -> None:
    CALLS.clear()
    assert [measure("ab"), measure("ab")] == [2, 2]
    assert len(CALLS) == 2
    with remembering():
        assert [measure("ab"), measure("ab"), measure("ab", 2), measure("c")] == [2, 2, 4, 1]
    assert CALLS[2:] == [("ab", 1), ("ab", 2), ("c", 1)]
    with remembering():  # nothing is left of the last block
        measure("ab")
    assert CALLS[5:] == [("ab", 1)]


def test_a_block_within_another_ends_nothing() -> None:
    CALLS.clear()
    with remembering():
        measure("x")
        with remembering():
            measure("x")
        measure("x")
    assert CALLS == [("x", 1)]


def test_an_error_ends_the_block() -> None:
    CALLS.clear()
    try:
        with remembering():
            measure("x")
            raise ValueError
    except ValueError:
        measure("x")
    assert len(CALLS) == 2


def test_another_thread_remembers_nothing_of_it() -> None:
    CALLS.clear()
    with remembering():
        measure("x")
        thread = threading.Thread(target=measure, args=("x",))
        thread.start()
        thread.join()
    assert len(CALLS) == 2
