"""The code compiles, and the command line starts, with other versions of Python on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOTS = [ROOT / name for name in ("core", "plugins/inducers", "plugins/evals", "plugins/judges")]


def interpreter(version: str) -> str | None:
    """Return the path of a Python of a version: on the path, or installed by pyenv."""
    installed = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    named = shutil.which(f"python{version}")
    candidates = [named, *map(str, installed.glob(f"{version}*/bin/python{version}"))]
    for python in filter(None, candidates):
        # pyenv puts a command on the path for every version, also where another one is chosen.
        if subprocess.run([python, "--version"], capture_output=True).returncode == 0:
            return python
    return None


@pytest.mark.parametrize("version", ["3.12", "3.13", "3.14"])
def test_another_python_compiles_and_starts_vibench(version: str, tmp_path: Path) -> None:
    if (python := interpreter(version)) is None:
        pytest.skip(f"there is no Python {version} on this machine")
    # The packages of this environment that the command line needs to start are pure Python.
    packages = [path for path in sys.path if path.endswith("site-packages")]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([*map(str, ROOTS), *packages]),
        "PYTHONPYCACHEPREFIX": str(tmp_path),
    }
    commands = (
        ["-m", "compileall", "-q", *map(str, ROOTS)],
        ["-W", "error", "-m", "vibench", "--help"],
    )
    for command in commands:
        done = subprocess.run(
            [python, *command], cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
