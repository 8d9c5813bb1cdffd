"""Plugins, ours and others', import nothing of vibench but its public names."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import vibench
import vibench.training

ROOT = Path(__file__).parents[1]
PUBLIC = {"vibench": vibench, "vibench.training": vibench.training}
FOLDERS = ("plugins", "tests/third_party", "examples")


def python_files() -> list[Path]:
    return sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))


def vibench_imports(code: str) -> Iterator[tuple[str, str]]:
    """Yield (module, name) of each import from vibench, wherever it stands in the code."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from ((a.name, "") for a in node.names if a.name.split(".")[0] == "vibench")
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "vibench":
            yield from ((node.module or "", alias.name) for alias in node.names)


def private(code: str) -> list[str]:
    """Return the imports that reach past the public names."""
    return [
        f"{module}.{name}".rstrip(".")
        for module, name in vibench_imports(code)
        if module not in PUBLIC or (name and name not in PUBLIC[module].__all__)
    ]


@pytest.mark.parametrize("path", python_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_plugin_imports_public_names_only(path: Path) -> None:
    expected = {"vibench_broken_import": ["vibench.a_name_that_was_removed"]}
    assert private(path.read_text(encoding="utf-8")) == expected.get(path.stem, [])


def test_an_import_of_another_module_is_seen() -> None:
    assert private("from vibench import Eval, nothing") == ["vibench.nothing"]
    assert private("def f():\n    from vibench.engines import quiet") == ["vibench.engines.quiet"]
    assert private("import vibench.errors\nimport vibench.training") == ["vibench.errors"]
    assert private("import vibenchmark\nfrom vibench_evals import qa") == []


def test_public_names_of_training_are_there_and_in_order() -> None:
    assert list(vibench.training.__all__) == sorted(vibench.training.__all__)
    for name in vibench.training.__all__:
        assert hasattr(vibench.training, name), name


def test_training_imports_nothing_heavy() -> None:
    heavy = ("torch", "transformers", "trl", "peft", "datasets", "numpy", "pyarrow", "jinja2")
    code = f"import sys, vibench.training; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
