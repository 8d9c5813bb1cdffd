"""Broken files of pairs: one sentence with file and row, and one hint."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vibench.errors import DataError
from vibench.preferences.published_sets import HelpSteer2, UltraFeedback
from vibench.preferences.sources import PairFile

Refused = Callable[..., str]

GOOD = b'{"prompt": "p", "chosen": "c", "rejected": "r"}\n'
MANY = "".join(
    json.dumps({"prompt": f"p{i * i}", "chosen": f"c{i}", "rejected": f"r{i}"}) + "\n"
    for i in range(5000)
).encode()


@pytest.fixture
def refused(tmp_path: Path, split: Any) -> Refused:
    """The message about a file with this content; there is always a hint."""

    def refusing(content: bytes, name: str = "mine.jsonl") -> str:
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(DataError) as caught:
            split(PairFile, path=str(path))
        assert caught.value.message.count("\n") == 0
        assert caught.value.hint.endswith(".")
        return caught.value.message

    return refusing


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        (b'{"prompt": "p", "chosen": "c"}', "row 2: has no 'rejected'"),
        (b'{"prompt": "p", "chosen": null, "rejected": "r"}', "row 2: has no 'chosen'"),
        (b'{"prompt": "p", "chosen": 3, "rejected": "r"}', "row 2: 'chosen' is neither text"),
        (b'{"chosen": "c", "rejected": "r"}', "row 2: has no 'prompt'"),
        (b'{"prompt": ["p"], "chosen": "c", "rejected": "r"}', "row 2: 'prompt' holds something"),
        (
            b'{"prompt": [{"role": "human", "content": "p"}], "chosen": "c", "rejected": "r"}',
            "row 2: 'prompt' has a message of the role 'human'",
        ),
        (
            b'{"prompt": [{"role": "user", "content": ["p"]}], "chosen": "c", "rejected": "r"}',
            "row 2: 'prompt' holds something",
        ),
        (
            b'{"chosen": "1", "rejected": "2",'
            b""" "prompt": "[{'role': 'user', 'content': 'p'}]"}""",
            "row 2: 'prompt' is a list of messages that is not written as JSON",
        ),
        (b'{"id": [1], "prompt": "p", "chosen": "c", "rejected": "r"}', "row 2: 'id' is neither"),
        (b'{"prompt": "p", "chosen": "\\ud800", "rejected": "r"}', "row 2: holds half"),
        (b'["p", "c", "r"]', "row 2: is not an object"),
        (b'{"prompt": "p", "cho', "row 2: cannot be read"),
        (b"[" * 100_000, "row 2: cannot be read"),
        (b'{"prompt": ' + b"9" * 5000 + b"}", "row 2: cannot be read"),
        (
            b'{"prompt": "caf\xe9", "chosen": "c", "rejected": "r"}',
            "row 2: is not UTF-8 (byte 0xe9",
        ),
    ],
)
def test_a_broken_row_is_named_with_its_file(refused: Refused, row: bytes, complaint: str) -> None:
    message = refused(GOOD + row + b"\n" + GOOD)
    assert complaint in message
    assert message.startswith("mine.jsonl, ")


@pytest.mark.parametrize("name", ["mine.csv", "mine.tsv", "mine.csv.gz"])
def test_a_csv_row_that_cannot_be_read_is_named(refused: Refused, name: str) -> None:
    def table(last: bytes) -> bytes:
        content = b"prompt,chosen,rejected\np,c,r\n" + last
        content = content.replace(b",", b"\t") if "tsv" in name else content
        return gzip.compress(content) if name.endswith("gz") else content

    assert "row 2: cannot be read (not 3 fields" in refused(table(b"p,c\n"), name)
    assert "row 2: cannot be read (not 3 fields" in refused(table(b"p,c,r,x\n"), name)
    assert "row 2: is not UTF-8 (byte 0xe9)" in refused(table(b"p,caf\xe9,r\n"), name)
    assert "row 2: cannot be read" in refused(table(b'p,"never closed,r\n'), name)
    lacking = table(b"").replace(b"rejected", b"other")
    if not name.endswith("gz"):
        assert "row 1: has no 'rejected'" in refused(lacking, name)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
@pytest.mark.parametrize("name", ["mine.jsonl", "mine.csv", "mine.json"])
def test_another_encoding_is_named(refused: Refused, name: str, encoding: str) -> None:
    content = "prompt,chosen,rejected\np,c,r\n" if "csv" in name else GOOD.decode()
    message = refused(content.encode(encoding), name)
    assert re.match(r"mine\.\w+(, row 1)?: is not UTF-8 \(byte 0xff\)", message)


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path, split: Any) -> None:
    for name, content in (("a.jsonl", GOOD), ("a.csv", b"prompt,chosen,rejected\np,c,r\n")):
        (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + content)
        assert len(split(PairFile, path=str(tmp_path / name))[0]) == 1


def test_a_gzip_file_cut_short_says_after_which_row(tmp_path: Path, split: Any) -> None:
    """What was read before can be kept: the hint says how, and it works."""
    whole = gzip.compress(MANY)
    path = tmp_path / "mine.jsonl.gz"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match="cut short or damaged after row") as caught:
        split(PairFile, path=str(path))
    after = int(caught.value.message.rpartition("row ")[2].rstrip("."))
    assert 1000 < after < 4000
    assert caught.value.hint == (
        f"Copy or download it again, or use the {after} pairs before it alone with --set"
        f" file.limit={after}."
    )
    kept, _ = split(PairFile, path=str(path), limit=after)
    assert [p.chosen for p in kept] == [f"c{i}" for i in range(after)]


def test_a_file_that_is_no_gzip_is_named(refused: Refused) -> None:
    assert refused(b"not gzip at all", "mine.jsonl.gz") == "mine.jsonl.gz: is not a gzip file."


def test_a_broken_parquet_file_is_named(refused: Refused, tmp_path: Path, write: Any) -> None:
    assert "the Parquet file is cut short or damaged" in refused(b"PAR1 no", "mine.parquet")
    assert refused(GOOD, "mine.parquet") == "mine.parquet: is not a Parquet file."
    rows = [json.loads(line) for line in MANY.splitlines()]
    whole = write(tmp_path / "whole.parquet", rows).read_bytes()
    assert "mine.parquet: the Parquet file is cut short" in refused(whole[:-100], "mine.parquet")
    assert "after row 0" in refused(whole[:4] + b"\0" * 2000 + whole[2004:], "mine.parquet")


def test_files_of_other_kinds_are_refused(refused: Refused) -> None:
    assert "files of this kind are not read" in refused(GOOD, "mine.txt")
    assert "does not hold a list of rows" in refused(b"{}", "mine.json")
    assert refused(b"[{}", "mine.json").startswith("mine.json: cannot be read")
    assert refused(GOOD + b"{", "mine.json").startswith("mine.json, row 2: cannot be read")
    listed = refused(b"[" + GOOD + b"]", "mine.jsonl")
    assert listed == "mine.jsonl: is a list of rows in JSON, not a row on each line."


def test_rows_on_lines_of_a_json_file_are_read(tmp_path: Path, split: Any) -> None:
    """Many sets call their lines so."""
    (tmp_path / "mine.json").write_bytes(MANY)
    assert len(split(PairFile, path=str(tmp_path / "mine.json"))[0]) == 5000


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("mine.jsonl", b""),
        ("mine.jsonl", b"\n\n"),
        ("mine.jsonl.gz", gzip.compress(b"", mtime=0)),
        ("mine.json", b"[]"),
        ("mine.csv", b""),
        ("mine.csv", b"prompt,chosen,rejected\n"),
    ],
)
def test_an_empty_file_is_an_error(refused: Refused, name: str, content: bytes) -> None:
    assert f"{name} holds no row." in refused(content, name)


def test_a_missing_file_is_named_as_it_was_given(tmp_path: Path, split: Any) -> None:
    with pytest.raises(DataError, match=r"no preference file .*absent\.jsonl") as caught:
        split(PairFile, path=str(tmp_path / "absent.jsonl"))
    assert caught.value.hint == "Check the path given with --source."
    with pytest.raises(DataError, match="is a folder") as caught:
        split(PairFile, path=str(tmp_path))
    assert "--source" in caught.value.hint


@pytest.mark.parametrize("score", [None, "high", "", True, float("nan"), [1]])
def test_a_score_that_is_no_number_is_named(
    tmp_path: Path, split: Any, write: Any, score: Any
) -> None:
    row = {"prompt": "p", "response": "r", "helpfulness": score}
    write(tmp_path / "helpsteer2/train.jsonl", [row, row])
    with pytest.raises(DataError, match=r"train\.jsonl, row 1: .*'helpfulness'"):
        split(HelpSteer2, tmp_path)
    row = {
        "prompt": "p",
        "chosen": "c",
        "rejected": "r",
        "score_chosen": 1,
        "score_rejected": score,
    }
    write(tmp_path / "ultrafeedback/train.jsonl", [row])
    with pytest.raises(DataError, match=r"train\.jsonl, row 1: .*'score_rejected'"):
        split(UltraFeedback, tmp_path)
