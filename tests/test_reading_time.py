"""Replies of a megabyte are read in time linear in their length, whatever they hold."""

from __future__ import annotations

import json
import time

import pytest

from vibench import Message, Reply
from vibench.judging.json_objects import JSONObjects
from vibench.judging.judge_replies import verdict
from vibench.judging.rubrics import values_rubric
from vibench.judging.structured_answers import read
from vibench.thoughts import split

RUBRIC = values_rubric((Message("user", "Hi"), Message("assistant", "Hello")))
SIZE = 1_000_000
SECONDS = 12.0
"""Of processor time, on a slow and busy machine: a second or two elsewhere. What is quadratic
takes minutes."""

UNITS = ["<think>", "</think>", "<think></thinking>", "{", '{"', '{"a":', '{"a":[', '{"a":1},',
         '{"answer":["x"],', '{"thinking": "', "<answer>", "<answer><think>", "\n{\"answer\"",
         "<|channel|>", "analysis", " ", "unfortunately "]  # fmt: skip


@pytest.mark.parametrize("unit", UNITS)
def test_a_megabyte_is_read_at_once(unit: str) -> None:
    text = unit * (SIZE // len(unit))
    begun = time.process_time()
    assert verdict(RUBRIC, Reply(text)).unscored is not None
    assert read(RUBRIC, Reply(text)).unscored is not None
    split(text, lone=True)
    assert time.process_time() - begun < SECONDS


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ('{"a": 1} {"b": [1, {"c": {}}]}', [8, 30]),
        ('{"a": {"b": 1}, {"c": 2}', [14, 24]),
        ('He said {"thinking": "{"a": "x"}', [32]),
        ('{"a": "\\"}"}', [12]),
        ('{"a" 1} {"b": tru} {"c": -1.5e3}', [32]),
        ('{"a": 1,} {"b": [1,]} {"c": null}', [33]),
    ],
)
def test_the_outermost_whole_objects_are_found(text: str, ends: list[int]) -> None:
    objects = JSONObjects(text)
    extents = list(objects.outermost())
    assert [end for _, end in extents] == ends
    for begin, end in extents:
        assert objects.load(begin, end) == json.loads(text[begin:end])


def test_an_object_too_deep_or_with_too_long_a_number_is_no_answer() -> None:
    deep = '{"a":' * 5000 + "1" + "}" * 5000
    for text in (deep, f'{{"answer": {"1" * 100_000}}}'):
        objects = JSONObjects(text)
        [extent] = objects.outermost()
        assert objects.load(*extent) is None
