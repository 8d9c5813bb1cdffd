"""Rows that are trained on: the asked prompt, the answer, and a count of what is left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from vibench import Message, Model, PreferencePair, Subject
from vibench.engines.chat_template import Renderer
from vibench.engines.loglikelihoods import TokenRow, score
from vibench.engines.model_files import load_tokenizer, load_weights
from vibench.errors import StageError
from vibench.training import Columns, TokenPair, render_rows
from vibench.training.trl_columns import check_batches, dataset_rows
from vibench_inducers import dpo, orpo

pytest.importorskip("torch")
pytest.importorskip("trl")

DPO_COLUMNS, ORPO_COLUMNS = dpo.TRAINER.columns, orpo.TRAINER.columns
Make = Callable[..., Any]
TEMPLATES = Path(__file__).parents[1] / "templates"
MISTRAL = str(TEMPLATES / "mistral_v3.jinja")
SYSTEM = "Be honest."


def ignore(done: int, total: int, note: str) -> None:
    """A progress callback for tests that are not about progress."""


def mistral(model: Model) -> Renderer:
    return Renderer(load_tokenizer(model, MISTRAL))


def collator(columns: Columns) -> Any:
    if columns is ORPO_COLUMNS:
        from trl.experimental.utils import DPODataCollatorWithPadding

        return DPODataCollatorWithPadding(pad_token_id=0)
    from trl.trainer.dpo_trainer import DataCollatorForPreference

    return DataCollatorForPreference(pad_token_id=0, max_length=60)


@pytest.fixture(scope="module")
def rows(instruct: Model, pairs: list[PreferencePair]) -> list[TokenPair]:
    return list(render_rows(mistral(instruct), SYSTEM, pairs[:4], 60).usable)


@pytest.mark.parametrize("columns", [DPO_COLUMNS, ORPO_COLUMNS], ids=["dpo", "orpo"])
def test_a_trainer_is_given_the_rows_token_for_token(
    rows: list[TokenPair], columns: Columns
) -> None:
    entries = dataset_rows(rows, columns, None)
    trainer = SimpleNamespace(train_dataset=entries, data_collator=collator(columns))
    check_batches(trainer, rows, columns)
    other = replace(rows[1], chosen=TokenRow([*rows[1].chosen.ids[:-1], 7], rows[1].chosen.start))
    trainer.train_dataset = [entries[0], columns.write(other), *entries[2:]]
    with pytest.raises(StageError, match=rows[1].pair.id):
        check_batches(trainer, rows, columns)
    trainer.train_dataset = entries[:-1]
    with pytest.raises(StageError, match="TRL has 3 pairs"):
        check_batches(trainer, rows, columns)


def test_a_context_that_a_trainer_cuts_is_noticed(rows: list[TokenPair]) -> None:
    whole = collator(DPO_COLUMNS)
    trainer = SimpleNamespace(train_dataset=dataset_rows(rows, DPO_COLUMNS, None))
    trainer.data_collator = lambda some: whole(
        [{**e, "prompt_ids": e["prompt_ids"][1:]} for e in some]
    )
    with pytest.raises(StageError, match="other tokens than those that the model is asked in"):
        check_batches(trainer, rows, DPO_COLUMNS)


def test_pairs_that_a_template_cannot_give_are_counted_by_their_reason(
    instruct: Model, pairs: list[PreferencePair]
) -> None:
    tokenizer = load_tokenizer(instruct)
    strict = "{% if messages[0].content == 'no' %}{{ raise_exception('not this') }}{% endif %}"
    tokenizer.chat_template = strict + tokenizer.chat_template
    refused = replace(pairs[0], id="refused", prompt=(Message("user", "no"),))
    marked = replace(pairs[1], id="marked", chosen="Well <|added|>")
    tokenizer.add_tokens(["<|added|>"], special_tokens=True)
    rendered = render_rows(
        Renderer(tokenizer), None, [refused, marked, *pairs[2:]], 1024, len(tokenizer) - 1
    )
    assert set(rendered.refused) == {"refused", "marked"}
    facts = rendered.facts()
    assert (facts["rows_given"], facts["rows_used"]) == (12, 10)
    assert facts["rows_refused_by_template"] == 2
    assert any("not this" in reason for reason in facts["reasons_of_refusal"])
    assert any("no embedding" in reason for reason in facts["reasons_of_refusal"])
    assert rendered.notes() == [f"2 of 12 pairs were left out: {rendered.refused['refused']}."]


@pytest.mark.slow
def test_prompt_then_dpo_trains_on_the_system_text_and_the_users_words(
    make: Make,
    make_job: Make,
    instruct: Model,
    pairs: list[PreferencePair],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    inducer = make(
        dpo.DPO, epochs=1, batch_size=2, device="cpu", learning_rate=1e-3, chat_template=MISTRAL
    )
    subject, few = Subject(instruct, system=SYSTEM), pairs[:2]
    renderer = mistral(instruct)
    asked = [list(renderer.prompt(subject, pair.prompt)) for pair in few]
    end = renderer.tokenizer.eos_token
    answers = [renderer.chat_ids(f" {pair.chosen}{end}") for pair in few]

    reference = inducer.reference(subject, few, ignore)
    expected = score(
        load_weights(instruct, device="cpu"),
        [TokenRow(p + a, len(p)) for p, a in zip(asked, answers, strict=True)],
        pad=0,
    )
    assert [reference[pair.id][0] for pair in few] == pytest.approx(
        [result.total for result in expected], abs=1e-3
    )

    trainers = []
    build = dpo.TRAINER.build
    watched = replace(dpo.TRAINER, build=lambda parts: trainers.append(build(parts)) or trainers[0])
    monkeypatch.setattr(dpo, "TRAINER", watched)
    facts = inducer.train(make_job(subject=subject, rows=few, reference=reference))
    data = trainers[0].train_dataset
    assert list(data["prompt_ids"]) == asked
    assert list(data["chosen_ids"]) == answers
    for prompt, pair in zip(data["prompt_ids"], few, strict=True):
        context = renderer.tokenizer.decode(prompt)
        assert SYSTEM in context
        assert pair.prompt[-1].content in context
    assert (facts["rows_used"], facts["rows_rendered_onto_prompt"]) == (2, 2)
    assert facts["first_loss"] == pytest.approx(0.6931, abs=1e-4)
    assert "2 of 2 pairs were rendered onto the asked prompt" in facts["notes"][0]


def test_answers_trained_as_thoughts_are_counted_and_said(
    instruct: Model, pairs: list[PreferencePair]
) -> None:
    opened = Renderer(load_tokenizer(instruct, str(TEMPLATES / "opened_thought.jinja")))
    rows = render_rows(opened, None, pairs[:4], 60)
    assert rows.facts()["rows_within_thought"] == len(rows.usable) == 4
    assert any("answers of 4 of 4 pairs do not close it" in note for note in rows.notes())
