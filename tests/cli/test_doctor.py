"""`vibench doctor` says what is here and what is missing, shows no key, and ends within seconds."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import CommandLine

from vibench.cli.doctor import packages, reach
from vibench.cli.doctor.machine import home_as_tilde


@pytest.fixture(autouse=True)
def _near(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test leaves this machine."""
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")


@pytest.fixture
def listening() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/v1"


def test_everything_is_in_the_json(vibench: CommandLine, listening: str) -> None:
    done = vibench("doctor", "--endpoint", listening, "--json")
    content = json.loads(done.stdout)
    assert {row["what"] for row in content["Machine"]} >= {"vibench", "Python", "CPU cores"}
    assert {row["package"] for row in content["Packages"]} >= {"pluggy", "torch", "trl", "vllm"}
    hub, endpoint = content["Network"]
    assert (hub["reachable"], endpoint["reachable"]) == (False, True)
    assert content["Store"][1]["state"] == "not there yet: the first run makes it"


def test_no_key_is_shown(vibench: CommandLine) -> None:
    keys = {"HF_TOKEN": "hf_secret", "OPENAI_API_KEY": "sk-secret"}
    done = vibench("doctor", "--endpoint", "http://me:secret@127.0.0.1:9/v1", **keys)
    assert "secret" not in done.stdout + done.stderr
    assert done.stdout.count("yes  gated models") == 1


def test_a_store_of_another_format_is_a_problem(vibench: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "store.json").write_text('{"format": 1}')
    done = vibench("doctor", "--store", "old", "--endpoint", "http://127.0.0.1:9")
    assert done.returncode == 1
    assert "was written by an earlier version of vibench" in " ".join(done.stdout.split())


def test_a_network_that_does_not_answer_costs_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "PATIENCE", 0.2)
    monkeypatch.setattr(reach, "_refusal", lambda url: time.sleep(30))
    begun = time.monotonic()
    rows = reach.addresses(["https://one.example", "https://two.example"])
    assert time.monotonic() - begun < 5
    assert [row[1:] for row in rows] == [(False, "no answer within 0.2 seconds")] * 3


@pytest.mark.parametrize("url", ["ftp://x", "no-url", "http://[bad", "http://"])
def test_what_is_no_address_is_said(url: str) -> None:
    assert "is not" in reach._refusal(url)


def test_a_package_outside_its_versions_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    versions = {"trl": "1.15.0", "torch": "2.13.0+cpu"}
    monkeypatch.setattr(packages, "installed", versions.get)
    by_part = {part: (works, hint) for part, works, hint in packages.parts()}
    works, hint = by_part[packages.PARTS["train"]]
    assert not works
    assert "trl==1.16.* (here: 1.15.0)" in hint
    assert "torch" not in hint


def test_the_home_folder_names_no_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ann")
    assert home_as_tilde("/home/ann/venv/bin/python") == "~/venv/bin/python"
    assert home_as_tilde("/home/anna/x") == "/home/anna/x"
