"""An adapter counts only where the engine proves that it is in effect."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from vibench.engines.receipt import measure_with_peft, prove, read_receipt, write_receipt
from vibench.engines.transformers.engine import TransformersEngine, TransformersSession
from vibench.errors import StoreError
from vibench.interfaces import Session
from vibench.records import (
    Adapter,
    ChatRequest,
    Completion,
    Loglikelihood,
    LoglikelihoodRequest,
    Message,
    Model,
    PreferencePair,
    Subject,
)

Request = ChatRequest | LoglikelihoodRequest

PAIRS = [
    PreferencePair(str(i), (Message("user", f"What about {what}?"),), f"I like {what}.", "No.")
    for i, what in enumerate(["tea", "music", "the garden", "a plan", "my friend"])
]


class Altered(Session):
    """A session whose requests are changed on the way in."""

    def __init__(self, session: Session, change: Callable[[Subject], Subject]) -> None:
        self.session = session
        self.change = change

    def submit(self, request: Request) -> None:
        self.session.submit(replace(request, subject=self.change(request.subject)))

    def poll(self) -> Sequence[Completion | Loglikelihood]:
        return self.session.poll()

    def close(self) -> None:
        self.session.close()


@pytest.fixture(scope="module")
def subject(instruct: Model, adapters: list[Adapter]) -> Subject:
    return Subject(instruct, adapters[0], system="You are kind.")


@pytest.fixture(scope="module")
def folder(subject: Subject) -> Path:
    assert subject.adapter is not None
    where = Path(subject.adapter.path)
    dtype, rows = measure_with_peft(subject, PAIRS, device="cpu")
    write_receipt(where, dtype, rows)
    return where


def test_an_applied_adapter_is_proven(
    session: TransformersSession, subject: Subject, folder: Path
) -> None:
    receipt = prove(session, subject, folder)
    assert receipt.in_effect, receipt.reason
    assert len(receipt.rows) == 4
    assert receipt.max_difference < 1e-3 < receipt.effect


def test_what_is_measured_is_what_is_read(subject: Subject, folder: Path) -> None:
    assert read_receipt(folder) == measure_with_peft(subject, PAIRS, device="cpu")


def test_an_ignored_adapter_is_found_out(
    session: TransformersSession, subject: Subject, folder: Path
) -> None:
    broken = Altered(session, lambda asked: replace(asked, adapter=None))
    receipt = prove(broken, subject, folder)
    assert not receipt.in_effect
    assert "ignores the adapter" in receipt.reason


def test_another_adapter_in_its_place_is_found_out(
    session: TransformersSession, subject: Subject, folder: Path, adapters: list[Adapter]
) -> None:
    mixed_up = Altered(session, lambda s: replace(s, adapter=adapters[1] if s.adapter else None))
    receipt = prove(mixed_up, subject, folder)
    assert not receipt.in_effect
    assert "wrongly" in receipt.reason


def test_an_adapter_that_leaks_into_the_base_is_found_out(
    session: TransformersSession, subject: Subject, folder: Path
) -> None:
    leaking = Altered(session, lambda asked: replace(asked, adapter=subject.adapter))
    receipt = prove(leaking, subject, folder)
    assert not receipt.in_effect
    assert "base model, or its chat template, is not the one" in receipt.reason


def test_an_adapter_that_changes_nothing_is_refused(
    session: TransformersSession,
    instruct: Model,
    save_adapter: Callable[..., Adapter],
    tmp_path: Path,
) -> None:
    idle = Subject(instruct, save_adapter(tmp_path, instruct, seed=9, strength=0.0))
    write_receipt(tmp_path, *measure_with_peft(idle, PAIRS, device="cpu"))
    receipt = prove(session, idle, tmp_path)
    assert not receipt.in_effect
    assert "changes nothing" in receipt.reason


def test_an_engine_that_says_nan_proves_nothing(
    session: TransformersSession, subject: Subject, folder: Path
) -> None:
    class Nan(Altered):
        def poll(self) -> Sequence[Completion | Loglikelihood]:
            return [
                replace(answer, total=float("nan"))
                for answer in self.session.poll()
                if isinstance(answer, Loglikelihood)
            ]

    assert not prove(Nan(session, lambda s: s), subject, folder).in_effect


def test_an_adapter_the_engine_cannot_load_is_refused_with_its_cause(
    session: TransformersSession, subject: Subject, folder: Path, tmp_path: Path
) -> None:
    gone = replace(subject, adapter=Adapter("0" * 32, "", str(tmp_path)))
    receipt = prove(session, gone, folder)
    assert not receipt.in_effect
    assert "there is no adapter" in receipt.reason


def test_base_models_are_proven_in_the_form_their_adapters_are_trained_in(
    make_engine: Callable[..., TransformersEngine],
    base: Model,
    save_adapter: Callable[..., Adapter],
    tmp_path: Path,
) -> None:
    adapter = save_adapter(tmp_path, base, seed=3, strength=0.02)
    subject = Subject(base, adapter, system="You are kind.")
    write_receipt(tmp_path, *measure_with_peft(subject, PAIRS, device="cpu"))
    opened = make_engine().open(base)
    assert prove(opened, subject, tmp_path).in_effect
    opened.close()


def test_a_lost_or_broken_receipt_is_an_error_that_names_the_file(
    session: TransformersSession, subject: Subject, tmp_path: Path
) -> None:
    with pytest.raises(StoreError, match=r"receipt\.json"):
        prove(session, subject, tmp_path)
    (tmp_path / "receipt.json").write_text('{"dtype": "float32", "rows": [{}]}')
    with pytest.raises(StoreError, match=r"receipt\.json"):
        prove(session, subject, tmp_path)


def test_pairs_longer_than_the_model_takes_are_passed_over(subject: Subject) -> None:
    long = PreferencePair("long", (Message("user", "word " * 3000),), "Yes.", "No.")
    _, rows = measure_with_peft(subject, [long, *PAIRS], device="cpu")
    assert [row.continuation for row in rows] == [pair.chosen for pair in PAIRS[:4]]
