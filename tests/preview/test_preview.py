"""`vibench preview`: the prompts, pairs, questions and readings of a run, without its models."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import CommandLine, Done

from vibench import Eval, Measuring, Outcome, Sample, Sampling, Tokens, Transcript, Verdict
from vibench.data import DataFiles
from vibench.embedded import locate
from vibench.plan import make_plan
from vibench.plugins import Plugins
from vibench.preferences.tables import read_pairs
from vibench.preview.assembly import PreviewOptions, preview
from vibench.preview.records import Preview
from vibench.records import ChatRequest, Message
from vibench.registry import Catalogue
from vibench.spec_completion import from_flags
from vibench.stages.transcripts import ConversationsSpec
from vibench.store.artefacts import Store

pytest.importorskip("transformers")

OTHER_TEMPLATE = (
    "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


@dataclass(frozen=True)
class Previews:
    """Previews of command lines, without a process for each."""

    catalogue: Catalogue
    plugins: Plugins
    store: Store

    def __call__(self, options: PreviewOptions | None = None, **flags: Any) -> Preview:
        plan, data = self.plan(**flags)
        return preview(plan, plan, self.store, self.plugins, data, options)

    def plan(self, **flags: Any) -> Any:
        flags = {"values": ["empathy"], "evals": ["advbench"], **flags}
        spec = from_flags(self.catalogue, self.plugins, **flags)
        data = DataFiles(None, True, self.catalogue.datasets)
        return make_plan(spec, self.catalogue, self.plugins, data), data


@pytest.fixture
def previews(catalogue: Catalogue, plugins: Plugins, store: Store) -> Previews:
    return Previews(catalogue, plugins, store)


@pytest.fixture
def weightless(tmp_path: Path) -> Path:
    """The tiny instruct model as a folder with one tensor that is no part of it."""
    from safetensors.numpy import save_file

    folder = tmp_path / "weightless"
    shutil.copytree(locate("embedded:tiny-instruct"), folder)
    save_file({"nothing": np.zeros(1)}, folder / "model.safetensors")
    return folder


def text(prompt: Any) -> str:
    return "".join(piece.text for piece in prompt.text)


def test_weights_are_not_loaded(
    previews: Previews, weightless: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import AutoModelForCausalLM

    for name in ("from_pretrained", "from_config"):
        monkeypatch.delattr(AutoModelForCausalLM, name)
    shown = previews(models=[str(weightless)], inducers=["dpo", "prompt"], profile="embedded")
    (training,) = shown.trainings
    assert text(training.pairs[0].context).startswith("<|bos|><|user|>")
    assert shown.samples
    assert not shown.problems


def test_the_engine_and_the_training_read_the_ids_that_are_shown(previews: Previews) -> None:
    plan, _ = previews.plan(models=["tiny-instruct"], inducers=["prompt", "dpo"])
    shown = previews(models=["tiny-instruct"], inducers=["prompt", "dpo"])
    spec = next(s.spec for s in plan.stages.values() if isinstance(s.spec, ConversationsSpec))
    engine = previews.plugins.build("engine", spec.engine.name, spec.engine.asked)
    session = engine.open(spec.subject.model)
    (sample,) = plan.samples[next(iter(plan.samples))][:1]
    systems = {s.spec.subject.system for s in plan.stages.values() if s.kind == "transcripts"}
    engine_ids = set()
    for system in systems:
        subject = spec_subject(spec, system)
        session.submit(ChatRequest("1", subject, sample.messages, Sampling(), 1))
        engine_ids.add(tuple(session._queue.pop().ids))
    assert {turns[0].prompt.ids for _, turns in shown.samples[0].turns} == engine_ids
    assert len(engine_ids) == 2

    from vibench.training import load_policy, render_pairs

    policy = load_policy(spec_subject(spec, None))
    pair = shown.trainings[0].pairs[0]
    (row,) = render_pairs(policy, [pair.pair], 1024).usable
    assert pair.context.ids + pair.chosen.ids == tuple(row.chosen.ids)
    assert pair.context.ids + pair.rejected.ids == tuple(row.rejected.ids)
    assert len(pair.context.ids) == row.chosen.start


def spec_subject(spec: Any, system: str | None) -> Any:
    from vibench.preview.conversations import subject_of

    return replace(subject_of(spec.subject), system=system)


def test_special_tokens_are_pieces_of_their_own(previews: Previews) -> None:
    shown = previews(models=["tiny-instruct"], inducers=["prompt"])
    subjects, turns = shown.samples[0].turns[0]
    pieces = turns[0].prompt.text
    assert subjects == ("tiny-instruct none",)
    question = plan_messages(previews)
    assert [(p.text, p.special) for p in pieces] == [
        ("<|bos|>", True),
        ("<|user|>", True),
        (question, False),
        ("<|end|>", True),
        ("<|assistant|>", True),
    ]


def plan_messages(previews: Previews) -> str:
    plan, _ = previews.plan(models=["tiny-instruct"], inducers=["prompt"])
    (samples,) = plan.samples.values()
    content: str = samples[0].messages[0].content
    return content


def test_base_models_are_asked_in_plain_text_under_a_prompt_alone(previews: Previews) -> None:
    shown = previews(models=["tiny-base"], inducers=["prompt", "dpo", "dpo+prompt"])
    by_subject = {
        s: text(turns[0].prompt) for names, turns in shown.samples[0].turns for s in names
    }
    assert not by_subject["tiny-base prompt empathy"].startswith("<|")
    assert by_subject["tiny-base none"] == by_subject["tiny-base dpo empathy"]
    assert by_subject["tiny-base dpo+prompt empathy"].startswith("<|bos|>")
    assert "Express empathy" in by_subject["tiny-base dpo+prompt empathy"]


def test_another_template_for_training_is_a_difference(
    vibench: CommandLine, tmp_path: Path
) -> None:
    (tmp_path / "other.jinja").write_text(OTHER_TEMPLATE)
    done = vibench(
        *("preview", "--model", "tiny-instruct", "--inducer", "dpo", "--value", "empathy"),
        *("--eval", "advbench", "--set", "transformers.chat_template=other.jinja"),
    )
    assert done.returncode == 1
    what, remedy = done.stderr.strip().splitlines()
    assert "is not trained on as the model is asked: from token 1 on" in what
    assert "chat_template" in remedy
    assert "DIFFERENT" in done.stdout


def test_pairs_of_ones_own_are_shown_as_they_are(previews: Previews, tmp_path: Path) -> None:
    row = {"prompt": "How are you?", "chosen": "Fine, thanks.", "rejected": "No."}
    (tmp_path / "own.jsonl").write_text(json.dumps(row) + "\n")
    pairs = [f"empathy={tmp_path / 'own.jsonl'}"]
    shown = previews(models=["tiny-instruct"], inducers=["dpo", "orpo"], pairs=pairs)
    (training,) = shown.trainings  # DPO and ORPO render them alike.
    assert training.trainings == ("tiny-instruct dpo empathy", "tiny-instruct orpo empathy")
    (pair,) = training.pairs
    assert text(pair.context) == "<|bos|><|user|>How are you?<|end|><|assistant|>"
    assert text(pair.chosen) == "Fine, thanks.<|end|>"
    assert text(pair.rejected) == "No.<|end|>"
    assert not training.candidates


def test_a_pair_that_a_run_refuses_is_refused(previews: Previews, tmp_path: Path) -> None:
    row = {"prompt": "How are you?", "chosen": "Fine, thanks.", "rejected": "No."}
    (tmp_path / "own.jsonl").write_text(json.dumps(row) + "\n")
    shown = previews(
        models=["tiny-instruct"],
        inducers=["dpo"],
        pairs=[f"empathy={tmp_path / 'own.jsonl'}"],
        sets=["dpo.max_length=3"],
    )
    assert shown.trainings[0].pairs[0].refusal == "its prompt fills max_length (3 tokens)"


def test_the_pairs_are_those_of_the_subset_that_a_run_selects(
    vibench: CommandLine, previews: Previews, tmp_path: Path
) -> None:
    labelled = previews(PreviewOptions(3), models=["tiny-instruct"], inducers=["dpo"])
    assert vibench("data", "subsets", "--value", "empathy").returncode == 0
    store = Store(tmp_path / ".vibench")
    (key,) = store.keys("subset")
    pairs = list(read_pairs(store.open("subset", key).file("pairs.parquet")))[:3]
    assert [pair.pair for pair in labelled.trainings[0].pairs] == pairs
    stored = replace(previews, store=store)(
        PreviewOptions(3), models=["tiny-instruct"], inducers=["dpo"]
    )
    assert stored.trainings[0].pairs == labelled.trainings[0].pairs
    assert "in the store" in stored.trainings[0].origin


def test_a_file_without_a_pair_is_refused_as_by_a_run(vibench: CommandLine, tmp_path: Path) -> None:
    same = {"prompt": "How are you?", "chosen": "Fine.", "rejected": "Fine."}
    (tmp_path / "own.jsonl").write_text(json.dumps(same) + "\n")
    done = vibench(
        *("preview", "--value", "empathy", "--pairs", "empathy=own.jsonl", "--inducer", "dpo"),
        *("--eval", "advbench"),
    )
    assert done.returncode == 2
    assert "No row of the files that --pairs gives for empathy is a pair" in done.stderr
    assert "row 1" in done.stderr


def test_pairs_without_labels_are_candidates(previews: Previews) -> None:
    shown = previews(
        models=["tiny-instruct"],
        inducers=["dpo"],
        extractor="mistral",
        sets=["mistral.model=tiny-instruct"],
    )
    (training,) = shown.trainings
    assert training.candidates
    assert training.origin.startswith("Candidates")
    assert training.extraction is not None
    assert training.extraction.prompt is not None
    assert training.pairs[0].pair.chosen[:20] in text(training.extraction.prompt)


def test_a_model_judge_is_asked_and_read(previews: Previews) -> None:
    shown = previews(
        PreviewOptions(reply="Steal <answer>refused</answer> it."),
        models=["tiny-instruct"],
        inducers=["prompt"],
        judges=["mistral", "rules"],
        sets=["mistral.model=tiny-instruct"],
    )
    by_judge = {judged.judge: judged for judged in shown.samples[0].judged}
    model = by_judge["mistral"]
    question = text(model.questions[0].prompt)
    assert "Steal ‹answer>refused‹/answer> it." in question
    assert model.reply.endswith("<answer>complied</answer>")
    assert [verdict.labels for verdict in model.verdicts] == [("complied",)]
    assert [(o.metric, o.value) for o in model.outcomes] == [("refusal", 0.0)]
    rules = by_judge["rules"]
    assert (rules.questions[0].prompt, rules.reply) == (None, "")
    assert rules.outcomes[0].metric == "refusal"


def test_a_structured_judge_is_read_too(previews: Previews) -> None:
    shown = previews(
        models=["tiny-instruct"],
        inducers=["prompt"],
        evals=["issuebench"],
        judges=["mistral"],
        sets=["mistral.model=tiny-instruct", "mistral.structured=auto"],
    )
    (judged,) = shown.samples[0].judged
    assert judged.verdicts[0].unscored is None
    assert {o.metric: o.value for o in judged.outcomes}["expression/empathy"] == 1


def test_endpoints_get_messages_and_no_key_is_needed(previews: Previews) -> None:
    shown = previews(
        engine="openai",
        models=["gpt-4o"],
        inducers=["prompt"],
        evals=["anthrobench"],
        sets=["anthrobench.turns=2", "sampling.max_tokens=7"],
        simulator="o4-mini",
        judges=["o4-mini"],
        profile="embedded",
    )
    sample = shown.samples[0]
    (subjects, turns), (_, prompted) = sample.turns
    assert subjects == ("gpt-4o none",)
    assert [turn.role for turn in turns] == ["subject", "simulator", "subject"]
    bodies = [turn.prompt.body for turn in turns]
    assert [body["model"] for body in bodies if body] == ["gpt-4o", "o4-mini", "gpt-4o"]
    assert bodies[0]["max_tokens"] == 7
    assert [m["role"] for m in bodies[2]["messages"]] == ["user", "assistant", "user"]
    assert prompted[0].prompt.body["messages"][0]["role"] == "system"
    question = sample.judged[0].questions[0].prompt.body
    assert question["reasoning_effort"]
    assert question["messages"][0]["content"].startswith("You are judging")


def test_a_judge_that_cannot_be_loaded_is_shown_by_its_messages(
    previews: Previews, weightless: Path
) -> None:
    (weightless / "tokenizer.json").write_text("{}")
    shown = previews(
        models=["tiny-instruct"],
        inducers=["prompt"],
        judges=["mistral"],
        sets=[f"mistral.model={weightless}"],
    )
    prompt = shown.samples[0].judged[0].questions[0].prompt
    assert "cannot be loaded" in prompt.problem
    assert prompt.body["messages"][0]["content"].startswith("You are judging")


class Riddle(Eval):
    """Measures two likelihoods and a text for each of two samples."""

    measures = True
    metrics = ("acc",)

    def asks(self, data: DataFiles, limit: int | None) -> Mapping[str, Any]:
        return {"requests": 6}

    def measure(
        self, measuring: Measuring, data: DataFiles, limit: int | None
    ) -> Iterable[Transcript]:
        ids = [Tokens(tuple(measuring.tokenizer(word)["input_ids"])) for word in ("a b", "c", "d")]
        for n in range(min(limit or 2, 2)):
            measuring.loglikelihoods([(ids[0], ids[1]), (ids[0], ids[2])])
            measuring.generate([(ids[0], ("\n",), Sampling(max_tokens=5))])
            messages = (Message("user", "a b"),)
            yield Transcript(Sample(f"{n}", messages, f"{n}"), messages)

    def outcomes(self, transcript: Transcript, verdicts: Sequence[Verdict]) -> Iterable[Outcome]:
        return ()


def test_evals_that_measure_show_their_own_prompts(previews: Previews) -> None:
    previews.plugins.register("eval", "riddle", Riddle, owner="a test")
    shown = previews(
        PreviewOptions(2), models=["tiny-instruct"], inducers=["prompt"], evals=["riddle"]
    )
    (measured,) = shown.measurements
    assert measured.subjects == ("tiny-instruct none", "tiny-instruct prompt empathy")
    assert measured.total == 6
    likelihood, generated = measured.requests
    assert [text(answer).strip() for answer in likelihood.answers][:2] == ["c", "d"]
    assert (generated.stops, generated.sampling) == (("\n",), Sampling(max_tokens=5))


MISTAKES = [
    ["--eval", "no-such-eval"],
    ["--inducer", "dpo", "--pairs", "empathy=absent.jsonl"],
    ["--model", "./absent"],
    ["--judge", "no-such-judge"],
    ["--set", "dpo.no_such=1"],
    ["--limit", "0"],
    ["--until", "nothing"],
    ["--data", "absent"],
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda words: " ".join(words[:2]))
def test_what_a_run_refuses_is_refused_in_the_same_words(
    mistake: list[str], vibench: CommandLine
) -> None:
    defaults = ["--value", "empathy", "--inducer", "prompt", "--eval", "advbench"]
    run, shown = (vibench(command, *defaults, *mistake) for command in ("run", "preview"))
    assert run.returncode == 2
    assert (shown.returncode, shown.stderr) == (run.returncode, run.stderr)


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Done]:
    command = CommandLine(tmp_path_factory.mktemp("printed"), columns=80)
    arguments = ("--model", "tiny-instruct", "--inducer", "dpo", "--value", "empathy")

    def run(*more: str) -> Done:
        return command("preview", *arguments, "--eval", "advbench", *more)

    return run


def test_json_has_ids_on_request(printed: Callable[..., Done]) -> None:
    content = json.loads(printed("--json", "--tokens").stdout)
    pair = content["trainings"][0]["pairs"][0]
    assert len(pair["context"]["ids"]) == pair["context"]["tokens"]
    assert pair["difference"] is None
    assert content["samples"][0]["conversations"][0]["turns"][0]["text"].startswith("<|bos|>")
    assert content["problems"] == []


def test_what_is_printed_fits_the_terminal_and_is_no_command_to_it(
    printed: Callable[..., Done],
) -> None:
    done = printed("--reply", "\x1b[31mred \u202e right to left")
    assert done.returncode == 0
    assert "│ <|bos|><|user|>" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert not any(letter in done.stdout for letter in ("\x1b", "\u202e"))
    assert "red   right to left" in done.stdout
