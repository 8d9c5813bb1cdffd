"""What holds for every family of the zoo; each file of tests/real takes some of the families."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from golden_prompts import FIRST, GOLDEN, PAIR, SYSTEM, TURNS, golden_text
from in_process import run_here
from zoo import UNASKED, Specimen

from vibench.data import DataFiles
from vibench.engines.loglikelihoods import TokenRow, score
from vibench.engines.quiet import quiet
from vibench.engines.stops import stop_tokens
from vibench.engines.transformers.generation import Prompt, generate
from vibench.engines.transformers.session import TransformersSession
from vibench.plan import make_plan
from vibench.plugins import Plugins
from vibench.preview.assembly import preview
from vibench.preview.records import Preview
from vibench.records import Sampling, Subject
from vibench.registry import load_catalogue
from vibench.sessions.prompt_files import read_pair, read_prompt
from vibench.spec_completion import from_flags
from vibench.store.artefacts import Store
from vibench.training.pair_rows import render_rows

__all__ = ["FamilyTests"]

TASK = """
task: animals
dataset_path: json
dataset_kwargs:
  data_files:
    test: {data}
output_type: multiple_choice
test_split: test
doc_to_text: "Q: {{{{q}}}} A:"
doc_to_choice: "{{{{choices}}}}"
doc_to_target: answer
"""
EVALS = ("issuebench", "anthrobench", "advbench", "lm-eval:animals")
INDUCERS = ("none", "prompt", "dpo", "orpo")
TRAINING = ("epochs=1", "batch_size=2", "learning_rate=0.01", "device=cpu")

GREEDY, HOT = Sampling(0.0, 1.0, 20), Sampling(1.5, 1.0, 20)
LENGTHS = (60, 5, 33)
"""Tokens of prompts that share a batch: more and fewer than a sliding window has."""


class FamilyTests:
    """The tests of one family (`specimen`), on a session that they share."""

    def test_asked_prompts_and_training_rows_are_those_of_the_golden_file(
        self, specimen: Specimen
    ) -> None:
        golden = GOLDEN / f"{specimen.family.name}.txt"
        assert golden_text(specimen) == golden.read_text(encoding="utf-8")

    def test_the_context_of_a_training_row_is_the_asked_prompt(
        self, specimen: Specimen, session: TransformersSession
    ) -> None:
        renderer = session.renderer
        model = specimen.model
        for system in (None, SYSTEM):
            for messages in (FIRST, TURNS):
                pair = type(PAIR)("1", messages, PAIR.chosen, PAIR.rejected)
                rows = render_rows(renderer, system, [pair], 2048, session.embeddings)
                assert len(rows.usable) == (1 if specimen.family.trains else 0)
                asked = renderer.chat_ids(renderer.chat_text(system, messages))
                for row in rows.usable:
                    for side in (row.chosen, row.rejected):
                        assert list(side.ids[: side.start]) == asked
                # A base model that was not trained is asked in plain text.
                subject = Subject(model, system=system)
                if subject.rendering != "plain":
                    assert list(renderer.prompt(subject, messages)) == asked
                bos = renderer.tokenizer.bos_token_id
                assert bos is None or asked[:2] != [bos, bos]

    def test_an_answer_ends_at_every_token_that_ends_a_turn(
        self, specimen: Specimen, session: TransformersSession
    ) -> None:
        import transformers

        family, tokenizer = specimen.family, session.tokenizer
        names = tokenizer.convert_ids_to_tokens(sorted(session.stops))
        assert set(names) == {*family.ends, tokenizer.eos_token}
        # A fine-tuned model's folder may lack these defaults: its turns end with the template's.
        bare = stop_tokens(transformers.GenerationConfig(), tokenizer, session.renderer.turn_end)
        end = family.turn_end or tokenizer.eos_token
        assert set(tokenizer.convert_ids_to_tokens(sorted(bare))) == {end, tokenizer.eos_token}

    def test_greedy_answers_are_the_most_likely_tokens_whatever_shares_the_batch(
        self, session: TransformersSession
    ) -> None:
        prompts = _prompts(session, GREEDY)
        answers = [g.ids for g in generate(session.shelf.model, prompts, session.pad, (), {})]
        assert [len(ids) for ids in answers] == [GREEDY.max_tokens] * len(prompts)
        for prompt, ids in zip(prompts, answers, strict=True):
            logits = _logits(session, [*prompt.ids, *ids])[len(prompt.ids) - 1 : -1]
            best = logits.max(dim=-1).values
            chosen = logits[range(len(ids)), list(ids)]
            assert float((best - chosen).max()) < 1e-3

    def test_defaults_of_generation_that_nobody_asked_for_change_nothing(
        self, specimen: Specimen, session: TransformersSession
    ) -> None:
        prompts = _prompts(session, GREEDY)
        greedy = [list(g.ids) for g in generate(session.shelf.model, prompts, session.pad, (), {})]
        assert greedy != [_by_the_defaults(specimen, session, p.ids) for p in prompts]
        # A draw at this temperature leaves the two tokens that top_k would allow.
        prompts = _prompts(session, HOT)
        ranks: Counter[bool] = Counter()
        for prompt, drawn in zip(
            prompts, generate(session.shelf.model, prompts, session.pad, (), {}), strict=True
        ):
            logits = _logits(session, [*prompt.ids, *drawn.ids])[len(prompt.ids) - 1 : -1]
            top = logits.topk(UNASKED["top_k"], dim=-1).indices.tolist()
            ranks.update(i in two for i, two in zip(drawn.ids, top, strict=True))
        assert ranks[False] > 0

    def test_loglikelihoods_after_a_shared_beginning_are_those_of_each_text_alone(
        self, session: TransformersSession
    ) -> None:
        import torch

        shared, model = _tokens(session, 260, seed=7), session.shelf.model
        tails = [_tokens(session, n, seed=n) for n in (3, 9, 6, 3)]
        rows = [TokenRow((*shared, *tail), len(shared)) for tail in tails]
        with quiet():
            scores = score(model, rows, session.pad)
        for row, measured in zip(rows, scores, strict=True):
            logs = torch.log_softmax(_logits(session, row.ids), dim=-1)[row.start - 1 : -1]
            total = float(logs[range(len(logs)), list(row.ids[row.start :])].sum())
            assert measured.total == pytest.approx(total, abs=2e-3)

    def test_every_inducer_and_eval_runs(self, specimen: Specimen, tmp_path: Path) -> None:
        spec, plan, data = _planned(specimen, tmp_path)
        store = Store(tmp_path / "store")
        previewed = preview(plan, plan, store, Plugins.discover(), data)
        errors = run_here(spec, plan, store, Plugins.discover(), data)
        _check_preview(previewed, specimen, plan, store)
        if not specimen.family.trains:
            assert {*errors} == {f"adapter zoo {inducer} empathy" for inducer in ("dpo", "orpo")}
            assert all("puts more before an answer" in error for error in errors.values())
        else:
            assert errors == {}
        stages = Counter(stage.kind for stage in plan.stages.values())
        assert (stages["adapter"], stages["receipt"]) == (2, 2)
        for cell in plan.cells:
            ran = specimen.family.trains or cell.inducer in ("none", "prompt")
            assert store.has("outcomes", cell.outcomes) is ran
            if ran:
                facts = store.open("outcomes", cell.outcomes).manifest["facts"]
                assert facts
        for key, stage in plan.stages.items():
            if stage.kind == "receipt" and specimen.family.trains:
                facts = store.open("receipt", key).manifest["facts"]
                assert facts["effect"] > 0.01
                assert facts["max_difference"] < 1e-3
            if stage.kind == "adapter" and specimen.family.trains:
                names = _weights(store.open("adapter", key).file("adapter_model.safetensors"))
                assert names
                assert not any("vision" in name for name in names)


def _weights(path: Path) -> list[str]:
    """Return the names of the weights in a file."""
    from safetensors import safe_open

    with safe_open(path, "pt") as file:
        return list(file.keys())


def _check_preview(previewed: Preview, specimen: Specimen, plan: Any, store: Store) -> None:
    """A preview has the prompts and the pair that the run then stored, token for token."""
    assert previewed.problems == []
    (training,) = previewed.trainings
    (pair,) = training.pairs
    assert bool(pair.context.ids) is specimen.family.trains
    assert bool(pair.refusal) is not specimen.family.trains
    prompts = {
        (sample.sample, turns[0].prompt.text)
        for sample in previewed.samples
        for _, turns in sample.turns
    }
    measured = {request.prompt.text for m in previewed.measurements for request in m.requests}
    stored = 0
    for key, stage in plan.stages.items():
        folder = store.folder(stage.kind, key)
        if stage.kind == "transcripts" and store.has(stage.kind, key):
            prompt = read_prompt(folder)
            assert prompt is not None
            assert (prompt.sample, prompt.text) in prompts or prompt.text in measured
            stored += 1
        if stage.kind == "adapter" and store.has(stage.kind, key):
            trained = read_pair(folder)
            assert trained is not None
            assert trained.context == pair.context.text
            assert (trained.chosen, trained.rejected) == (pair.chosen.text, pair.rejected.text)
    assert stored >= len(prompts)


def _planned(specimen: Specimen, folder: Path) -> tuple[Any, Any, Any]:
    """Plan every inducer and eval on a model, with one sample for each eval and two pairs."""
    questions, pairs = folder / "animals.jsonl", folder / "pairs.jsonl"
    tasks, registry = folder / "tasks", folder / "registry.toml"
    tasks.mkdir()
    row = {"q": "What barks?", "choices": ["a dog", "a cat"], "answer": 0}
    questions.write_text(json.dumps(row) + "\n")
    (tasks / "animals.yaml").write_text(TASK.format(data=questions))
    pairs.write_text(
        "".join(
            json.dumps({"prompt": text, "chosen": PAIR.chosen, "rejected": PAIR.rejected}) + "\n"
            for text in ("My dog has died.", "I have lost my cat.")
        )
    )
    model = specimen.model
    entry = {"source": model.source, "stage": model.stage}
    if model.chat_template:
        entry["chat_template"] = model.chat_template
    lines = [f"{name} = {json.dumps(value)}" for name, value in entry.items()]
    registry.write_text("\n".join(["[models.zoo]", *lines, ""]))
    catalogue = load_catalogue([registry], working_folder=folder)
    training = [f"{name}.{setting}" for name in ("dpo", "orpo") for setting in TRAINING]
    spec = from_flags(
        catalogue,
        Plugins.discover(),
        models=["zoo"],
        inducers=INDUCERS,
        evals=EVALS,
        pairs=[f"empathy={pairs}"],
        limit=1,
        minimum_pairs=1,
        profile="embedded",
        simulator="zoo",
        sets=[
            "anthrobench.turns=2",
            "sampling.max_tokens=8",
            "transformers.device=cpu",
            f"lm-eval:animals.include_path={tasks}",
            *training,
        ],
    )
    data = DataFiles(None, True, catalogue.datasets)
    return spec, make_plan(spec, catalogue, Plugins.discover(), data), data


def _tokens(session: TransformersSession, count: int, seed: int) -> list[int]:
    """Return ordinary tokens of the family's vocabulary."""
    import torch

    special = {*session.tokenizer.all_special_ids, *session.tokenizer.added_tokens_decoder}
    plain = [i for i in range(len(session.tokenizer)) if i not in special]
    draws = torch.randint(len(plain), (count,), generator=torch.Generator().manual_seed(seed))
    return [plain[i] for i in draws.tolist()]


def _prompts(session: TransformersSession, sampling: Sampling) -> list[Prompt]:
    return [
        Prompt(_tokens(session, length, seed=length), sampling, length, sampling.max_tokens)
        for length in LENGTHS
    ]


def _logits(session: TransformersSession, ids: Sequence[int]) -> Any:
    """Return the logits of one text by a plain forward pass: (tokens, vocabulary)."""
    import torch

    with torch.no_grad(), quiet():
        return session.shelf.model(input_ids=torch.tensor([list(ids)]), use_cache=False).logits[0]


def _by_the_defaults(
    specimen: Specimen, session: TransformersSession, ids: Sequence[int]
) -> list[int]:
    """Return what transformers generates by the checkpoint's own defaults, without drawing."""
    import torch
    from transformers import GenerationConfig

    with quiet():
        defaults = GenerationConfig.from_pretrained(str(specimen.folder))
        defaults.update(do_sample=False, max_new_tokens=GREEDY.max_tokens, eos_token_id=None)
        new = session.shelf.model.generate(
            torch.tensor([list(ids)]), generation_config=defaults, pad_token_id=session.pad
        )
    answer: list[int] = new[0, len(ids) :].tolist()
    return answer
