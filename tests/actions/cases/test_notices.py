"""What a final notice must say: every key of every kind is worded, and each outcome calls for what the law asks."""

from __future__ import annotations

import pytest

from actions.cases.kinds import list_kinds
from actions.cases.notices import get_notice, list_notices
from actions.texts import LANGUAGES

RIGHTS = [name for name, kind in list_kinds().items() if kind.course == "rights"]


def _list_keys(kind: str, outcome: str) -> list[str]:
    return [notice.key for notice in list_notices(kind, outcome)]


@pytest.mark.parametrize("kind", list_kinds())
def test_every_key_is_worded_when_a_kind_names_it(kind: str) -> None:
    keys = list_kinds()[kind].notice
    assert len(set(keys)) == len(keys) > 0
    for notice in map(get_notice, keys):
        assert set(notice.text) == set(LANGUAGES)
        assert all(line.strip() for line in notice.text.values())
        assert notice.outcomes


@pytest.mark.parametrize("kind", RIGHTS)
@pytest.mark.parametrize("outcome", ["refused", "partial", "alternative_measure", "not_ours"])
def test_reason_and_outside_routes_are_named_when_a_right_is_not_granted_as_asked(kind: str, outcome: str) -> None:
    assert {"outcome", "reason", "routes"} <= set(_list_keys(kind, outcome))


@pytest.mark.parametrize("kind", list_kinds())
def test_no_reason_is_owed_when_all_is_granted(kind: str) -> None:
    assert {"reason", "routes"} & set(_list_keys(kind, "granted")) == set()


@pytest.mark.parametrize(
    ("kind", "outcome", "keys"),
    [
        ("disclosure", "granted", ["outcome", "method", "other_method"]),
        ("disclosure", "not_held", ["outcome", "not_held", "routes"]),
        ("purpose_notice", "granted", ["outcome", "purpose"]),
        ("correction", "granted", ["outcome", "content"]),
        ("suspension", "alternative_measure", ["outcome", "measure", "reason", "routes"]),
        ("third_party_stop", "granted", ["outcome", "extent"]),
        ("complaint", "resolved", ["outcome"]),
        ("complaint", "explained", ["outcome", "routes"]),
        ("disclosure", "withdrawn", []),
    ],
)
def test_what_to_say_follows_the_outcome_when_a_letter_is_written(kind: str, outcome: str, keys: list[str]) -> None:
    assert _list_keys(kind, outcome) == keys


def test_what_nobody_has_seen_in_the_law_is_marked_when_listed() -> None:
    keys = {key for kind in list_kinds().values() for key in kind.notice}
    assert {key for key in keys if not get_notice(key).certain} == {"extent", "measure"}


def test_an_unknown_key_or_kind_is_an_error_when_asked_for() -> None:
    with pytest.raises(KeyError):
        get_notice("apology")
    with pytest.raises(KeyError):
        list_notices("exercise_disclosure", "granted")
