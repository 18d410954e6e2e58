"""How well unseen answers to the review are understood: `python -m tests.benchmarks.consents [--misses]`.

Each writer's answers are read by a reader trained on everybody else's, the development file (another writer, half of it
traps) by one trained on all. Shares with n and a 95 % Wilson interval: of consents, those that send; of everything
else, what would send all the same; and the same by words alone.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

from actions.cases.records import FIELDS, Draft
from actions.dialogue.intake import Heard, Move, decide
from actions.dialogue.steps import CONFIRMATION
from knowledge.openings import Example, list_opening_files, load_openings
from knowledge.responses import CONSENTS, train_responses
from tests.benchmarks.openings import SHOP, report_share

GIVEN = dict(zip(FIELDS, ("登録した住所", "山田花子", "hanako@example.com", "03-0000-0000"), strict=True))
Read = Callable[[str], Mapping[str, float]]


def main(*, misses: bool) -> None:
    """Measure and print."""
    examples = load_openings(list_opening_files(SHOP / "consents"))
    for writer in sorted({one.writer for one in examples}):
        reader = train_responses(CONSENTS, [one for one in examples if one.writer != writer])
        _report(f"{writer}, left out", [one for one in examples if one.writer == writer], reader.read, misses=misses)
    held_out = load_openings(list_opening_files(SHOP / "consents" / "development"))
    _report("development", held_out, train_responses(CONSENTS, examples).read, misses=misses)


def _report(title: str, examples: list[Example], read: Read, *, misses: bool) -> None:
    consents = [one for one in examples if "yes" in one.labels]
    others = [one for one in examples if "yes" not in one.labels]
    for name, reader in (("", read), (" by words alone", None)):
        report_share(f"{title}: consents that send{name}", (_sends(one, reader) for one in consents))
        report_share(f"{title}: all else that sends{name}", (_sends(one, reader) for one in others))
    given_up = [one for one in examples if one.labels == ("cancel",)]
    report_share(f"{title}: given up and heard", (_decide(one, read) is Move.CANCEL for one in given_up))
    for one in examples if misses else ():
        if _sends(one, read) != ("yes" in one.labels):
            sys.stdout.write(f"  {_decide(one, read).value}, {one.labels}: {' '.join(one.text.split())}\n")


def _sends(one: Example, read: Read | None) -> bool:
    return _decide(one, read) is Move.FILE


def _decide(one: Example, read: Read | None) -> Move:
    """What the intake does; without the engine, which hears some more of both."""
    draft = Draft(("disclosure",), one.language, "1-0", "key", CONFIRMATION, dict(GIVEN))
    return decide(draft, Heard(one.text, "nlu_fallback", 0.0, consent=read(one.text) if read else None)).move


if __name__ == "__main__":
    main(misses="--misses" in sys.argv)
