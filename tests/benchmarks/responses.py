"""How well unseen responses are understood: `python -m tests.benchmarks.responses [--misses]`.

Each writer's responses are read by a reader trained on everybody else's, the development file of consents (another
writer, half of it traps) by one trained on all. Shares with n and a 95 % Wilson interval: of consents, those that send;
of offers, those taken up; of changes, those after which exactly the right kinds are wanted; of everything else, what is
taken for one of these; and the same by words alone.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from actions.cases.records import FIELDS, Draft
from actions.dialogue.intake import Heard, Move, decide
from actions.dialogue.offers import Offer, accept
from actions.dialogue.reading import Readers, weigh_change
from actions.dialogue.steps import CONFIRMATION
from actions.dialogue.switches import is_plain_needed
from knowledge.acts import train_acts
from knowledge.changes import list_wanted, train_changes
from knowledge.openings import Example, list_opening_files, load_openings
from knowledge.policy import load_policy
from knowledge.reader import train_reader
from knowledge.responses import CHANGES, CONSENTS, OFFERS, RIGHTS, list_examples, train_responses
from knowledge.wordings import Wording, load_wordings
from tests.benchmarks.openings import SHOP, report_share

GIVEN = dict(zip(FIELDS, ("登録した住所", "山田花子", "hanako@example.com", "03-0000-0000"), strict=True))
WORDS = Readers()  # none: words alone decide
Holds = Callable[[Example, Readers], bool]


def main(*, misses: bool) -> None:
    """Measure and print."""
    wordings = load_wordings(SHOP / "wordings", load_policy(SHOP).clause_ids)
    for sort, measure in ((CONSENTS, _report_consents), (OFFERS, _report_offers), (CHANGES, _report_changes)):
        for title, chosen, readers in _leave_out(sort, wordings, SHOP / sort):
            measure(f"{sort}, {title}", chosen, readers, misses=misses)


def _leave_out(sort: str, wordings: list[Wording], folder: Path) -> Iterator[tuple[str, list[Example], Readers]]:
    """Every writer's examples with readers trained on those of all others, then the development file's, if any."""
    every, own = list_examples(SHOP, sort), load_openings(list_opening_files(folder))
    for writer in sorted({one.writer for one in own}):
        # Of changes the consents are learned from as well: they are nobody's who is tested.
        kept = [one for one in every if one.writer != writer or one not in own]
        yield f"{writer} left out", [one for one in own if one.writer == writer], _train(sort, wordings, kept)
    held_out = load_openings(list_opening_files(folder / "development"))
    if held_out:
        yield "development", held_out, _train(sort, wordings, every)


def _train(sort: str, wordings: list[Wording], examples: list[Example]) -> Readers:
    first = load_openings(list_opening_files(SHOP / "openings"))
    acts, aside = train_acts(wordings, [*first, *examples])
    first += aside
    opens = train_reader(acts, first)
    if sort == CHANGES:
        return Readers(opens.read, changes=train_changes(acts, opens, examples, first).read)
    return Readers(opens.read, **{sort: train_responses(sort, acts, examples).read})


def _report(title: str, holds: Holds, examples: list[Example], readers: Readers) -> None:
    report_share(title, (holds(one, readers) for one in examples))
    report_share(f"{title} by words alone", (holds(one, WORDS) for one in examples))


def _report_consents(title: str, examples: list[Example], readers: Readers, *, misses: bool) -> None:
    _report(f"{title}: consents that send", _sends, [one for one in examples if "yes" in one.labels], readers)
    _report(f"{title}: all else that sends", _sends, [one for one in examples if "yes" not in one.labels], readers)
    given_up = [one for one in examples if one.labels == ("cancel",)]
    report_share(f"{title}: given up and heard", (_decide(one, readers) is Move.CANCEL for one in given_up))
    _list_misses((one for one in examples if _sends(one, readers) != ("yes" in one.labels)), show=misses)


def _report_offers(title: str, examples: list[Example], readers: Readers, *, misses: bool) -> None:
    _report(f"{title}: taken up", _accepts, [one for one in examples if "accept" in one.labels], readers)
    _report(f"{title}: all else", _accepts, [one for one in examples if "accept" not in one.labels], readers)
    _list_misses((one for one in examples if _accepts(one, readers) != ("accept" in one.labels)), show=misses)


def _report_changes(title: str, examples: list[Example], readers: Readers, *, misses: bool) -> None:
    _report(f"{title}: changed as wanted", _changes, [one for one in examples if "same" not in one.labels], readers)
    _report(f"{title}: left as it was", _changes, [one for one in examples if "same" in one.labels], readers)
    _list_misses((one for one in examples if not _changes(one, readers)), show=misses)


def _list_misses(missed: Iterator[Example], *, show: bool) -> None:
    for one in missed if show else ():
        sys.stdout.write(f"  {one.labels}: {' '.join(one.text.split())}\n")


def _sends(one: Example, readers: Readers) -> bool:
    return _decide(one, readers) is Move.FILE


def _decide(one: Example, readers: Readers) -> Move:
    """What the intake does at the review; without the engine, which hears some more of both."""
    draft = Draft(("disclosure",), one.language, "1-0", "key", CONFIRMATION, dict(GIVEN))
    consent = readers.consents(one.text) if readers.consents else None
    return decide(draft, Heard(one.text, "nlu_fallback", 0.0, consent=consent)).move


def _accepts(one: Example, readers: Readers) -> bool:
    """Whether the intake begins, whatever right was offered."""
    return bool(accept(Offer(RIGHTS), one.text, readers))


def _changes(one: Example, readers: Readers) -> bool:
    """Whether a request, in which the telephone is asked for, has exactly the right kinds after the message."""
    given = {name: value for name, value in GIVEN.items() if name != "phone"}
    draft = Draft(one.kinds, one.language, "1-0", "key", "phone", given)
    change = weigh_change(one.text, readers, one.kinds, plainly=is_plain_needed(draft, one.text))
    found = decide(draft, Heard(one.text, "nlu_fallback", 0.0, change=change)).draft.kinds
    return set(found) == set(list_wanted(one))


if __name__ == "__main__":
    main(misses="--misses" in sys.argv)
