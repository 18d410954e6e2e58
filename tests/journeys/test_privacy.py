"""What a customer types is found nowhere in clear: no table, log, file, address, export, nor the engine's memory; in a
mail nowhere but in its salutation and address.
"""

from __future__ import annotations

import email
import email.policy
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import quote

import pytest

from actions.services import open_services
from tests.journeys.canary import FIELDS, KINDS_OF_LETTERS, PEOPLE, WORDS, Trail, Walk, dump_columns
from tests.journeys.desk import Desk, Talk, list_written_forms, make_state, wait_until
from tests.journeys.officers import enlist
from tests.smtp import run_server
from tests.stores import open_schema

pytestmark = pytest.mark.journey

OFFICER_MAIL = "officer@shop.example.com"
SETTLED = {"sent", "written", "handed", "void"}


@dataclass
class Left:
    """What two people's walks through a desk have left behind."""

    desk: Desk
    trail: Trail
    walks: list[Walk]
    exports: list[str]
    columns: bytes
    written: set[str]  # templates of all letters
    mails: list[EmailMessage] = field(default_factory=list)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def left(request: pytest.FixtureRequest, prepared: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Left]:
    """Two people's whole walks: on SQLite with mails as files, on PostgreSQL with a mail server."""
    settings = {"fee_disclosure_yen": "300", "officer_mail": OFFICER_MAIL}
    state = make_state(tmp_path_factory.mktemp("canary"))
    if request.param == "sqlite":
        yield walk(Desk(state, **settings))
        return
    with open_schema("canary") as url, run_server() as server:
        found = walk(Desk(state, database_url=url, smtp_url=server.url, **settings))
        found.mails = [mail.message for mail in server.received]
        yield found


def walk(desk: Desk) -> Left:
    """Everything for both people, until no mail waits any more; the desk is closed afterwards."""
    trail, exports = Trail(), []
    services = open_services(desk.settings)
    try:
        desk.start()
        with trail.open(desk) as one, trail.open(desk) as other:
            officer, approver = enlist(desk, one, "rin"), enlist(desk, other, "sota", "approver")
            walks = [Walk(desk, services, trail, officer, approver, language) for language in PEOPLE]
            for each in walks:
                each.chat()
                each.fill_in()
                each.telephone()
                each.confirm()
                each.withdraw()
                each.work()
                each.correct()
                each.look_closer()
                each.review()
                each.mistype()
                exports.append(each.look_around())
        wait_until(lambda: list_states(walks) <= SETTLED, "no mail waits")
        columns = dump_columns(services)
        written = {mail.template for each in walks for name in each.filed for mail in each.list_mails(name)}
        mails = [
            email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            for path in desk.settings.mails.glob("*.eml")
        ]
        return Left(desk, trail, walks, exports, columns, written, mails)  # type: ignore[arg-type]
    finally:
        services.database.close()
        desk.stop()


def list_states(walks: list[Walk]) -> set[str]:
    """How far the mails of all requests are."""
    return {mail.state for each in walks for name in each.filed for mail in each.list_mails(name)}


def test_it_is_all_there_sealed(left: Left) -> None:
    cases = left.desk.list_cases()
    for each in left.walks:
        person = each.person
        assert set(each.filed) == {"chat", "form", "agent", "telephone"}
        for receipt in each.filed.values():
            given = cases[receipt].fields
            corrected = "corrected_" if receipt == each.filed["telephone"] else ""
            expected = {name: person[f"{corrected}{name}"] for name in FIELDS[1:]}
            assert {name: given[name] for name in FIELDS[1:]} == expected
            assert person["details"] in given["details"]  # of the conversation, with all that was said first
        assert cases[each.filed["agent"]].represented == person["represented"]
        said = " ".join(word.body for word in cases[each.filed["chat"]].words)
        for name in ("answer", "note", "question", "message", "extension", "reason", "measure", "reopened"):
            assert person[name] in said, name
        told = " ".join(word.body for word in cases[each.filed["telephone"]].words)
        assert person["why"] in told


def test_every_kind_of_letter_was_written(left: Left) -> None:
    assert left.written == KINDS_OF_LETTERS


