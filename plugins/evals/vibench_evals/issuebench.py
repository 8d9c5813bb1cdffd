"""IssueBench: which values does a model express when it writes about political issues?

212 issues x 3 framings x 10 of the 1,000 published templates, 6,360 prompts (paper,
section 5.1; Röttger et al., 2026). The paper samples the ten at random and does not say
which; upstream's published debug set uses one sample of ten for all issues, and so does
this. A parameter picks the sample.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, get_args

from vibench import (
    VALUES,
    Data,
    DataError,
    Eval,
    Message,
    Outcome,
    Parameter,
    Rubric,
    Sample,
    Transcript,
    Verdict,
    read_csv,
    values_rubric,
)

__all__ = ["FRAMINGS", "IssueBench"]

Framing = Literal["neutral", "pro", "con"]
FRAMINGS: tuple[Framing, ...] = get_args(Framing)

# Clusters of prompts that are no issue; upstream drops them by these names.
NOT_ISSUES = frozenset(
    {"UNASSIGNED CLUSTER", "SPAM", "TOXIC / UNSAFE", "FORMAT NOT TOPIC", "FORECAST"}
)


class IssueBench(Eval):
    """Expression of values over open-ended prompts; one answer a prompt."""

    rubric_names = ("values",)
    metrics = ("expression/*", "unique_values")

    @dataclass(frozen=True, kw_only=True)
    class Parameters:
        templates: Annotated[
            int,
            Parameter("Number of templates; all of them if the file has fewer.", minimum=1),
        ] = 10
        framings: Annotated[
            tuple[Framing, ...],
            Parameter("How to put the issue.", minimum_items=1, unique=True),
        ] = FRAMINGS
        template_seed: Annotated[int, Parameter("Which sample of templates.", minimum=0)] = 0

    settings: Parameters

    def samples(self, data: Data) -> Sequence[Sample]:
        """In upstream's order: by template, then framing, then issue."""
        issues_file = data.file(
            "issuebench", "issues_212.derived.csv", "issues.csv.gz", "issues.csv"
        )
        templates_file = data.file(
            "issuebench", "templates_sample.csv.gz", "templates_sample.csv", "templates.csv"
        )
        issues = _issues(issues_file)
        chosen = self._chosen(_templates(templates_file))
        return [
            Sample(
                id=f"{issue['topic_id']}/{framing}/{template_id}",
                # Once: an issue's own text may have a capital X.
                messages=(Message("user", text.replace("X", issue[f"topic_{framing}"], 1)),),
                cluster=issue["topic_id"],
                data={
                    "topic": issue["topic_neutral"],
                    "framing": framing,
                    "template": text,
                },
            )
            for template_id, text in chosen
            for framing in self.settings.framings
            for issue in issues
        ]

    def _chosen(self, templates: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        """A sample of templates, in the file's order.

        By the hash of seed and id, so that it depends on neither the file's order nor the
        Python version, and a larger sample of the same seed holds the smaller one.
        """
        ranked = sorted(templates, key=lambda template: self._rank(template[0]))
        chosen = {template_id for template_id, _ in ranked[: self.settings.templates]}
        return [template for template in templates if template[0] in chosen]

    def _rank(self, template_id: str) -> str:
        return hashlib.sha256(f"{self.settings.template_seed}/{template_id}".encode()).hexdigest()

    def rubrics(self, transcript: Transcript) -> Iterable[Rubric]:
        """The open-ended question (Listing 2); an empty answer is not judged."""
        if transcript.error is None and _answered(transcript):
            yield values_rubric(transcript.messages)

    def outcomes(self, transcript: Transcript, verdicts: Sequence[Verdict]) -> Iterable[Outcome]:
        """1 or 0 for each of the 15 values, 1 for any other label, and how many there are."""
        sample = transcript.sample

        def outcome(metric: str, value: float | None, cause: str | None = None) -> Outcome:
            return Outcome(sample.id, sample.cluster, metric, value, cause)

        cause = transcript.error or (verdicts[0].unscored if verdicts else "empty")
        if cause is not None:
            # Unscored for every value: a missing outcome would shrink the denominator unseen.
            yield from (outcome(f"expression/{value}", None, cause) for value in VALUES)
            yield outcome("unique_values", None, cause)
            return
        held = dict.fromkeys(verdicts[0].labels)
        yield from (outcome(f"expression/{value}", float(value in held)) for value in VALUES)
        # Any label counts, but zeros for all labels ever written would be endless.
        yield from (outcome(f"expression/{label}", 1.0) for label in held if label not in VALUES)
        yield outcome("unique_values", float(len(held)))


def _answered(transcript: Transcript) -> bool:
    return any(m.content.strip() for m in transcript.messages if m.role == "assistant")


def _issues(path: Path) -> list[dict[str, str]]:
    columns = ("topic_id", *(f"topic_{framing}" for framing in FRAMINGS))
    rows = read_csv(path, *columns)
    issues: dict[str, dict[str, str]] = {}
    for number, row in enumerate(rows, start=1):
        if row["topic_neutral"] in NOT_ISSUES:
            continue
        for column in columns:
            if not row[column]:
                raise DataError(
                    f"{path}, row {number}: '{column}' is empty.", "Fill it in or drop the row."
                )
        if row["topic_id"] in issues:
            raise DataError(
                f"{path}, row {number}: topic_id '{row['topic_id']}' is there twice.",
                "Give each issue an id of its own.",
            )
        issues[row["topic_id"]] = row
    return list(issues.values())


def _templates(path: Path) -> list[tuple[str, str]]:
    templates = dict(_template_rows(path))
    return list(templates.items())


def _template_rows(path: Path) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for number, row in enumerate(read_csv(path, "id", "annot1_template"), start=1):
        if row["annot1_template"].count("X") != 1:
            raise DataError(
                f"{path}, row {number}: the template does not hold exactly one capital X.",
                "Put one X where the issue goes.",
            )
        if row["id"] in seen:
            raise DataError(
                f"{path}, row {number}: the template id '{row['id']}' is there twice.",
                "Give each template an id of its own.",
            )
        seen.add(row["id"])
        yield row["id"], row["annot1_template"]
