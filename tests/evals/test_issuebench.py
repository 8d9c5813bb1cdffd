"""IssueBench: prompts as published, outcomes for every value (paper, section 5.1)."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vibench import DataError, Message, Sample, Transcript, Verdict
from vibench.data import DataFiles, read_csv
from vibench.judging.rubrics import LISTING_2, VALUES
from vibench.sessions.open_ended_metrics import labels_in_one_spelling
from vibench.stages.transcript_outcomes import score
from vibench_evals.issuebench import FRAMINGS, IssueBench

Make = Callable[..., Any]
Rows = list[dict[str, str]]

ISSUES: Rows = [
    {
        "topic_id": "7",
        "topic_neutral": "SpaceX",
        "topic_pro": "SpaceX being good",
        "topic_con": "SpaceX being bad",
    },
    {"topic_id": "-1", "topic_neutral": "SPAM", "topic_pro": "SPAM", "topic_con": "SPAM"},
]
TEMPLATES: Rows = [{"id": "t1", "annot1_template": "X, an essay"}]


def write(folder: Path, issues: Rows = ISSUES, templates: Rows = TEMPLATES) -> DataFiles:
    (folder / "issuebench").mkdir(parents=True)
    for name, rows in (("issues.csv", issues), ("templates.csv", templates)):
        with (folder / "issuebench" / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return DataFiles(folder, False, {})


def prompts(samples: list[Sample]) -> list[str]:
    return [sample.messages[0].content for sample in samples]


def test_the_150_published_debug_prompts_come_out_to_the_byte_in_their_order(
    real: DataFiles, make: Make, tmp_path: Path
) -> None:
    published = read_csv(real.file("issuebench", "prompts_debug.csv"))
    issues = {r["topic_id"]: r for r in read_csv(real.file("issuebench", "issues.csv.gz"))}
    templates = {r["id"]: r for r in read_csv(real.file("issuebench", "templates_sample.csv.gz"))}
    data = write(
        tmp_path,
        [issues[key] for key in dict.fromkeys(row["topic_id"] for row in published)],
        [templates[key] for key in dict.fromkeys(row["template_id"] for row in published)],
    )
    samples = make(IssueBench).samples(data)
    assert len(published) == 150
    assert prompts(samples) == [row["prompt_text"] for row in published]
    assert [sample.id for sample in samples] == [
        f"{row['topic_id']}/{row['topic_polarity']}/{row['template_id']}" for row in published
    ]


def test_there_are_6360_unique_prompts(real: DataFiles, make: Make) -> None:
    samples = make(IssueBench).samples(real)
    assert len(samples) == len(set(prompts(samples))) == len({s.id for s in samples}) == 6_360
    assert set(Counter(s.cluster for s in samples).values()) == {3 * 10}
    assert set(Counter(s.data["framing"] for s in samples).values()) == {212 * 10}
    assert len({s.data["template"] for s in samples}) == 10
    assert samples == make(IssueBench).samples(real)


def test_the_212_issues_are_those_left_of_the_396_clusters(
    real: DataFiles, make: Make, tmp_path: Path
) -> None:
    clusters = read_csv(real.file("issuebench", "issues.csv.gz"))
    templates = read_csv(real.file("issuebench", "templates_sample.csv.gz"))
    assert len(clusters) == 396
    from_clusters = make(IssueBench).samples(write(tmp_path, clusters, templates))
    assert from_clusters == make(IssueBench).samples(real)


def test_the_sample_of_templates_is_fixed_by_its_seed_and_grows_with_its_size(
    real: DataFiles, make: Make
) -> None:
    def chosen(**asked: Any) -> list[str]:
        samples = make(IssueBench, framings=["pro"], **asked).samples(real)
        return list(dict.fromkeys(s.id.split("/")[2] for s in samples))

    ten = chosen()
    assert ten == [
        "sharegpt-51265",
        "wildchat-7033",
        "lmsys-818462",
        "lmsys-33194",
        "wildchat-179993",
        "lmsys-961746",
        "lmsys-422649",
        "lmsys-781737",
        "wildchat-84562",
        "lmsys-485939",
    ]
    assert set(chosen(templates=4)) < set(ten) < set(chosen(templates=12))
    assert set(chosen(template_seed=1)) != set(ten)


def test_the_embedded_set_has_36_prompts(embedded: DataFiles, make: Make) -> None:
    samples = make(IssueBench).samples(embedded)
    assert len(set(prompts(samples))) == len(samples) >= 36
    assert {sample.data["framing"] for sample in samples} == set(FRAMINGS)


def test_the_topic_goes_in_once_with_its_case_kept(make: Make, tmp_path: Path) -> None:
    samples = make(IssueBench).samples(write(tmp_path))
    assert prompts(samples) == [
        "SpaceX, an essay",
        "SpaceX being good, an essay",
        "SpaceX being bad, an essay",
    ]


def test_only_the_framings_asked_for_are_put(make: Make, tmp_path: Path) -> None:
    samples = make(IssueBench, framings=["con"]).samples(write(tmp_path))
    assert [sample.id for sample in samples] == ["7/con/t1"]


@pytest.mark.parametrize("template", ["about nothing", "X and X"])
def test_a_template_without_exactly_one_x_is_an_error(
    make: Make, tmp_path: Path, template: str
) -> None:
    data = write(tmp_path, templates=[*TEMPLATES, {"id": "t2", "annot1_template": template}])
    with pytest.raises(DataError, match=r"templates\.csv, row 2: .* exactly one capital X"):
        make(IssueBench).samples(data)


@pytest.mark.parametrize(
    ("issues", "templates", "says"),
    [
        ([*ISSUES, ISSUES[0]], TEMPLATES, r"issues\.csv, row 3: topic_id '7' is there twice"),
        ([{**ISSUES[0], "topic_con": ""}], TEMPLATES, r"row 1: 'topic_con' is empty"),
        (ISSUES, [*TEMPLATES, *TEMPLATES], r"row 2: the template id 't1' is there twice"),
    ],
)
def test_broken_rows_are_named(
    make: Make, tmp_path: Path, issues: Rows, templates: Rows, says: str
) -> None:
    with pytest.raises(DataError, match=says):
        make(IssueBench).samples(write(tmp_path, issues, templates))


SAMPLE = Sample("7/pro/t1", (Message("user", "Write on X"),), "7")


def answered(text: str, error: str | None = None) -> Transcript:
    return Transcript(SAMPLE, (*SAMPLE.messages, Message("assistant", text)), error=error)


def test_the_question_is_listing_2_about_the_whole_conversation(make: Make) -> None:
    (rubric,) = make(IssueBench).rubrics(answered("Fair enough."))
    assert (rubric.name, rubric.prompt, rubric.labels) == ("values", LISTING_2, None)
    assert rubric.messages == answered("Fair enough.").messages


def test_each_value_is_1_or_0_and_other_labels_are_kept(make: Make) -> None:
    verdicts = [Verdict("values", 0, ("empathy", "kindness"))]
    outcomes = list(make(IssueBench).outcomes(answered("Dear you"), verdicts))
    values = {o.metric: o.value for o in outcomes}
    assert {o.sample for o in outcomes} == {"7/pro/t1"}
    assert {o.cluster for o in outcomes} == {"7"}
    assert [values[f"expression/{value}"] for value in VALUES] == [1.0] + [0.0] * 14
    assert values["expression/kindness"] == 1.0
    assert values["unique_values"] == 2.0
    assert len(values) == len(outcomes) == 17


def test_spellings_of_a_value_count_once_when_outcomes_are_stored(make: Make) -> None:
    labels = ("Open-Mindedness", "open mindedness", "humour", "prioritising", "prioritizing", "!")
    outcomes = score(make(IssueBench), answered("Dear you"), [Verdict("values", 0, labels)])
    values = {o.metric: o.value for o in outcomes}
    assert values["unique_values"] == 4.0  # The exclamation mark is a label, if of no value.
    assert {name for name, value in values.items() if value == 1.0} == {
        *("expression/open-mindedness", "expression/humor", "expression/prioritizing"),
        "expression/!",
    }
    assert len(values) == len(outcomes) == 15 + 2 + 1
    other = [Verdict("values-closed", 0, labels)]
    assert labels_in_one_spelling(other[0]) is other[0]


def test_no_value_at_all_is_an_answer_and_counts_as_0(make: Make) -> None:
    outcomes = list(make(IssueBench).outcomes(answered("Hm"), [Verdict("values", 0)]))
    assert [o.value for o in outcomes] == [0.0] * 16
    assert all(o.unscored is None for o in outcomes)


@pytest.mark.parametrize(
    ("transcript", "verdicts", "cause"),
    [
        (answered("Hm"), [Verdict("values", 0, unscored="refused")], "refused"),
        (answered(" \n"), [], "empty"),
        (answered("", error="out of memory"), [], "out of memory"),
    ],
)
def test_what_is_unscored_is_never_0_and_never_dropped(
    make: Make, transcript: Transcript, verdicts: list[Verdict], cause: str
) -> None:
    eval_ = make(IssueBench)
    assert len(list(eval_.rubrics(transcript))) == len(verdicts)
    outcomes = list(eval_.outcomes(transcript, verdicts))
    expected = [*(f"expression/{value}" for value in VALUES), "unique_values"]
    assert [o.metric for o in outcomes] == expected
    assert {(o.value, o.unscored) for o in outcomes} == {(None, cause)}
