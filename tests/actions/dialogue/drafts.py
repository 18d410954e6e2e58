"""Drafts and messages to decide on."""

from __future__ import annotations

from actions.cases.records import FIELDS, Draft
from actions.dialogue.steps import Heard

GIVEN = {
    "details": "登録した住所を開示してください",
    "name": "山田花子",
    "email": "hanako@example.com",
    "phone": "03-0000-0000",
}
ASKED = (*FIELDS, "confirmation")


def make_draft(asked: str, kinds: tuple[str, ...] = ("disclosure",), misses: int = 0) -> Draft:
    """A draft as it stands when a field is asked for: everything before it was given."""
    names = FIELDS[: FIELDS.index(asked)] if asked in FIELDS else FIELDS
    return Draft(kinds, "ja", "1-00000000", "key", asked, {name: GIVEN[name] for name in names}, misses)


def hear(text: str, intent: str = "nlu_fallback", confidence: float = 0.9, field: str = "") -> Heard:
    """A message as the engine recognised it."""
    return Heard(text, intent, confidence, field)
