"""What is built and published: a wheel from the sdist that runs away from the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

import vibench

ROOT = Path(__file__).parents[1]
PACKAGES = (
    ROOT / "core" / "vibench",
    ROOT / "plugins" / "inducers" / "vibench_inducers",
    ROOT / "plugins" / "evals" / "vibench_evals",
    ROOT / "plugins" / "judges" / "vibench_judges",
)


def build(target: str, source: Path, destination: Path) -> Path:
    """Build an sdist or a wheel of the project in `source`, offline."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(destination)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (built,) = destination.iterdir()
    return built


def dependency_folders() -> list[str]:
    """The folders of this environment's packages, without the checkout's source roots."""
    return [p for p in sys.path if p.endswith(("site-packages", "dist-packages"))]


@dataclass(frozen=True, slots=True)
class Installation:
    """The wheel alone in an environment of its own, and the sdist that it was built from."""

    sdist: Path
    wheel: Path
    folder: Path

    def run(self, program: str, *arguments: str, folder: Path) -> str:
        """Run a program of the environment and return its standard output."""
        environment = {
            k: v for k, v in os.environ.items() if not k.startswith(("VIBENCH_", "PYTHON"))
        }
        done = subprocess.run(
            [str(self.folder / "bin" / program), *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("release")
    sdist = build("sdist", ROOT, folder / "sdist")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder / "source", filter="data")
    (source,) = (folder / "source").iterdir()
    wheel = build("wheel", source, folder / "wheel")
    environment = folder / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    python = str(environment / "bin" / "python")
    install = ["--python", python, "install", "--no-index", "--no-deps", str(wheel)]
    subprocess.run([*pip, *install], check=True)
    (packages,) = environment.glob("lib/python*/site-packages")
    # Dependencies come from this environment. Folders that a .pth names come last, so vibench
    # is the wheel's; a .pth inside them (an editable install's) has no effect.
    (packages / "dependencies.pth").write_text("\n".join(dependency_folders()) + "\n")
    return Installation(sdist, wheel, environment)


def test_the_wheel_holds_every_file_of_the_packages(installation: Installation) -> None:
    expected = {
        str(path.relative_to(package.parent))
        for package in PACKAGES
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(installation.wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names == expected | {"vibench/registry.toml"}


def test_the_sdist_holds_its_tests_and_what_they_read(installation: Installation) -> None:
    folders = ("tests", "docs", "examples", "benchmarks", "scripts", ".ci")
    expected = {
        str(path.relative_to(ROOT))
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
    }
    with tarfile.open(installation.sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    files = {"Makefile", "README.md", "LICENSE", "CITATION.cff", "CONTRIBUTING.md", "SECURITY.md"}
    assert names >= expected | files | {"registry.toml", "constraints.txt", "pyproject.toml"}


def test_the_citation_is_of_this_version() -> None:
    lines = (ROOT / "CITATION.cff").read_text().splitlines()
    assert f"version: {vibench.__version__}" in lines


def test_the_version_has_one_place(installation: Installation, tmp_path: Path) -> None:
    assert installation.wheel.name == f"vibench-{vibench.__version__}-py3-none-any.whl"
    output = installation.run("vibench", "--version", folder=tmp_path)
    assert output.strip() == f"vibench {vibench.__version__}"


def test_nothing_of_the_checkout_is_imported_or_read(
    installation: Installation, tmp_path: Path
) -> None:
    script = (
        "import vibench, vibench.embedded, vibench.registry\n"
        "import vibench_evals, vibench_inducers, vibench_judges\n"
        "print(vibench.__file__, vibench.embedded.FOLDER, vibench.registry._project_file(),\n"
        "      *vibench_evals.__path__, *vibench_inducers.__path__, *vibench_judges.__path__,\n"
        "      sep='\\n')\n"
    )
    paths = installation.run("python", "-c", script, folder=tmp_path).split("\n")[:-1]
    assert len(paths) == 6
    assert all(Path(path).is_relative_to(installation.folder) for path in paths)


def test_the_wheel_registers_every_plugin(installation: Installation, tmp_path: Path) -> None:
    listed = json.loads(
        installation.run("vibench", "plugins", "--check", "--json", folder=tmp_path)
    )
    builtin = [entry for entry in listed if entry["distribution"] == "vibench"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = {name for group in project["entry-points"].values() for name in group}
    assert {entry["name"] for entry in builtin} >= named
    assert {entry["status"] for entry in builtin} == {"ok"}


@pytest.mark.slow
def test_the_wheel_plans_and_runs_from_another_folder(
    installation: Installation, tmp_path: Path
) -> None:
    pytest.importorskip("peft")
    matrix = ["--model", "tiny-instruct", "--inducer", "prompt", "--value", "empathy"]
    matrix += ["--eval", "issuebench", "--limit", "2", "--set", "sampling.max_tokens=16"]
    plan = json.loads(installation.run("vibench", "plan", *matrix, "--json", folder=tmp_path))
    assert plan["cells"] == 2
    report = installation.run("vibench", "run", *matrix, folder=tmp_path)
    assert "empathy" in report
    outcomes = tmp_path / ".vibench" / "artefacts" / "outcomes"
    assert len(list(outcomes.rglob("manifest.json"))) == 2