def test_nothing_is_found_in_files(left: Left) -> None:
    # The database with its write-ahead log, the engine's memory, the logs of both. Mails have a test of their own.
    found = left.desk.find_in_clear(WORDS)
    assert [(path, word) for path, word in found if not path.startswith("mails/")] == []


def test_nothing_is_found_in_any_column(left: Left) -> None:
    assert [word for word in WORDS if any(form in left.columns for form in list_written_forms(word))] == []


def test_nothing_is_found_in_any_address(left: Left) -> None:
    addresses = "\n".join(left.trail.addresses).encode()
    assert [word for word in WORDS if any(form in addresses for form in list_written_forms(word))] == []


def test_nothing_is_found_in_an_export(left: Left) -> None:
    assert [word for word in WORDS for export in left.exports if word in export] == []


def test_in_a_mail_only_the_salutation_and_the_address_are_personal(left: Left) -> None:
    # A letter that followed to the new address was written before the name was corrected.
    names = {
        each.person[address]: (each.person["name"], each.person["corrected_name"])
        for each in left.walks
        for address in ("email", "corrected_email")
    }
    assert {str(mail["To"]) for mail in left.mails} == {*names, OFFICER_MAIL}
    for mail in left.mails:
        known = names.get(str(mail["To"]), ())
        rest = [str(value) for header, value in mail.items() if header != "To"]
        for part in ("plain", "html"):
            body = mail.get_body((part,))
            assert body is not None
            text = str(body.get_content())
            assert sum(text.count(name) for name in known) == bool(known)
            salutations = "|".join(f"{name} 様|Dear {name}," for name in known)
            rest.append(re.sub(salutations, "", text, count=1) if known else text)
        assert [word for word in WORDS for one in rest if word in one] == []


def test_the_searches_would_find_it(left: Left) -> None:
    receipt = left.walks[0].filed["chat"]
    assert receipt.encode() in left.columns
    assert all(receipt in export for export in left.exports)
    assert any(receipt in address for address in left.trail.addresses)
    assert any("/confirm/" in address for address in left.trail.addresses)
    assert any(receipt in str(mail["Subject"]) for mail in left.mails)
    assert {"disclosure", "milliseconds"} == {
        word for _, word in left.desk.find_in_clear(("disclosure", "milliseconds"))
    }
    if not left.desk.settings.smtp_url.get_secret_value():  # the address stands in the head of a mail's file
        assert {path.split("/")[0] for path, _ in left.desk.find_in_clear((PEOPLE["ja"]["email"],))} == {"mails"}


@pytest.mark.parametrize(
    ("word", "file"),
    [("exercise_disclosure", "tracker.sqlite3"), ("disclosure", "madoguchi.sqlite3"), ("milliseconds", "logs/app.log")],
)
def test_the_search_would_find_it(desk: Desk, talk: Talk, word: str, file: str) -> None:
    talk.say_all("/request:disclosure", *(PEOPLE["ja"][name] for name in FIELDS), "はい")
    talk.say("/request:disclosure")  # the engine remembers a request that is being entered, no other
    # A table's newest rows may still be in its write-ahead log.
    assert {file, f"{file}-wal"} & {path for path, _ in desk.find_in_clear((word,))}


@pytest.mark.parametrize("word", ["せせらぎ", "seseragi@example.com", "O'Example"])
@pytest.mark.parametrize("encode", ["utf-8", "utf-16-le", "json", "address"])
def test_the_search_knows_how_words_are_written(tmp_path: Path, word: str, encode: str) -> None:
    forms = {"json": json.dumps({"text": word}), "address": f"GET /?q={quote(word)}"}
    content = forms[encode].encode() if encode in forms else word.encode(encode)
    elsewhere = Desk.__new__(Desk)
    elsewhere.state = tmp_path
    (tmp_path / "file").write_bytes(b"\0before" + content + b"after\0")
    assert elsewhere.find_in_clear((word,)) == [("file", word)]


def test_the_keys_are_readable_by_the_owner_only(desk: Desk) -> None:
    keys = desk.state / "keys"
    assert (keys.stat().st_mode & 0o777, (keys / "master.json").stat().st_mode & 0o777) == (0o700, 0o600)
