"""`python -m actions COMMAND`: run, serve, cases, account, questions, purge, backup, restore, doctor and more."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from actions import operations
from actions.cases.accounts import Accounts
from actions.cases.audit import Audit, Entry
from actions.cases.crypto import load_master
from actions.cases.database import Database
from actions.cases.diagram import draw_workflow
from actions.cases.permissions import list_roles
from actions.cases.repository import Cases
from actions.logs import configure_logs
from actions.settings import Settings
from knowledge.errors import KnowledgeError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
operations.register(app)


def _say(message: str) -> None:
    sys.stderr.write(f"madoguchi: {message}\n")
    sys.stderr.flush()


@contextmanager
def _open_database(settings: Settings) -> Iterator[Database]:
    """The database as a command needs it: of the newest schema, and closed afterwards."""
    with closing(Database(settings.database)) as database:
        database.migrate()
        yield database


@app.command()
def run() -> None:
    """Prepare what has changed, start both processes, and stop them on Ctrl-C."""
    from actions.supervisor import StartError, Supervisor, prepare_database, prepare_dialogue, prepare_index

    settings = Settings()
    try:
        prepare_index(settings, _say)
        prepare_dialogue(settings, _say)
        prepare_database(settings, _say)
    except StartError as error:
        _say(str(error))
        raise typer.Exit(1) from error
    except KeyboardInterrupt as error:
        _say("stopped")
        raise typer.Exit(130) from error
    raise typer.Exit(Supervisor(settings, _say).run())


@app.command()
def prepare() -> None:
    """Prepare index and dialogue model without starting anything."""
    from actions.supervisor import StartError, prepare_dialogue, prepare_index

    settings = Settings()
    try:
        prepare_index(settings, _say)
        prepare_dialogue(settings, _say)
    except StartError as error:
        _say(str(error))
        raise typer.Exit(1) from error


@app.command()
def serve() -> None:
    """The `app` process: public port and, on the internal port, Rasa's webhook."""
    from actions.server import serve as serve_app

    settings = Settings()
    configure_logs(settings.log_level)
    try:
        serve_app(settings)
    except (OSError, KnowledgeError) as error:
        _say(f"cannot start: {error}")
        raise typer.Exit(1) from error


@app.command()
def demo(
    desk: Annotated[str, typer.Option(help="where the desk is")] = "http://127.0.0.1:8000",
    port: Annotated[int, typer.Option(help="port of the shop")] = 8001,
) -> None:
    """A sample shop with the widget, on 127.0.0.1. The desk needs MADOGUCHI_FRAME_ANCESTORS=http://127.0.0.1:8001."""
    from actions.server import serve_shop

    _say(f"the sample shop: http://127.0.0.1:{port}/")
    try:
        serve_shop(desk, port)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


@app.command()
def cases(as_json: Annotated[bool, typer.Option("--json", help="all cases, decrypted, as JSON")] = False) -> None:
    """List the cases, for the local administrator."""
    settings = Settings()
    with _open_database(settings) as database:
        found = Cases(database, load_master(settings.keys)).list_all()
    if as_json:
        sys.stdout.write(json.dumps([case.as_dict() for case in found], ensure_ascii=False, indent=1) + "\n")
        return
    table = Table("receipt", "kinds", "state", "arrived (UTC)")
    for case in found:
        table.add_row(case.receipt, ", ".join(case.kinds), case.state, f"{case.created_at:%Y-%m-%d %H:%M}")
    Console().print(table)


