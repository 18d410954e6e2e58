"""`python -m knowledge build | ask | evaluate | diff`: the library from a terminal.

Data goes to standard output, messages to standard error. Exit codes of `ask`: 0 answered, 3 the policy does not say
or the question is elsewhere, 2 usage; a batch that ran is 0. Exit codes of `diff`: 0 no change, 1 changes, 2 usage or
a version that is unknown or cannot be read.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from knowledge.answer import answer_question
from knowledge.bundle import Bundle, Library, find_current, is_current, save_bundle
from knowledge.cautions import list_cautions, load_cautions
from knowledge.errors import KnowledgeError
from knowledge.evaluation import (
    Measure,
    Outcome,
    load_questions,
    measure_paraphrases,
    measure_part,
    measure_sections,
    run_questions,
)
from knowledge.lookup import Lookup, find_by_name, find_by_number, look_up_question, show_clauses
from knowledge.policy import LANGUAGES
from knowledge.replies import Place, Register, Reply, compose_reply, plan_reply
from knowledge.templates import load_templates
from knowledge.terminal import messages, screen, show_cautions, show_lookup, show_reply
from knowledge.text import detect_language

PACKAGE = Path(__file__).parent
app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)

Shop = Annotated[Path, typer.Option(help="the shop's folder of policy, wordings and development questions")]
Index = Annotated[Path, typer.Option(help="where bundles are kept", envvar="MADOGUCHI_INDEX")]
_SHOP = PACKAGE / "policies" / "coverchord"
_INDEX = Path(".madoguchi/knowledge")


@app.command()
def build(
    shop: Shop = _SHOP,
    index: Index = _INDEX,
    encoder: Annotated[
        str, typer.Option(help="a sentence-transformers model instead of the own one", envvar="MADOGUCHI_ENCODER")
    ] = "",
    force: Annotated[bool, typer.Option("--force", help="build even if nothing changed")] = False,
) -> None:
    """Train the index on the shop's wordings and swap it in. Nothing is done when nothing changed."""
    from knowledge.sources import hash_sources

    sources = hash_sources(shop, encoder)
    if not force and is_current(index, sources):
        messages.print(f"index: unchanged ({find_current(index)})")
        return
    started = time.monotonic()
    folder = save_bundle(_train(shop, encoder, sources), shop, index, encoder)
    messages.print(f"index: {folder.name} in {time.monotonic() - started:.0f} s")


def _train(shop: Path, encoder: str, sources: str) -> Bundle:
    # Training needs torch (13 s to import): only `build` pays for it.
    from knowledge.builder import build_retrievers
    from knowledge.policy import load_former, load_policy
    from knowledge.readers import train_readers
    from knowledge.romaji import Spelling
    from knowledge.wordings import load_wordings

    policy, former = load_policy(shop), load_former(shop)
    wordings = load_wordings(shop / "wordings", policy.clause_ids)

    retrievers = build_retrievers(policy, wordings, encoder_name=encoder)
    # The answerable ones hold the desk's vocabulary, and half the texts are read in half the time.
    spelling = Spelling.learn(one.text for one in wordings if one.language == "ja" and one.answerable)
    return Bundle(policy, retrievers, sources, spelling, former, train_readers(shop, wordings))


_EXAMPLES = """Examples:

ask "DHLには何を渡していますか"

ask "Do you sell my data?" --json

ask --clause rights.1.2

ask "開示を請求したい" --reply mail > reply.txt"""


@app.command(epilog=_EXAMPLES)
def ask(  # noqa: PLR0913, PLR0917  the options of a command
    question: Annotated[str, typer.Argument(help="the question, in Japanese or English")] = "",
    language: Annotated[str, typer.Option(help="ja or en; detected when left out")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="the wire form of POST /api/ask")] = False,
    batch: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help='lines of {"id", "q"}; writes lines of answers')
    ] = None,
    clause: Annotated[str, typer.Option(help="a clause instead: its id, heading and number, or name")] = "",
    reply: Annotated[
        str, typer.Option(help="chat or mail: a reply to send, with marks where it is to be filled in")
    ] = "",
    pages: Annotated[
        str, typer.Option(help="where the desk is, for addresses in replies", envvar="MADOGUCHI_PUBLIC_URL")
    ] = "",
    shop: Shop = _SHOP,
    index: Index = _INDEX,
) -> None:
    """Answer a question with the clause quoted, or say that the policy does not say.

    Exit code 0 answered, 3 the policy does not say or the question is elsewhere, 2 usage.
    """
    if sum(map(bool, (question, batch, clause))) != 1 or language not in {"", *LANGUAGES}:
        raise typer.BadParameter("give a question, --clause NAME or --batch FILE, and a language of ja or en")
    if reply not in {"", "chat", "mail"} or (batch and reply):
        raise typer.BadParameter("--reply is chat or mail, and goes with a question or --clause")
    bundle = Library(index).bundle
    if batch:
        _answer_batch(bundle, batch, language or None)
        return
    found = _find_clause(bundle, clause, language) if clause else look_up_question(bundle, question, language or None)
    written = _write_reply(bundle, found, Register(reply), shop, pages, language) if reply else None
    if as_json:
        data = found.answer.as_dict() if found.answer else found.as_dict()
        data = data | {"reply": written.as_dict() if written else None} if reply else data
        sys.stdout.write(json.dumps(data, ensure_ascii=False) + "\n")
    elif reply:
        show_reply(written)
    else:
        show_lookup(found, bundle.policy)
    raise typer.Exit(0 if found.is_found else 3)


