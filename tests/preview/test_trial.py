"""`vibench plugins --check` calls plugins with small parts, in a process that it can end."""

from __future__ import annotations

import pytest

from vibench.preview.trial import Trial, trials

PLUGINS = """
import os, time, urllib.request
from vibench import Eval, Inducer, Judge, JudgeModel, Message, Outcome, Rubric, Sample, Sampling
from vibench import Verdict

class Good(Eval):
    metrics = ("m",)
    rubric_names = ("mood",)

    def samples(self, data):
        return [Sample("s", (Message("user", "Hi."),), "s")]

    def rubrics(self, transcript):
        yield Rubric("mood", "Glad?", transcript.messages, ("glad", "sad"))

    def outcomes(self, transcript, verdicts):
        yield Outcome("s", "s", "m", 1.0)

class Slow(Good):
    def samples(self, data):
        time.sleep(60)

class Ending(Good):
    def samples(self, data):
        os._exit(7)

class Online(Good):
    def samples(self, data):
        urllib.request.urlopen("http://127.0.0.1:9/")

class Undeclared(Good):
    def outcomes(self, transcript, verdicts):
        yield Outcome("s", "s", "other", 1.0)

class Missing(Good):
    def samples(self, data):
        return [Sample("s", (Message("user", data.file("nowhere", "x.txt").read_text()),), "s")]

class Moods(Judge):
    baseline = True

    def accepts(self, rubric_name):
        return rubric_name == "mood"

    def decide(self, rubric):
        return Verdict(rubric.name, rubric.turn, ("glad",))

class Raising(Moods):
    def decide(self, rubric):
        raise KeyError("glad")

class Unsure(Moods):
    def accepts(self, rubric_name):
        return "yes"

class Loading(Moods):
    baseline = False

    def decide(self, rubric):
        os._exit(9)

class Asking(Moods):
    model = JudgeModel("m", Sampling())

    def ask(self, rubric):
        return (Message("user", rubric.prompt),)

    def read(self, rubric, reply):
        return reply.text

class Other(Inducer):
    def induce(self, subject, value, materials):
        return None
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Trial]:
    """The trials of all plugins of the file, by class; it starts four processes."""
    file = tmp_path_factory.mktemp("trial") / "parts.py"
    file.write_text(PLUGINS)
    kinds = {
        "eval": ("Good", "Slow", "Ending", "Online", "Undeclared", "Missing"),
        "judge": ("Moods", "Raising", "Unsure", "Loading", "Asking"),
        "inducer": ("Other",),
    }
    names = [(kind, f"{file}:{name}") for kind, listed in kinds.items() for name in listed]
    done = trials([*names, ("judge", "rules"), ("eval", "lm-eval")], limit_s=3.0)
    return {name.rpartition(":")[2]: trial for (_, name), trial in done.items()}


def test_every_plugin_has_a_trial_also_after_one_that_ends_the_process(
    results: dict[str, Trial],
) -> None:
    assert len(results) == 14
    assert results["Good"] == Trial(("samples", "dialogue", "rubrics", "outcomes"))
    assert results["rules"] == Trial(("accepts", "decide"))


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("Slow", "it took longer than 3 s with small parts"),
        ("Ending", "it ended the process (exit code 7)"),
        ("Online", "there is no network while plugins are checked"),
        ("Undeclared", "outcomes yielded the metric 'other'; metrics declares 'm'"),
        ("Raising", "decide of 'mood' is broken: KeyError: 'glad'"),
        ("Unsure", "accepts('values') returned 'yes', not True or False"),
        ("Asking", "read of 'mood' is broken: Breach: read returned a str"),
        ("Other", "induce returned None, not a vibench.Subject"),
    ],
)
def test_what_is_wrong_is_one_sentence(results: dict[str, Trial], name: str, error: str) -> None:
    assert error in str(results[name].error)
    assert "\n" not in str(results[name].error)


def test_what_is_not_called_is_said(results: dict[str, Trial]) -> None:
    assert "lm-eval.task" in results["lm-eval"].uncalled
    assert "may load a model" in results["Loading"].uncalled
    assert "nowhere" in results["Missing"].uncalled
    assert not any(results[name].error for name in ("lm-eval", "Loading", "Missing"))
