"""What a customer types is found nowhere in clear: no table, no log, no file, and not in the engine's memory."""

from __future__ import annotations

import uuid
from pathlib import Path

import httpx
import pytest

from tests.journeys.desk import ASKED, Desk, Talk

pytestmark = pytest.mark.journey

# Distinctive enough that any trace is theirs.
PERSONS = {
    "ja": {
        "details": "水色の万年筆カバー7319番の控えを見たい",
        "name": "鵜飼せせらぎ",
        "email": "seseragi.ukai@example.com",
        "phone": "03-0000-7319",
    },
    "en": {
        "details": "The turquoise penholder cover, order 88431177",
        "name": "Philippa Rosenquist",
        "email": "philippa.r@example.com",
        "phone": "+44 20 7946 0731",
    },
}
FOLLOWING = {"ja": ("それはなぜ?", "もっと詳しく"), "en": ("Why is that?", "Tell me more")}
WORDS = (
    *PERSONS["ja"].values(),
    *PERSONS["en"].values(),
    "万年筆カバー",
    "penholder",
    "Rosenquist",
    "せせらぎ",
    "88431177",
)


def tell_chat(http: httpx.Client, language: str) -> list[str]:
    """Everything by chat: with one's name in the opening message, in a question, in what cannot be read."""
    person = PERSONS[language]
    asking = Talk(http, language)  # what was asked before travels with what follows on from it
    asking.say_all(f"{person['details']}: {ASKED[language]}", *FOLLOWING[language])
    talk = Talk(http, language)
    talk.say(f"{person['name']} {person['email']} {person['phone']} {person['details']}")
    talk.say("/request:disclosure")
    talk.say(person["details"])
    talk.say(f"{person['name']} https://example.com/?a=1")  # no name: asked again
    talk.say(person["name"])
    talk.say(f"{person['email']} x.{person['email']}")  # two addresses: asked again
    talk.say(person["email"])
    talk.say(person["phone"])
    talk.say("/change:name")
    talk.say(person["name"])
    filed = talk.say("/affirm")
    left = Talk(http, language)  # a draft that is never sent
    left.say_all("/request:complaint", *person.values())
    stopped = Talk(http, language)  # and one that is given up
    stopped.say_all("/request:complaint", *person.values(), "/cancel")
    return [filed["request"]["receipt"]]


def tell_form(http: httpx.Client, language: str) -> None:
    """The form, once with a field that cannot be read."""
    form = {**PERSONS[language], "kind": "suspension", "filing_key": str(uuid.uuid4())}
    assert http.post("/requests/new", data={**form, "email": f"{form['email']} {form['email']}x"}).status_code == 422
    assert http.post("/requests/new", data=form).status_code == 303


def tell_everything_else(http: httpx.Client, language: str) -> None:
    """Where nobody should type it: in questions, in bad requests, in addresses, at the officer's door."""
    person = PERSONS[language]
    all_of_it = " ".join(person.values())
    http.post("/api/ask", json={"question": all_of_it})
    http.post("/api/ask", json={"question": [all_of_it]})
    http.post("/api/chat", json={"message": all_of_it, "message_id": all_of_it})
    http.post("/api/chat", json={"message": all_of_it * 100})
    http.post("/api/chat", content=f'{{"message": "{all_of_it}'.encode())
    http.post("/api/chat", json={"message": "hello", "conversation_id": all_of_it})
    http.post("/", data={"message": all_of_it * 100})
    http.get("/requests/new", params={"kind": all_of_it})
    http.get(f"/{person['name']}/{person['email']}")
    http.post("/desk/sign-in", data={"name": person["name"], "password": person["email"]})


def test_nothing_that_was_typed_is_found_in_clear(desk: Desk, http: httpx.Client) -> None:
    receipts = []
    for language in PERSONS:
        receipts += tell_chat(http, language)
        tell_form(http, language)
        tell_everything_else(http, language)
    cases = desk.list_cases()
    assert [cases[receipt].fields for receipt in receipts] == list(PERSONS.values())  # it is all there, sealed
    assert desk.find_in_clear(WORDS) == []


@pytest.mark.parametrize(
    ("word", "file"),
    [("exercise_disclosure", "tracker.sqlite3"), ("disclosure", "madoguchi.sqlite3"), ("milliseconds", "logs/app.log")],
)
def test_the_search_would_find_it(desk: Desk, talk: Talk, word: str, file: str) -> None:
    talk.say_all("/request:disclosure", *PERSONS["ja"].values(), "はい")
    # A table's newest rows may still be in its write-ahead log.
    assert {file, f"{file}-wal"} & {path for path, _ in desk.find_in_clear((word,))}


@pytest.mark.parametrize("word", ["せせらぎ", "seseragi@example.com", "O'Example"])
@pytest.mark.parametrize("encode", ["utf-8", "utf-16-le", "json", "address"])
def test_the_search_knows_how_words_are_written(desk: Desk, tmp_path: Path, word: str, encode: str) -> None:
    import json
    from urllib.parse import quote

    forms = {"json": json.dumps({"text": word}), "address": f"GET /?q={quote(word)}"}
    content = forms[encode].encode() if encode in forms else word.encode(encode)
    elsewhere = Desk.__new__(Desk)
    elsewhere.state = tmp_path
    (tmp_path / "file").write_bytes(b"\0before" + content + b"after\0")
    assert elsewhere.find_in_clear((word,)) == [("file", word)]


def test_the_keys_are_readable_by_the_owner_only(desk: Desk) -> None:
    keys = desk.state / "keys"
    assert (keys.stat().st_mode & 0o777, (keys / "master.json").stat().st_mode & 0o777) == (0o700, 0o600)