def _find_clause(bundle: Bundle, name: str, language: str) -> Lookup:
    policy = bundle.policy
    chosen = find_by_number(policy, name) or find_by_name(policy, name)
    if not chosen:
        raise typer.BadParameter(f"the policy has no clause {name!r}")
    spoken = None if policy.find_unit(name) else detect_language(name)  # an id is of no language
    return show_clauses(bundle, name, chosen, language or spoken or "ja")


def _write_reply(
    bundle: Bundle, found: Lookup, register: Register, shop: Path, pages: str, language: str
) -> Reply | None:
    """The reply with open slots, what must not be said on standard error; None for what is not this desk's."""
    plan = plan_reply(bundle.policy, language or found.language, register, found=found)
    if plan is None:
        return None
    written = compose_reply(load_templates(shop), bundle, plan, {}, Place(pages.rstrip("/")))
    cautions = list_cautions(load_cautions(shop), bundle, plan.clauses, plan.purpose.value, plan.language)
    show_cautions(cautions, plan.language)
    return written


def _answer_batch(bundle: Bundle, path: Path, language: str | None) -> None:
    # Bytes and "\n": str.splitlines would also cut at U+2028 or U+0085, which stand unescaped in valid JSON.
    for number, line in enumerate(path.read_bytes().split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            identity, question = row["id"], str(row["q"])
        except (ValueError, TypeError, KeyError) as error:
            raise typer.BadParameter(f"{path.name}:{number} is not a line of id and q") from error
        answer = answer_question(bundle, question, language).as_dict()
        kept = {key: answer[key] for key in ("status", "language", "citations")}
        sys.stdout.write(json.dumps({"id": identity, **kept}, ensure_ascii=False) + "\n")


@app.command()
def evaluate(
    shop: Shop = _SHOP,
    index: Index = _INDEX,
    sections: Annotated[bool, typer.Option("--sections", help="also by section of the policy")] = False,
    misses: Annotated[bool, typer.Option("--misses", help="list the questions that went wrong")] = False,
    plot: Annotated[
        Path | None, typer.Option(help="a folder for a risk-coverage curve and a confusion picture")
    ] = None,
) -> None:
    """Measure on the development questions: each figure with its n and 95 % Wilson interval."""
    bundle = Library(index).bundle
    measured: dict[str, list[Outcome]] = {}
    for path in sorted((shop / "development").glob("*.jsonl")):
        if path.name.startswith("intents."):
            continue
        outcomes = run_questions(bundle, load_questions(path))
        originals = [outcome for outcome in outcomes if not outcome.question.paraphrase_of]
        for part in sorted({outcome.question.part for outcome in originals}):
            chosen = [one for one in originals if one.question.part == part]
            measured[f"{path.stem} {part}"] = chosen
            _table(f"{path.stem} {part}", measure_part(chosen))
        _table(f"{path.stem} paraphrases", measure_paraphrases(outcomes))
        if sections:
            _table(f"{path.stem} by section", measure_sections(originals))
        if misses:
            _list_misses(outcomes)
    if plot:
        from knowledge.plot import draw_plots

        for picture in draw_plots(measured, plot):
            messages.print(str(picture))


def _table(title: str, measures: list[Measure]) -> None:
    table = Table(title=title, title_justify="left")
    for column in ("figure", "value", "n", "95 % interval"):
        table.add_column(column, justify="left" if column == "figure" else "right")
    for measure in measures:
        if measure.share is None:
            table.add_row(measure.name, f"{measure.value:.3f}", str(measure.n), "")
        else:
            low, high = measure.share.interval
            table.add_row(measure.name, f"{measure.share.value:.3f}", str(measure.share.n), f"{low:.3f} – {high:.3f}")
    screen.print(table)


def _list_misses(outcomes: list[Outcome]) -> None:
    for one in outcomes:
        wrong = not one.first_right if one.question.clauses else one.answered
        if wrong:
            wanted = ",".join(one.question.clauses) or one.question.kind
            verdict = f"{one.status.value} {one.sure:.2f} got {','.join(one.ranked[:3])} wanted {wanted}"
            screen.print(f"{one.question.id} {verdict}: {one.question.text}", markup=False, soft_wrap=True)


@app.command()
def diff(
    old: Annotated[str, typer.Argument(help='an edition ("1"), a version id ("1-48acc39a") or a folder')],
    new: Annotated[str, typer.Argument(help="the version to compare with it, a draft perhaps")],
    shop: Shop = _SHOP,
    as_json: Annotated[bool, typer.Option("--json", help="the same as data")] = False,
) -> None:
    """Show what a new version of the policy changes, and which wordings and sentences each change touches."""
    from knowledge.bindings import load_register
    from knowledge.report import describe
    from knowledge.revision import compare, find_edition

    try:
        revision = compare(find_edition(shop, old), find_edition(shop, new), load_register(shop))
    except KnowledgeError as error:  # not 1, the code of every other command: that says "changes" here
        messages.print(str(error), style="red", markup=False)
        raise typer.Exit(2) from error
    if as_json:
        sys.stdout.write(json.dumps(revision.as_dict(), ensure_ascii=False) + "\n")
    else:
        sys.stdout.write("".join(f"{line}\n" for line in describe(revision)))
    raise typer.Exit(0 if revision.is_empty else 1)


def main() -> None:
    """Run the command line; an expected failure is one line on standard error and exit code 1."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    try:
        app()
    except KnowledgeError as error:
        messages.print(str(error), style="red", markup=False)
        sys.exit(1)


if __name__ == "__main__":
    main()
