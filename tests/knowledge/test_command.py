from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from knowledge import __main__ as command
from knowledge import terminal
from knowledge.answer import answer_question
from knowledge.bundle import Bundle, Library, find_current
from knowledge.lookup import look_up

_ANSWERED = "ヤマト運輸に情報を渡していますか"
_ANSWERED_EN = "What is my information used for?"
_NOT_COVERED = "クッキーは使っていますか"
_KEYS = ["status", "language", "answer", "citations", "suggestions"]


@dataclass(frozen=True)
class _Result:
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Standard output as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., _Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command in this process: exit code and both streams."""
    monkeypatch.setenv("TOKENIZERS_PARALLELISM", "false")  # the command sets it: put back after the test
    for name in ("MADOGUCHI_INDEX", "MADOGUCHI_ENCODER"):
        monkeypatch.delenv(name, raising=False)

    def call(*arguments: object) -> _Result:
        monkeypatch.setattr(sys, "argv", ["knowledge", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            command.main()
        streams = capsys.readouterr()
        code = stopped.value.code
        return _Result(code if isinstance(code, int) else 0 if code is None else 1, streams.out, streams.err)

    return call


@pytest.mark.parametrize(
    ("question", "code", "status"),
    [
        (_ANSWERED, 0, "answered"),
        (_ANSWERED_EN, 0, "answered"),
        (_NOT_COVERED, 3, "not_covered"),
        ("👍", 3, "out_of_scope"),
        ("\x00", 3, "out_of_scope"),
    ],
)
def test_exit_code_tells_whether_the_policy_answers(
    run: Run, small_index: Path, question: str, code: int, status: str
) -> None:
    result = run("ask", question, "--json", "--index", small_index)
    assert result.code == code
    assert result.lines[0]["status"] == status
    assert result.err == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask"],
        ["ask", "質問", "--batch", "BATCH"],
        ["ask", "質問", "--language", "fr"],
        ["ask", "--batch", "nowhere.jsonl"],
        ["ask", "--batch", "."],
        ["ask", "質問", "--unknown"],
        ["ask", "質問", "--clause", "use"],
        ["ask", "--clause", "nowhere"],
        ["ask", "質問", "--reply", "fax"],
        ["ask", "--batch", "BATCH", "--reply", "mail"],
        ["nonsense"],
    ],
)
def test_exit_code_is_two_when_the_usage_is_wrong(
    run: Run, small_index: Path, tmp_path: Path, arguments: list[str]
) -> None:
    batch = tmp_path / "batch.jsonl"
    batch.touch()
    tail = ["--index", small_index] if arguments[0] == "ask" else []
    result = run(*(str(batch) if argument == "BATCH" else argument for argument in arguments), *tail)
    assert result.code == 2
    assert result.out == ""
    assert result.err


def test_json_is_one_line_of_the_wire_form(run: Run, small_index: Path) -> None:
    result = run("ask", _ANSWERED, "--json", "--index", small_index)
    assert result.out.count("\n") == 1
    answer = result.lines[0]
    assert list(answer) == _KEYS
    assert list(answer["citations"][0]) == ["clause_id", "section", "item", "quote", "url", "policy_version"]
    assert answer["citations"][0]["quote"] == "ヤマト運輸株式会社"  # unescaped: a terminal shows it


def test_language_is_chosen_when_given(run: Run, small_index: Path) -> None:
    answer = run("ask", "privacy", "--language", "ja", "--json", "--index", small_index).lines[0]
    assert answer["language"] == "ja"
    answer = run("ask", "DHLに情報を渡していますか", "--language", "en", "--json", "--index", small_index).lines[0]
    assert answer["language"] == "en"


@pytest.mark.parametrize(
    ("question", "shown"),
    [
        (_ANSWERED, ["ヤマト運輸株式会社", "お客様情報の預託について 1.1", "/policy/1-48acc39a#entrusted.1.1"]),
        (_ANSWERED_EN, ["We use the customer information", "当社は当サイトにおいて"]),
        (_NOT_COVERED, ["0120-123-082", "inquiry@coverchord.com"]),
    ],
)
def test_answer_is_shown_with_its_quotes_when_no_json_is_asked_for(
    run: Run, small_index: Path, bundle: Bundle, question: str, shown: list[str]
) -> None:
    result = run("ask", question, "--index", small_index)
    assert [text for text in shown if text not in result.out] == []
    assert result.out.startswith(answer_question(bundle, question).text)


@pytest.mark.parametrize(
    ("question", "word"), [(_ANSWERED, "確か"), (_ANSWERED_EN, "Sure"), (_NOT_COVERED, "記載なし")]
)
def test_how_sure_an_answer_is_is_said_in_words(run: Run, small_index: Path, question: str, word: str) -> None:
    result = run("ask", question, "--index", small_index)
    assert f"\n{word}  1-48acc39a\n" in result.out
    assert "\x1b" not in result.out  # no colour where there is no terminal


@pytest.mark.parametrize(
    ("name", "clauses"),
    [("rights.1.2", ["rights.1.2"]), ("お客様情報に関する事項 6", ["rights.6"]), ("利用停止", ["changes", "rights.4"])],
)
def test_a_clause_is_looked_up_when_named(run: Run, small_index: Path, name: str, clauses: list[str]) -> None:
    (found,) = run("ask", "--clause", name, "--json", "--index", small_index).lines
    assert (found["certainty"], [one["clause_id"] for one in found["citations"]]) == ("named", clauses)
    shown = run("ask", "--clause", name, "--index", small_index)
    assert shown.code == 0
    assert shown.err == ""
    assert all(f"/policy/1-48acc39a#{clause}" in shown.out for clause in clauses)


def test_a_reply_alone_is_data_and_what_is_open_a_message(run: Run, small_index: Path, shop: Path) -> None:
    options = ("--index", small_index, "--shop", shop)
    result = run("ask", _ANSWERED, "--reply", "mail", *options)
    assert result.code == 0
    assert result.out.startswith("【COVERCHORD】")
    assert "［要記入：お客様のお名前］ 様" in result.out
    assert "［要記入：ポリシーを掲載しているサイトのURL］/policy/1-48acc39a#entrusted.1.1" in result.out
    assert "未記入: お客様のお名前" in result.err
    assert "言わないこと" in result.err
    short = run("ask", "--clause", "rights.1", "--reply", "chat", "--pages", "https://p.example.com/", *options)
    assert "https://p.example.com/requests/new?kind=disclosure&lang=ja\n" in short.out
    assert "【" not in short.out


def test_marks_are_shown_as_they_are_when_the_reply_is_english(run: Run, small_index: Path, shop: Path) -> None:
    # Square brackets are the markup of the library that writes to the terminal.
    result = run("ask", _ANSWERED_EN, "--reply", "chat", "--index", small_index, "--shop", shop)
    assert "Hello [to fill in: customer's name], thank you" in result.out


def test_a_reply_stands_beside_the_answer_when_json_is_asked_for(run: Run, small_index: Path, shop: Path) -> None:
    options = ("--json", "--index", small_index, "--shop", shop)
    (answer,) = run("ask", _NOT_COVERED, "--reply", "mail", *options).lines
    assert list(answer) == [*_KEYS, "reply"]
    assert answer["reply"]["purpose"] == "not_covered"
    assert answer["reply"]["open"] == ["name", "question", "staff", "answer_by", "pages"]
    nothing = run("ask", "👍", "--reply", "mail", *options)
    assert nothing.code == 3
    assert nothing.lines[0]["reply"] is None


def test_there_is_no_reply_when_the_shop_has_no_templates(run: Run, small_index: Path, small_shop: Path) -> None:
    result = run("ask", _ANSWERED, "--reply", "mail", "--index", small_index, "--shop", small_shop)
    assert result.code == 1
    assert result.err.startswith("replies/ja.toml")
    assert result.out == ""


def test_no_colour_is_written_when_it_is_not_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    for unwanted, coloured in (("1", False), ("", True)):
        monkeypatch.setenv("NO_COLOR", unwanted)
        page = io.StringIO()
        Console(file=page, force_terminal=True, color_system="standard").print("確か", style="green")
        assert ("\x1b[32m" in page.getvalue()) == coloured


def test_a_panel_is_as_wide_as_the_screen_when_its_text_is_japanese(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = io.StringIO()
    monkeypatch.setattr(terminal, "screen", Console(file=page, width=61))
    terminal.show_lookup(look_up(bundle, "rights.3"), bundle.policy)
    panel = [line for line in page.getvalue().splitlines() if line.startswith(("│", "╭", "╰"))]
    assert len(panel) > 5
    assert {cell_len(line) for line in panel} == {61}


def test_batch_answers_line_by_line(
    run: Run, small_index: Path, tmp_path: Path, write_lines: Callable[..., None]
) -> None:
    batch = tmp_path / "batch.jsonl"
    rows = [
        {"id": "a", "q": _ANSWERED},
        {"id": 2, "q": _NOT_COVERED},
        {"id": "c", "q": ""},
        {"id": "d", "q": "line\u2028separator \u0085 'quote' \ud83d"},
        {"id": "e", "q": 42, "more": "is ignored"},
    ]
    batch.write_bytes(b"\n".join(json.dumps(row, ensure_ascii=row["id"] == "d").encode() for row in rows) + b"\n\n")
    result = run("ask", "--batch", batch, "--index", small_index)
    assert result.code == 0  # a batch that ran is 0, whatever it answered
    assert [list(line) for line in result.lines] == [["id", "status", "language", "citations"]] * 5
    assert [line["id"] for line in result.lines] == ["a", 2, "c", "d", "e"]
    assert [line["status"] for line in result.lines][:3] == ["answered", "not_covered", "out_of_scope"]
    single = run("ask", _ANSWERED, "--json", "--index", small_index).lines[0]
    assert result.lines[0]["citations"] == single["citations"]


def test_batch_takes_separators_that_json_leaves_unescaped(run: Run, small_index: Path, tmp_path: Path) -> None:
    # str.splitlines() cuts at these, in the middle of a JSON string.
    batch = tmp_path / "batch.jsonl"
    batch.write_text('{"id": 1, "q": "個人情報\u2028と\u0085目的"}\r\n', "utf-8", newline="")
    result = run("ask", "--batch", batch, "--index", small_index)
    assert result.code == 0
    assert len(result.out.split("\n")) == 2


def test_batch_uses_the_chosen_language(
    run: Run, small_index: Path, tmp_path: Path, write_lines: Callable[..., None]
) -> None:
    batch = tmp_path / "batch.jsonl"
    write_lines(batch, [{"id": 1, "q": _ANSWERED}])
    assert run("ask", "--batch", batch, "--language", "en", "--index", small_index).lines[0]["language"] == "en"


@pytest.mark.parametrize("line", ["not json", "[]", "3", '{"id": 1}', '{"q": "x"}', '"text"', "\xff"])
def test_batch_names_the_line_that_is_malformed(run: Run, small_index: Path, tmp_path: Path, line: str) -> None:
    batch = tmp_path / "batch.jsonl"
    batch.write_bytes(b'{"id": 1, "q": "x"}\n\n' + line.encode("latin-1") + b"\n")
    result = run("ask", "--batch", batch, "--index", small_index)
    assert result.code == 2
    assert "batch.jsonl:3" in result.err
    assert len(result.lines) == 1  # what stood before it is answered


def test_asking_says_what_to_do_when_no_index_was_built(run: Run, tmp_path: Path) -> None:
    result = run("ask", "質問", "--index", tmp_path / "none")
    assert result.code == 1
    assert "python -m knowledge build" in result.err
    assert "Traceback" not in result.err
    assert result.out == ""


def test_index_is_taken_from_the_environment(run: Run, small_index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADOGUCHI_INDEX", str(small_index))
    assert run("ask", _ANSWERED, "--json").code == 0


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch, bundle: Bundle) -> list[str]:
    """Training replaced by the small bundle; tells which sources were trained on."""
    calls: list[str] = []

    def train(shop: Path, encoder: str, sources: str) -> Bundle:
        calls.append(sources)
        return replace(bundle, built_from=sources)

    monkeypatch.setattr(command, "_train", train)
    return calls


def test_build_says_unchanged_at_the_second_run(run: Run, shop_copy: Path, tmp_path: Path, trained: list[str]) -> None:
    index = tmp_path / "index"
    first = run("build", "--shop", shop_copy, "--index", index)
    assert first.code == 0
    assert f"index: {find_current(index)} in" in first.err
    second = run("build", "--shop", shop_copy, "--index", index)
    assert second.code == 0
    assert f"index: unchanged ({find_current(index)})" in second.err
    assert len(trained) == 1
    assert first.out == second.out == ""  # messages are no data
    assert Library(index).bundle.built_from == trained[0]


def test_build_trains_again_when_something_changed(
    run: Run, shop_copy: Path, tmp_path: Path, trained: list[str]
) -> None:
    index = tmp_path / "index"
    run("build", "--shop", shop_copy, "--index", index)
    path = shop_copy / "wordings" / "few.ja.jsonl"
    path.write_text(path.read_text("utf-8") + '{"q": "新しい聞き方", "clauses": ["use"]}\n', "utf-8")
    former = find_current(index)
    run("build", "--shop", shop_copy, "--index", index)
    assert len(set(trained)) == 2
    assert find_current(index) != former


def test_build_trains_again_when_forced(run: Run, shop_copy: Path, index_copy: Path, trained: list[str]) -> None:
    assert "unchanged" in run("build", "--shop", shop_copy, "--index", index_copy).err
    assert run("build", "--shop", shop_copy, "--index", index_copy, "--force").code == 0
    assert len(trained) == 1
    assert Library(index_copy).bundle.built_from == trained[0]


def test_build_trains_again_when_the_current_bundle_is_damaged(
    run: Run, shop_copy: Path, index_copy: Path, trained: list[str]
) -> None:
    (index_copy / find_current(index_copy) / "ja" / "encoder.npy").unlink()
    assert run("ask", "質問", "--index", index_copy).code == 1  # "build again"
    assert run("build", "--shop", shop_copy, "--index", index_copy).code == 0
    assert len(trained) == 1
    assert run("ask", _ANSWERED, "--index", index_copy).code == 0


@pytest.mark.parametrize(
    ("name", "content"),
    [("versions/1/policy.en.md", "no section\n"), ("wordings/few.ja.jsonl", '{"q": "x", "clauses": ["nowhere"]}\n')],
)
def test_build_fails_in_one_line_when_the_shop_is_malformed(
    run: Run, shop_copy: Path, index_copy: Path, name: str, content: str
) -> None:
    former = find_current(index_copy)
    (shop_copy / name).write_text(content, "utf-8")
    result = run("build", "--shop", shop_copy, "--index", index_copy)
    assert result.code == 1
    assert "Traceback" not in result.err
    assert find_current(index_copy) == former


def test_evaluation_prints_each_figure_with_its_count(run: Run, small_index: Path, shop_copy: Path) -> None:
    path = shop_copy / "development" / "ja.jsonl"
    mislabelled = json.dumps({"id": "ja-missed", "part": "tidy", "q": _ANSWERED, "clauses": ["revision"]})
    path.write_text(f"{path.read_text('utf-8')}{mislabelled}\n", "utf-8")
    result = run("evaluate", "--shop", shop_copy, "--index", small_index, "--sections", "--misses")
    assert result.code == 0
    for title in ("ja tidy", "en tidy", "ja paraphrases", "ja by section"):
        assert title in result.out
    for figure in ("right clause first", "silent shown as answered", "AUROC answerable", "gap in points", "rights"):
        assert figure in result.out
    assert "intents" not in result.out
    missed = next(line for line in result.out.splitlines() if line.startswith("ja-missed "))
    assert "got entrusted.1.1" in missed
    assert missed.endswith(f"wanted revision: {_ANSWERED}")


def test_module_runs_as_a_command(small_index: Path, root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "knowledge", "ask", _NOT_COVERED, "--json", "--index", str(small_index)],
        cwd=root, capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 3
    assert list(json.loads(done.stdout)) == _KEYS
    assert done.stderr == b""


def test_command_survives_arguments_that_are_not_text(small_index: Path, root: Path) -> None:
    # A shell passes any bytes; Python hands them over as lone surrogates.
    question = "個人".encode() + b"\xff\xfe"
    done = subprocess.run(
        [sys.executable, "-m", "knowledge", "ask", question, "--json", "--index", str(small_index)],
        cwd=root, capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode in {0, 3}
    assert list(json.loads(done.stdout)) == _KEYS


def test_help_names_the_commands(run: Run) -> None:
    result = run("--help")
    assert result.code == 0
    assert all(name in result.out for name in ("build", "ask", "evaluate", "diff"))


def test_difference_is_told_and_the_exit_code_says_that_there_is_one(run: Run, two_editions: Path) -> None:
    result = run("diff", "1", "2", "--shop", two_editions)
    assert result.code == 1
    assert result.err == ""
    first, *rest = result.out.splitlines()
    assert first.startswith("1-48acc39a → 2-")
    assert first.endswith(": 1 changed, 1 rendering")
    assert "third_party: changed, rendering (お客様情報の第三者への提供について)" in rest
    assert "{+書面による+}" in result.out
    assert re.search(r"few\.ja\.jsonl \d+: ", result.out)


def test_difference_as_data_is_one_line(run: Run, two_editions: Path) -> None:
    result = run("diff", "1-48acc39a", two_editions / "versions" / "2", "--shop", two_editions, "--json")
    assert result.code == 1
    assert result.out.count("\n") == 1
    (data,) = result.lines
    (change,) = data["clauses"]
    assert (data["old"], change["clause_id"], change["kinds"]) == (
        "1-48acc39a",
        "third_party",
        ["changed", "rendering"],
    )
    assert change["lead"]["state"] == "as before"


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_exit_code_is_zero_when_nothing_changed(run: Run, small_shop: Path, options: list[str]) -> None:
    result = run("diff", "1", "1-48acc39a", "--shop", small_shop, *options)
    assert result.code == 0
    assert "no change" in result.out or result.lines[0]["clauses"] == []


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["1"], "Missing argument"),
        (["1", "3"], "no version '3'"),
        (["1-00000000", "2"], "edition 1 is 1-48acc39a"),
        (["1", "2", "3"], "unexpected extra argument"),
        (["1", "no/where"], "no version 'no/where'"),
        (["1", "2", "--shop", "no/where"], "no folder of a shop"),
        (["1", "wordings"], "no version 'wordings'"),
    ],
)
def test_exit_code_of_diff_is_two_when_a_version_is_unknown(
    run: Run, two_editions: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], reason: str
) -> None:
    monkeypatch.chdir(two_editions / "versions")
    result = run("diff", "--shop", two_editions, *arguments)
    assert result.code == 2
    assert result.out == ""
    assert reason in " ".join(result.err.split())


@pytest.mark.parametrize("name", ["versions/2/policy.ja.md", "versions/2/leads.toml", "wordings/few.ja.jsonl"])
def test_exit_code_of_diff_is_two_when_a_file_is_malformed(run: Run, two_editions: Path, name: str) -> None:
    # 1 would say that the policy has changed.
    (two_editions / name).write_text("{#lost}\n", "utf-8")
    result = run("diff", "1", "2", "--shop", two_editions)
    assert result.code == 2
    assert result.out == ""
    assert Path(name).name in result.err
    assert "Traceback" not in result.err


def test_build_carries_all_editions_and_puts_the_highest_in_force(
    run: Run, two_editions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bundle: Bundle
) -> None:
    trained: list[str] = []

    def build(policy: Any, *_: Any, **__: Any) -> Any:
        trained.append(policy.version)
        return bundle.retrievers

    monkeypatch.setattr("knowledge.builder.build_retrievers", build)
    result = run("build", "--shop", two_editions, "--index", tmp_path / "index")
    assert result.code == 0
    served = Library(tmp_path / "index").bundle
    assert [policy.version[0] for policy in served.versions] == ["1", "2"]
    assert trained == [served.policy.version]
    assert served.spelling.spell("yamato un'yu ni") == "ヤマト運輸に"  # learnt from the shop's own wordings
    assert served.policy.version.startswith("2-")


def test_build_fails_in_one_line_when_an_old_edition_is_malformed(
    run: Run, two_editions: Path, index_copy: Path
) -> None:
    former = find_current(index_copy)
    (two_editions / "versions" / "1" / "policy.en.md").write_text("no section\n", "utf-8")
    result = run("build", "--shop", two_editions, "--index", index_copy)
    assert result.code == 1
    assert result.err.startswith("edition 1: policy.en.md")
    assert find_current(index_copy) == former
