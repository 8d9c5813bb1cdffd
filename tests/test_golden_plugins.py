"""A built-in plugin is known to content keys by its `version`, so its code may not change
without it."""

from __future__ import annotations

import ast
import importlib.util
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

FILE = Path(__file__).with_name("golden_plugins.py")


@pytest.fixture
def golden() -> ModuleType:
    spec = importlib.util.spec_from_file_location("golden_plugins", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_no_built_in_plugin_changed_without_its_version(golden: ModuleType) -> None:
    changed = golden.changed(golden.stored())
    assert not changed, (
        f"The code of {', '.join(changed)} changed. If the same input now gives another result, "
        "raise the class's `version` and run `python tests/golden_plugins.py --write`. If every "
        "result stays as it was, run `python tests/golden_plugins.py --write NAME` for each."
    )
    stale = golden.stale(golden.stored())
    assert not stale, (
        f"{', '.join(stale)} came, went or has another version: run "
        "`python tests/golden_plugins.py --write`."
    )


def test_every_built_in_plugin_is_held(golden: ModuleType) -> None:
    held = golden.stored().keys()
    assert {"eval anthrobench", "inducer dpo", "judge rules", "engine vllm", "source file"} <= held


def parsed(golden: ModuleType, text: str) -> str:
    return json.dumps(golden.code(ast.parse(text)))


def test_docstrings_and_comments_are_not_code_and_all_else_is(golden: ModuleType) -> None:
    plain = parsed(golden, "class A:\n    b = 1\n    def f(self): return 'x'\n")
    told = '"""M."""\nclass A:\n    """C."""\n    b = 1  # one\n    """B."""\n'
    assert parsed(golden, told + "    def f(self):\n        'F.'\n        return 'x'\n") == plain
    assert parsed(golden, "class A:\n    b = 2\n    def f(self): return 'x'\n") != plain
    assert parsed(golden, "class A:\n    b = 1\n    def f(self): return 'y'\n") != plain


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """A package whose plugin imports `used` within a function, and not `unused`."""
    folder = tmp_path / "golden_example"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "plugin.py").write_text("def f():\n    from golden_example import used\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "golden_example", raising=False)

    def write(**modules: str) -> None:
        for name, text in modules.items():
            (folder / f"{name}.py").write_text(text)

    write(used="LIMIT = 1\n", unused="LIMIT = 1\n")
    return write


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        ({"used": "LIMIT = 2\n"}, True),
        ({"used": "# A comment.\nLIMIT = 1\n"}, False),
        ({"unused": "LIMIT = 2\n"}, False),
    ],
)
def test_what_a_plugin_imports_of_its_package_is_its_code(
    golden: ModuleType, package: Callable[..., None], change: dict[str, str], differs: bool
) -> None:
    before = golden.digest_of("golden_example.plugin")
    package(**change)
    golden.tree_of.cache_clear()
    assert (golden.digest_of("golden_example.plugin") != before) is differs


def test_only_a_new_version_or_a_persons_word_takes_changed_code(
    golden: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = golden.current()
    old = {name: dict(one) for name, one in now.items()}
    old["eval advbench"]["digest"] = "another"
    old["judge rules"] = {"version": "0", "digest": "another"}
    monkeypatch.setattr(golden, "FILE", tmp_path / "golden.json")
    golden.FILE.write_text(json.dumps(old))
    assert golden.changed(golden.stored()) == ["eval advbench"]
    assert golden.write([]) == ["judge rules"]
    assert golden.changed(golden.stored()) == ["eval advbench"]
    assert golden.write(["advbench"]) == ["eval advbench"]
    assert golden.stored() == now
