"""The whole loop: asked in vain in the chat, worded anew at the desk, exported, built, and answered in the chat."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from actions.__main__ import app
from knowledge.builder import build_retriever
from knowledge.bundle import Bundle, Library, save_bundle
from knowledge.evaluation import load_questions, run_questions
from knowledge.policy import load_policy
from knowledge.wordings import load_wordings
from tests.actions.conftest import SHOP, _choose
from tests.actions.web.officers import read_forms, sign_in
from tests.editions import copy_policy

ASKED = "靴のサイズは控えていますか"
CLAUSE = "collected"
WORDED = (
    "靴の大きさも記録しているのですか",
    "靴のサイズを控えてあるのか知りたいです",
    "足のサイズも控えて残すのでしょうか",
    "靴のサイズは集める情報に入りますか",
    "靴のサイズまで控えて残していますか",
)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The wordings of the tests' small index as a shop's folder."""
    folder = copy_policy(SHOP, tmp_path / "shop")
    (folder / "wordings").mkdir()
    chosen = _choose(load_wordings(SHOP / "wordings"), "ja")
    rows = [
        {
            "q": one.text,
            **(
                {"clauses": list(one.clauses)}
                if one.clauses
                else {"silent": one.silent}
                if one.silent
                else {"offtopic": one.offtopic}
            ),
        }
        for one in chosen
    ]
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    (folder / "wordings" / "few.ja.jsonl").write_text("\n".join([*lines, ""]), "utf-8")
    return folder


def _build(shop: Path, former: Bundle, root: Path) -> None:
    """What `python -m knowledge build` does, without the encoder's fine-tuning (see the fixture `index`)."""
    policy = load_policy(shop)
    wordings = load_wordings(shop / "wordings", policy.clause_ids)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("knowledge.builder.train_encoder", lambda *given, **_: np.asarray(given[3], np.float16))
        japanese = build_retriever(policy, wordings, "ja", encoder_name="", progress=lambda _: None)
    retrievers = {**former.retrievers, "ja": japanese}
    save_bundle(Bundle(policy, retrievers, "learned", former.spelling), shop, root, "")


async def test_what_was_asked_in_vain_is_answered_when_an_officer_has_taught_it(
    open_desk: Callable[..., Any], index: Path, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = Path(shutil.copytree(index, tmp_path / "shelf"))
    desk = open_desk(shelf=Library(root))
    before = await desk.client.post("/api/ask", json={"question": ASKED})
    assert before.json()["status"] == "not_covered"
    await desk.chat(ASKED)
    (question,) = desk.services.reviews.list_queue("open", "ja")
    assert question.text == ASKED

    officer = await sign_in(desk)
    path = f"/desk/questions/{question.id}"
    form = next(one for one in read_forms((await officer.get(path)).text) if one.action.startswith(path))
    filled = {"decision": "clause", "clause": CLAUSE, "wording": "\n".join(WORDED), "entry": question.id}
    response = await officer.post(form.action, data={**form.values, **filled})
    assert response.status_code == 303, response.text
    await officer.aclose()

    (desk.services.settings.state / "knowledge").symlink_to(root)
    monkeypatch.setenv("MADOGUCHI_STATE", str(desk.services.settings.state))
    result = CliRunner().invoke(app, ["questions", "--export", str(shop)])
    assert result.exit_code == 0, result.output
    files = {path.relative_to(shop).as_posix() for path in shop.rglob("reviewed.*")}
    assert files == {"wordings/reviewed.ja.jsonl", "development/reviewed.ja.jsonl"}
    for file in files:
        assert ASKED not in (shop / file).read_text("utf-8")  # the customer's words have not left the tables

    _build(shop, desk.services.bundle, root)
    assert desk.services.library.reload()
    after = (await desk.client.post("/api/ask", json={"question": ASKED})).json()
    assert (after["status"], after["citations"][0]["clause_id"]) == ("answered", CLAUSE)
    asked = load_questions(shop / "development" / "reviewed.ja.jsonl")
    outcomes = run_questions(desk.services.bundle, asked)
    assert outcomes
    assert {outcome.question.clauses for outcome in outcomes} == {(CLAUSE,)}
    assert not {outcome.question.text for outcome in outcomes} & {one.text for one in load_wordings(shop / "wordings")}
