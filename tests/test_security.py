"""The table of what was tried names tests that exist, and leaves none of their files out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
TABLE = (TESTS.parent / "docs/security.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`([\w/]+\.py)(?:::(\w+))?`", TABLE)))
ROWS = [line for line in TABLE.splitlines() if line.startswith("| ") and not line.startswith(("| fault", "| attack"))]


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_a_test_exists_when_it_is_named(path: str, name: str) -> None:
    path = path.removeprefix("tests/")
    text = (TESTS / path).read_text("utf-8")
    assert re.search(rf"^(?:async )?def {name or 'test_'}", text, re.MULTILINE)


def test_every_row_names_a_test() -> None:
    assert len(ROWS) > 30
    assert [row for row in ROWS if not re.search(r"`[\w/]+\.py(?:::test_\w+)?`", row)] == []


def test_no_file_of_attacks_or_faults_is_left_out() -> None:
    folders = ("actions/attacks", "actions/faults")
    files = {str(path.relative_to(TESTS)) for folder in folders for path in (TESTS / folder).glob("test_*.py")}
    files |= {f"journeys/test_{name}.py" for name in ("faults", "doors", "input", "kill", "storage", "mail")}
    assert files - {path for path, _ in NAMED} == set()
