"""`python -m actions backup | restore | doctor`: what whoever runs the desk does with it from the terminal."""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from actions.cases.backup import BackupError, Manifest, back_up, restore
from actions.cases.keyfile import KeyFileError, read_keys, write_keys
from actions.doctor import Finding, examine, word_setting
from actions.settings import Settings
from knowledge.bundle import Library
from knowledge.errors import KnowledgeError

_PASSPHRASE = "file with the passphrase of the keys, instead of asking for it"  # noqa: S105  a help text


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command(name="backup")(back_up_desk)
    app.command(name="restore")(restore_desk)
    app.command(name="doctor")(examine_desk)


def back_up_desk(
    folder: Annotated[Path, typer.Argument(help="a new folder for the backup")],
    keys: Annotated[Path | None, typer.Option(help="write the keys, too, into this new file elsewhere, sealed")] = None,
    passphrase_file: Annotated[Path | None, typer.Option(help=_PASSPHRASE)] = None,
) -> None:
    """Copy database and engine memory as of one moment, while the desk runs. Keys go apart, or nowhere."""
    settings = Settings()
    if keys and keys.resolve().is_relative_to(folder.resolve()):
        raise typer.BadParameter("the keys must not lie with what they open")
    try:
        if keys:
            write_keys(settings.keys, keys, _ask_passphrase(passphrase_file, confirm=True))
            _say(f"keys: written to {keys}; keep it and its passphrase apart from {folder}")
        manifest = back_up(settings, folder)
    except (BackupError, KeyFileError, SQLAlchemyError) as error:
        raise _fail(error) from error
    _tell(manifest, f"backed up to {folder}")
    if manifest.problems:
        _say(f"the audit chain was not whole already ({manifest.problems[0]}): see `verify-audit`")
        raise typer.Exit(1)


def restore_desk(
    folder: Annotated[Path, typer.Argument(help="the backup's folder")],
    force: Annotated[bool, typer.Option("--force", help="replace a database that holds something")] = False,
    keys: Annotated[Path | None, typer.Option(help="a file of keys that `backup --keys` wrote")] = None,
    passphrase_file: Annotated[Path | None, typer.Option(help=_PASSPHRASE)] = None,
) -> None:
    """Check a backup and put it in place. The desk must be stopped; a backup that does not fit changes nothing."""
    settings = Settings()
    if is_listening(settings.internal_host, settings.webhook_port):
        raise _fail(BackupError(f"the desk is running (port {settings.webhook_port}): stop it first"))
    try:
        if keys:
            read_keys(keys, _ask_passphrase(passphrase_file), settings.keys)
        sender = settings.mail_from or Library(settings.index).bundle.policy.shop.email
        manifest = restore(settings, folder, sender, force=force)
    except (BackupError, KeyFileError, KnowledgeError, SQLAlchemyError) as error:
        raise _fail(error) from error
    _tell(manifest, f"restored from {folder}, of {manifest.made_at}")


def examine_desk(as_json: Annotated[bool, typer.Option("--json", help="the findings as JSON")] = False) -> None:
    """Look at settings, keys, database, index, engine, ports, mail, time and disk. Exit code 1: something is wrong."""
    try:
        findings = examine(Settings())
    except ValidationError as error:
        findings = [word_setting(one) for one in error.errors(include_input=False, include_url=False)]
    if as_json:
        sys.stdout.write(json.dumps([one.as_dict() for one in findings], indent=1) + "\n")
    else:
        _show(findings)
    if any(one.level == "wrong" for one in findings):
        raise typer.Exit(1)


def _show(findings: list[Finding]) -> None:
    for one in findings:
        sys.stdout.write(f"{one.level:8} {one.name:10} {one.found}\n")
        if one.advice:
            sys.stdout.write(f"{'':19} → {one.advice}\n")


def is_listening(host: str, port: int) -> bool:
    """Whether somebody takes connections there."""
    try:
        socket.create_connection((host, port), 1.0).close()
    except OSError:
        return False
    return True


def _ask_passphrase(file: Path | None, *, confirm: bool = False) -> str:
    if file is None:
        return str(typer.prompt("passphrase of the keys", hide_input=True, confirmation_prompt=confirm))
    try:
        return file.read_text("utf-8").strip()
    except (OSError, UnicodeError) as error:
        raise typer.BadParameter(f"{file} cannot be read") from error


def _tell(manifest: Manifest, done: str) -> None:
    _say(f"{done}: {manifest.cases} cases, audit chain up to {manifest.head.partition(':')[0] or 'nothing'}")


def _fail(error: Exception) -> typer.Exit:
    # Of a database's error only the kind: its text may hold an address with a password.
    _say(type(error).__name__ if isinstance(error, SQLAlchemyError) else str(error))
    return typer.Exit(1)


def _say(message: str) -> None:
    sys.stderr.write(f"madoguchi: {message}\n")
    sys.stderr.flush()
