"""The taxonomy of values: two forms read alike, broken ones named by row."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from vibench.data import DataFiles
from vibench.errors import DataError, UnknownName
from vibench.preferences.taxonomy import FILES, Taxonomy, TaxonomyPlace
from vibench.registry import Catalogue

FLAT = """\
value,pct_total_occurrences,l1,l2,l3
empathy,0.58,Understanding,Bonds,Social values
open-mindedness,0.1,Acceptance,Wellbeing,Personal values
sense of humour,0.02,Playfulness,Pleasure,Personal values
"""
TREE = """\
cluster_id,description,name,level,parent_cluster_id,pct_total_occurrences
ai_values:l3:s,About others,Social values,3,,60
ai_values:l3:p,About oneself,Personal values,3,,40
ai_values:l2:b,,Bonds,2,ai_values:l3:s,60
ai_values:l2:w,,Wellbeing,2,ai_values:l3:p,30
ai_values:l2:j,,Pleasure,2,ai_values:l3:p,10
empathy,,empathy,0,ai_values:l1:u,0.58
open-mindedness,,open-mindedness,0,ai_values:l1:a,0.1
ai_values:l1:u,,Understanding,1,ai_values:l2:b,60
ai_values:l1:a,,Acceptance,1,ai_values:l2:w,30
ai_values:l1:h,,Playfulness,1,ai_values:l2:j,10
sense of humour,,sense of humour,0,ai_values:l1:h,0.02
"""
FLAT_FILE, TREE_FILE = FILES


def read(folder: Path, text: str, name: str = FLAT_FILE) -> Taxonomy:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return Taxonomy.read(path)


@pytest.mark.parametrize("text", [FLAT, TREE], ids=["flat", "tree"])
def test_both_forms_say_where_a_value_stands(tmp_path: Path, text: str) -> None:
    taxonomy = read(tmp_path, text)
    assert taxonomy.places == {
        "empathy": TaxonomyPlace("Understanding", "Bonds", "Social values"),
        "open-mindedness": TaxonomyPlace("Acceptance", "Wellbeing", "Personal values"),
        "sense-of-humor": TaxonomyPlace("Playfulness", "Pleasure", "Personal values"),
    }
    assert taxonomy.categories == {"Social values", "Personal values"}
    assert taxonomy.disputed == frozenset()


def test_a_value_is_found_in_any_spelling(tmp_path: Path) -> None:
    taxonomy = read(tmp_path, FLAT)
    assert taxonomy.category("**Open Mindedness**") == "Personal values"
    assert taxonomy.path("Sense of humor") == ("Playfulness", "Pleasure", "Personal values")


def test_a_value_that_is_not_there_is_uncategorised_and_an_error_only_if_required(
    tmp_path: Path,
) -> None:
    taxonomy = read(tmp_path, FLAT)
    assert taxonomy.category("kindness") is None
    assert taxonomy.path("kindness") is None
    assert taxonomy.require("Empathy").l3 == "Social values"
    with pytest.raises(UnknownName, match=r"no value in the taxonomy called 'empaty'.*empathy"):
        taxonomy.require("empaty")


def test_of_two_spellings_the_one_seen_most_often_speaks_for_both(tmp_path: Path) -> None:
    rows = "goal-orientation,0.003,Award,Growth,Personal values\n"
    rows += "goal orientation,0.004,Goals,Work,Practical values\n"
    taxonomy = read(tmp_path, FLAT + rows)
    assert taxonomy.category("Goal orientation") == "Practical values"
    assert taxonomy.disputed == {"goal-orientation"}


def test_a_repeated_row_says_nothing_new(tmp_path: Path) -> None:
    repeated = FLAT + FLAT.splitlines()[1] + "\n"
    assert read(tmp_path, repeated) == read(tmp_path, FLAT)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (",0.1,a,b,Social values", "row 4: has no 'value'"),
        ("  ,0.1,a,b,Social values", "row 4: has no 'value'"),
        ("*,0.1,a,b,Social values", r"row 4: '\*' names no value"),
        ("calm,0.1,a,b,", "row 4: has no 'l3'"),
        ("calm,0.1,,b,Social values", "row 4: has no 'l1'"),
        ("calm,often,a,b,Social values", "row 4: 'pct_total_occurrences' is 'often'"),
        ("calm,nan,a,b,Social values", "row 4: 'pct_total_occurrences' is 'nan'"),
        ("calm,-1,a,b,Social values", "row 4: 'pct_total_occurrences' is '-1'"),
        ("calm,0.1,a,b", "row 4: cannot be read"),
        ("Empathy,0.1,a,b,Protective values",
         "row 4: 'Empathy' is placed under a > b > Protective values, but row 1 has it under"),
    ],
)  # fmt: skip
def test_a_broken_row_is_named(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(DataError, match=message) as error:
        read(tmp_path, f"{FLAT}{row}\n")
    assert FLAT_FILE in error.value.message
    assert error.value.hint


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("calm,,calm,0,ai_values:l1:gone,0.1", "row 12: its parent 'ai_values:l1:gone' is no"),
        ("calm,,calm,0,ai_values:l2:b,0.1", "row 12: its parent 'ai_values:l2:b' is not a cluster"),
        ("calm,,calm,0,,0.1", "row 12: has no 'parent_cluster_id'"),
        ("calm,,calm,4,ai_values:l1:u,0.1", "row 12: 'level' is '4', not a number from 0 to 3"),
        ("calm,,,0,ai_values:l1:u,0.1", "row 12: has no 'name'"),
        ("ai_values:l1:u,,Other,1,ai_values:l2:b,1", "row 12: repeats the cluster_id"),
        ("empathy,,empathy,0,ai_values:l1:a,0.1", "row 12: 'empathy' is placed under Acceptance"),
    ],
)
def test_a_broken_row_of_a_tree_is_named(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read(tmp_path, f"{TREE}{row}\n", TREE_FILE)


def test_another_table_is_no_taxonomy(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"columns are value, pct_convos\. It needs value, pct_"):
        read(tmp_path, "value,pct_convos\nhelpfulness,23.4\n")
    with pytest.raises(DataError, match="holds no row below a header"):
        read(tmp_path, FLAT.splitlines()[0] + "\n")


def test_another_encoding_is_an_error_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / FLAT_FILE
    path.write_bytes(FLAT.encode() + "sérénité,0.1,a,b,Social values\n".encode("latin-1"))
    with pytest.raises(DataError, match=r"row 4: is not UTF-8 \(byte 0xe9\)"):
        Taxonomy.read(path)


@pytest.mark.parametrize(("text", "name"), [(FLAT, FLAT_FILE), (TREE, TREE_FILE)])
def test_a_run_finds_it_in_the_data_folder(tmp_path: Path, text: str, name: str) -> None:
    (tmp_path / "values").mkdir()
    (tmp_path / "values" / name).write_text(text, encoding="utf-8")
    taxonomy = Taxonomy.of(DataFiles(tmp_path, False, {}))
    assert taxonomy.category("empathy") == "Social values"


def test_a_hub_that_is_out_of_reach_is_an_error_that_says_how_to_name_a_folder(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("VIBENCH_CACHE", str(tmp_path))
    with pytest.raises(DataError, match=r"Anthropic/values-in-the-wild.*--data FOLDER"):
        Taxonomy.of(DataFiles(None, False, catalogue.datasets))


@pytest.fixture(scope="module")
def published(real_data: Path) -> Taxonomy:
    return Taxonomy.of(DataFiles(real_data, False, {}))


def test_the_published_taxonomy_is_read_whole(published: Taxonomy) -> None:
    assert len(published.places) == 3307 - 31, "31 differ in spelling alone"
    assert published.categories == {
        f"{kind} values" for kind in ("Epistemic", "Personal", "Practical", "Protective", "Social")
    }
    assert published.disputed == {"educational-value", "goal-orientation", "value-consciousness"}
    assert published.category("educational values") == "Epistemic values"


def test_the_catalogues_categories_are_the_published_ones(
    published: Taxonomy, catalogue: Catalogue
) -> None:
    said: Mapping[str, str] = {name: value.category for name, value in catalogue.values.items()}
    assert said == {name: published.require(name).l3 for name in said}
