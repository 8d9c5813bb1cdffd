"""The label files of real answers: complete, of known names, and of the texts at hand."""

import json
from pathlib import Path

import pytest
from labels import FOLDER, SOURCES, read_labels

from vibench.errors import DataError
from vibench_judges.rules.behaviours import BEHAVIOURS, shows
from vibench_judges.rules.values import VALUES, expressed

JUDGED = tuple(name for name in BEHAVIOURS if name != "first_person_pronouns")
VALUE_FILES = sorted(FOLDER.glob("values_*.jsonl"))


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.jsonl")), ids=lambda path: path.stem)
def test_rows_of_public_sets_have_no_text_and_no_row_is_there_twice(path: Path) -> None:
    rows = lines(path)
    assert len({(row["set"], row["row"], row.get("side")) for row in rows}) == len(rows)
    for row in rows:
        assert len(str(row["sha256"])) == 64
        assert not {"prompt", "text", "question"} & set(row)
        assert ("answer" in row) == (row["set"] not in SOURCES)


@pytest.mark.parametrize("path", VALUE_FILES, ids=lambda path: path.stem)
def test_values_and_behaviours_are_known_names(path: Path) -> None:
    for row in lines(path):
        assert set(row["values"]) <= set(VALUES)
        assert set(row["behaviours"]) <= set(BEHAVIOURS) - {"first_person_pronouns"}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.jsonl")), ids=lambda path: path.stem)
def test_labels_are_of_the_texts_in_the_data_folder(path: Path, real_data: Path) -> None:
    answers = read_labels(path, real_data)
    assert all(each.answer and each.prompt for each in answers)


def test_labels_of_other_texts_are_one_sentence(tmp_path: Path, real_data: Path) -> None:
    row = lines(FOLDER / "values_pairs_dev.jsonl")[0]
    path = tmp_path / "labels.jsonl"
    path.write_text(json.dumps(row | {"sha256": "0" * 64}))
    with pytest.raises(DataError, match="has labels of another text: the answer of hh_rlhf") as it:
        read_labels(path, real_data)
    assert it.value.hint


def test_labels_of_an_absent_set_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="There is no folder"):
        read_labels(FOLDER / "values_pairs_dev.jsonl", tmp_path)


def counts(kind: str, real_data: Path) -> tuple[int, int, int]:
    """Return how many names are in the labels, in the verdicts and in both, on the test half."""
    answers = [
        each
        for name in ("values_pairs_test", "values_smollm2_test")
        for each in read_labels(FOLDER / f"{name}.jsonl", real_data)
        if each.labels["set"] in (*SOURCES, "issuebench")
    ]
    labelled = judged = both = 0
    for each in answers:
        labels = set(each.labels[kind])
        names = JUDGED if kind == "behaviours" else ()
        verdicts = {name for name in names if shows(name, each.user, each.answer)}
        verdicts |= set(expressed(each.answer)) if kind == "values" else set()
        labelled, judged = labelled + len(labels), judged + len(verdicts)
        both += len(labels & verdicts)
    return labelled, judged, both


@pytest.mark.parametrize(
    ("kind", "precision", "recall"), [("values", 0.49, 0.46), ("behaviours", 0.49, 0.31)]
)
def test_the_judge_is_as_right_as_its_docs_say(
    kind: str, precision: float, recall: float, real_data: Path
) -> None:
    labelled, judged, both = counts(kind, real_data)
    assert both / judged >= precision
    assert both / labelled >= recall
