"""Conversations of evals with example replies, and what judges are asked about them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vibench.boundary import checked_rubrics, planning
from vibench.preview.example_replies import OTHER_ROLE, judge_example
from vibench.preview.model_requests import ExampleSession
from vibench.preview.records import JudgedExample, Question, Turn
from vibench.records import Adapter, Outcome, Rubric, Sample, Subject, Transcript, Verdict
from vibench.sessions.dialogues import DialogueTable, Player, play
from vibench.sessions.open_ended_metrics import without_unknown
from vibench.sessions.question_stream import question_request
from vibench.sessions.verdict_rows import judged_row, verdict_of
from vibench.stages.transcript_outcomes import score

if TYPE_CHECKING:
    from vibench.interfaces import Eval, Judge
    from vibench.plugins import Plugins
    from vibench.preview.model_requests import Requests
    from vibench.sessions.configs import SubjectRecord
    from vibench.stages.judge_stage import JudgedSpec
    from vibench.stages.transcripts import ConversationsSpec

__all__ = ["Conversation", "Conversations", "subject_of"]


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation with example replies: its requests, and the transcript."""

    turns: tuple[Turn, ...]
    transcript: Transcript


class Conversations:
    """Plays and judges conversations. `reply` stands for every answer of a subject."""

    def __init__(self, plugins: Plugins, requests: Requests, reply: str, limit: int) -> None:
        self.plugins, self.requests, self.reply, self.limit = plugins, requests, reply, limit

    def played(
        self, spec: ConversationsSpec, samples: Sequence[Sample]
    ) -> Mapping[str, Conversation]:
        """Return the conversations of one stage, by sample."""
        name = spec.eval.name
        evaluation: Eval = self.plugins.build("eval", name, spec.eval.asked)
        forms = self.requests.of(spec.subject.model, spec.engine)
        players = {"subject": Player(ExampleSession(forms, self.reply), subject_of(spec.subject))}
        for role in evaluation.roles:
            # Every role but the subject's is played by the simulator, such as the user of
            # AnthroBench.
            if role not in players and spec.simulator is not None:
                model, engine = spec.simulator.model, spec.simulator_engine or spec.engine
                session = ExampleSession(self.requests.of(model, engine), OTHER_ROLE)
                players[role] = Player(session, Subject(model))
        table = DialogueTable(evaluation, players, spec.sampling, spec.seed)
        # `planning` turns an exception of plugin code into an error that names the plugin.
        with planning(self.plugins.entry("eval", name), "dialogue(sample), previewed"):
            transcripts = play(table, samples)
        turns = _turns(table)
        return {t.sample.id: Conversation(tuple(turns[t.sample.id]), t) for t in transcripts}

    def judged(
        self,
        spec: ConversationsSpec,
        judging: JudgedSpec,
        transcript: Transcript,
        known_values: tuple[str, ...] | None,
    ) -> JudgedExample:
        """Return what a judge is asked about a conversation, and what comes of its answers."""
        name = spec.eval.name
        evaluation: Eval = self.plugins.build("eval", name, spec.eval.asked)
        judge: Judge = self.plugins.build("judge", judging.judge.name, judging.judge.asked)
        with planning(self.plugins.entry("eval", name), "rubrics(transcript), previewed"):
            rubrics = checked_rubrics(evaluation.rubrics(transcript), evaluation)
        questions = tuple(self.question(judge, judging, rubric) for rubric in rubrics[: self.limit])
        with planning(self.plugins.entry("judge", judging.judge.name), "ask(rubric)"):
            # The judge's own reader reads the example reply, so a reader that fails shows here.
            reply, verdicts = _verdicts(judge, rubrics)
        with planning(self.plugins.entry("eval", name), "outcomes(transcript, verdicts)"):
            outcomes = score(evaluation, transcript, verdicts)
        # As in a run: a value that this judge cannot name has no outcome, rather than a 0.
        scored: tuple[Outcome, ...] = tuple(without_unknown(outcomes, known_values))
        return JudgedExample(
            judging.judge.name, questions, len(rubrics), reply, tuple(verdicts), scored
        )

    def question(self, judge: Judge, judging: JudgedSpec, rubric: Rubric) -> Question:
        """Return a question as the judge's model gets it."""
        if judging.judge_model is None or judging.engine is None:
            return Question(rubric.name, rubric.turn, None)
        subject = subject_of(judging.judge_model)
        with planning(self.plugins.entry("judge", judging.judge.name), "ask(rubric)"):
            request = question_request(judge, rubric, subject)
        if request is None:
            return Question(rubric.name, rubric.turn, None)
        return Question(rubric.name, rubric.turn, self.requests.question(request, judging.engine))


def subject_of(record: SubjectRecord) -> Subject:
    """Return the subject of a stage whose adapter, if it has one, need not be trained yet."""
    adapter = Adapter(record.adapter, record.model.identity) if record.adapter else None
    return Subject(record.model, adapter, record.system, record.template_system)


def _turns(table: DialogueTable) -> Mapping[str, list[Turn]]:
    """Return the requests of each sample's conversation, in order."""
    numbered: dict[str, dict[int, Turn]] = defaultdict(dict)
    # Each role has its own session; the numbers in the ids put all requests back in order.
    for role, player in table.players.items():
        assert isinstance(player.session, ExampleSession)
        for request in player.session.requests:
            # An id is TABLE/SAMPLE#NUMBER. A sample's own id may contain "#": split at the last
            # one.
            sample, _, number = request.id.removeprefix(f"{table.name}/").rpartition("#")
            prompt = player.session.forms.prompt(request)
            numbered[sample][int(number)] = Turn(role, prompt, player.session.reply)
    return {
        sample: [turns[number] for number in sorted(turns)] for sample, turns in numbered.items()
    }


def _verdicts(judge: Judge, rubrics: Sequence[Rubric]) -> tuple[str, list[Verdict]]:
    """Return the example reply to the first question for the judge's model, and all verdicts."""
    first, verdicts = "", []
    for rubric in rubrics:
        # A judge with a model may still decide some rubrics itself: then it asks nothing.
        if judge.model is None or not judge.ask(rubric):
            row = judged_row(rubric, "decide", judge.decide, rubric)
            verdicts.append(verdict_of(rubric, row))
            continue
        reply, verdict = judge_example(judge, rubric)
        first = first or reply
        verdicts.append(verdict)
    return first, verdicts