@app.command()
def account(
    name: Annotated[str, typer.Argument(help="the name to sign in with")],
    role: Annotated[str, typer.Option(help=", ".join(list_roles()))] = "officer",
    remove: Annotated[bool, typer.Option("--remove", help="remove it and end its sessions")] = False,
) -> None:
    """Create an account, or give it a new password, which is shown once; or remove one. The audit chain tells of it."""
    settings = Settings()
    with _open_database(settings) as database:
        accounts, audit = Accounts(database), Audit(database, load_master(settings.keys))
        if remove:
            if not accounts.remove(name):
                raise typer.BadParameter("there is no such account")
            audit.record(Entry("administrator", "remove_account", detail={"account": name}))
            return
        try:
            password = accounts.create(name, role)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error
        audit.record(Entry("administrator", "make_account", detail={"account": name, "role": role}))
    sys.stdout.write(f"{password}\n")


@app.command()
def questions(
    export: Annotated[
        Path | None, typer.Option(help="a shop's folder, to write the reviewed wordings into", file_okay=False)
    ] = None,
) -> None:
    """Count questions that were not answered; or write the reviewed wordings for the next `python -m knowledge build`.

    Standard output has no customer's words: what is exported was worded by officers.
    """
    from actions.cases.reviewed import export_wordings
    from actions.services import open_services

    services = open_services(Settings())
    if export is None:
        table = Table("what", "questions")
        for name, count in asdict(services.reviews.count()).items():
            table.add_row(name, str(count))
        Console().print(table)
        return
    done = export_wordings(services.reviews.list_wordings(), services.bundle.policy.clause_ids, export)
    for name, count in asdict(done).items():
        sys.stdout.write(f"{name.replace('_', ' ')}: {count}\n")
    _say(f"written to {export}; now `python -m knowledge build --shop {export}`, or the next `make run`")


@app.command()
def purge(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only count what would be deleted")] = False,
) -> None:
    """Delete what has outlived its retention; the desk does so itself every night."""
    from actions.services import open_services

    settings = Settings()
    configure_logs(settings.log_level)
    services = open_services(settings)
    with closing(services.database):
        done = services.upkeep.purge(dry=dry_run)
        turns = 0 if dry_run else services.conversations.purge(settings.draft_hours, settings.transcript_days)
        asked = services.questions.purge(settings.transcript_days, settings.question_days, dry=dry_run)
        events = 0 if dry_run else services.trackers.purge(settings.transcript_days)
    table = Table("what", "would be" if dry_run else "were")
    more = {"questions and ratings": asked.deleted, "their links": asked.unlinked}
    for name, count in {**asdict(done), "conversation rows": turns, **more, "engine events": events}.items():
        table.add_row(name, str(count))
    Console().print(table)


@app.command(name="verify-audit")
def verify_audit(
    head: Annotated[str, typer.Option(help="a head noted earlier, seq:hash: it must still be in the chain")] = "",
) -> None:
    """Check the audit chain. Exit code 0: whole; 1: changed, with every problem found. Note the head elsewhere."""
    settings = Settings()
    with _open_database(settings) as database:
        verdict = Audit(database, load_master(settings.keys)).verify(head)
    for problem in verdict.problems:
        _say(problem)
    if verdict.problems:
        raise typer.Exit(1)
    sys.stdout.write(f"{verdict.head}\n")
    _say(f"{verdict.length} entries, whole; note the line above where nobody who keeps this database can write")


@app.command()
def diagram() -> None:
    """The way of a request as Markdown with a picture, as in docs/workflow.md."""
    sys.stdout.write(draw_workflow())


@app.command()
def settings() -> None:
    """All settings with their defaults and meanings."""
    table = Table("variable", "default", "meaning")
    for name, field in Settings.model_fields.items():
        table.add_row(f"MADOGUCHI_{name.upper()}", str(field.default), field.description or "")
    Console().print(table)


def main() -> None:
    """Run the command line; a bad setting is a sentence, not a trace."""
    try:
        app()
    except ValidationError as error:
        for problem in error.errors(include_input=False, include_url=False):
            where = "_".join(str(part) for part in problem["loc"]).upper()
            _say(f"setting {f'MADOGUCHI_{where}' if where else 'refused'}: {problem['msg']}")
        sys.exit(2)


if __name__ == "__main__":
    main()
