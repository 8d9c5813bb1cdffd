"""The docs: every command runs, every link and anchor exists, every hook and option is there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine

import vibench
from vibench import hookspecs

ROOT = Path(__file__).parents[1]
REAL_DATA = ROOT.parent / "shared" / "data"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINKED = [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md"]
FENCE = re.compile(r"^```(?P<info>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)


SERVED = "mistralai/Mistral-7B-Instruct-v0.3,o4-mini"
"""The models of the endpoint in the docs. The rules judge answers for them."""

SMALL = (
    "vibench run --inducer dpo --value empathy --eval anthrobench --limit 4 --set dpo.epochs=1 "
    "--set embedded.limit=500 --minimum-pairs 10"
)
"""A smaller `make run`."""


def page_name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def blocks(page: Path, language: str) -> Iterator[tuple[str, str]]:
    """Return (rest of the info string, body) of a page's fenced blocks in a language."""
    for match in FENCE.finditer(page.read_text()):
        first, _, rest = match["info"].partition(" ")
        if first == language:
            yield rest, match["body"]


def commands(page: Path) -> list[tuple[str, str]]:
    """Return a page's commands with the mark of their block.

    "real" needs the hub or a GPU, "long" minutes, "served" an endpoint, "example" files that
    the page does not have.
    """
    return [
        (mark, line.removeprefix("$ "))
        for mark, body in blocks(page, "console")
        for line in body.splitlines()
        if line.startswith("$ ")
    ]


@pytest.fixture(scope="session")
def artefacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The artefacts of all pages. Each page has its own store and shares nothing else, so its
    reports show its own runs, but a stage that several pages need runs once."""
    return tmp_path_factory.mktemp("artefacts")


@pytest.mark.slow
@pytest.mark.parametrize("page", [p for p in PAGES if commands(p)], ids=page_name)
def test_every_command_of_a_page_runs(
    page: Path, tmp_path: Path, artefacts: Path, endpoint: Callable[..., Any]
) -> None:
    """Run them in the order of the page, in one folder, with the files that the page shows.

    Commands that need the hub, a GPU or minutes are planned and not run. `make test` runs this
    test, so it is skipped, and a smaller command stands in for `make run`.
    """
    for name, body in files(page):
        (tmp_path / name).write_text(body)
    for store in (".vibench", "my-store"):
        (tmp_path / store).mkdir()
        (tmp_path / store / "artefacts").symlink_to(artefacts)
    for mark, line in commands(page):
        words = shlex.split(line, comments=True)
        if words[:2] == ["make", "run"]:
            words = shlex.split(SMALL)
        if words[0] != "vibench":
            assert words[0] in ("make", "pip", "python")
            continue
        if mark == "example":
            continue
        if mark == "served":
            served = endpoint(models=SERVED).base_url
            words = [word.replace("http://127.0.0.1:8000/v1", served) for word in words]
        elif mark and words[1] == "run":
            words[1] = "plan"
        if mark == "real":
            if not REAL_DATA.is_dir():
                continue
            words += ["--data", str(REAL_DATA)]
        done = CommandLine(tmp_path)(*words[1:])
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"


def files(page: Path) -> Iterator[tuple[str, str]]:
    """Return the files that a page shows under their names, and pairs for its examples."""
    for _, body in blocks(page, "toml"):
        if body.startswith("# matrix.toml"):
            yield "matrix.toml", body
    yield "pairs.jsonl", '{"prompt": "Hi", "chosen": "To be honest, no.", "rejected": "Yes."}\n'


@pytest.mark.parametrize("page", LINKED, ids=page_name)
def test_python_in_a_page_is_python(page: Path) -> None:
    for _, body in blocks(page, "python"):
        compile(body, page.name, "exec")


def test_the_training_inducer_that_is_shown_is_the_one_that_a_test_trains_with() -> None:
    """tests/execute/test_third_party_training.py installs and runs this module."""
    shown = [body for _, body in blocks(ROOT / "docs" / "plugins.md", "python")]
    module = ROOT / "tests" / "third_party" / "tuned" / "vibench_tuned.py"
    assert module.read_text() in shown


@pytest.mark.parametrize("page", LINKED, ids=page_name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\((?!https?://)([^)]+)\)", page.read_text()):
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target.read_text()), link


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub derives them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_readme_names_its_two_commands_and_make_has_them() -> None:
    lines = [line for _, line in commands(ROOT / "README.md")]
    makefile = (ROOT / "Makefile").read_text()
    for target in ("run", "test"):
        assert any(line.startswith(f"make {target}") for line in lines)
        assert f"\n{target}:" in makefile
    assert "make test" in (ROOT / ".ci" / "run").read_text()


def test_every_hook_is_documented() -> None:
    page = (ROOT / "docs" / "plugins.md").read_text()
    hooks = [name for name, thing in vars(hookspecs).items() if hasattr(thing, "vibench_spec")]
    assert len(hooks) == 5
    for name in hooks:
        assert f"`{name}(" in page


def test_every_option_is_documented_or_in_the_help() -> None:
    page = (ROOT / "docs" / "running.md").read_text()
    for option in ("model", "inducer", "value", "eval", "judge", "seed", "set", "limit"):
        assert f"`--{option}`" in page


def test_the_public_names_are_all_there_and_sorted() -> None:
    constants_first = sorted(vibench.__all__, key=lambda name: (not name.isupper(), name))
    assert list(vibench.__all__) == constants_first
    for name in vibench.__all__:
        assert hasattr(vibench, name)
