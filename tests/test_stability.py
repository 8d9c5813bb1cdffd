"""The plugin interface changes only with its version (docs/stability.md)."""

from __future__ import annotations

import copy
import json
from typing import Any

import golden_interface
import pytest
from golden_interface import GOLDEN, breaks, interface

from vibench.version import INTERFACE


@pytest.fixture(scope="module")
def golden() -> dict[str, Any]:
    return json.loads(GOLDEN.read_text())


def test_a_break_of_the_interface_raises_its_version(golden: dict[str, Any]) -> None:
    broken = breaks(golden, interface())
    assert not broken or golden["version"] < INTERFACE, (
        "Plugins written before no longer work: undo it, or raise INTERFACE in "
        "core/vibench/version.py and say in CHANGELOG.md what plugin authors have to change"
    )


def test_the_golden_file_is_of_this_interface(golden: dict[str, Any]) -> None:
    assert golden == interface(), "run: python tests/support/golden_interface.py --write"


def test_what_breaks_and_what_only_adds(golden: dict[str, Any]) -> None:
    added, gone, renamed, demanding = (copy.deepcopy(golden) for _ in range(4))
    added["names"]["vibench.Novelty"] = {}
    added["names"]["vibench.Sample"]["()"].append("colour=")
    del gone["names"]["vibench.Outcome"]
    renamed["names"]["vibench.Eval"]["samples"] = ["self", "files"]
    demanding["names"]["vibench.Sample"]["()"].append("colour")
    assert breaks(golden, added) == []
    assert breaks(golden, gone) == ["vibench.Outcome is gone"]
    assert [len(breaks(golden, other)) for other in (renamed, demanding)] == [1, 1]


def test_a_hook_that_loses_an_argument_is_a_break(golden: dict[str, Any]) -> None:
    less = copy.deepcopy(golden)
    less["hooks"]["plan_made"] = []
    assert len(golden_interface.breaks(golden, less)) == 1
