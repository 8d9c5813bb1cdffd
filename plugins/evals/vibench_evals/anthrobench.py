"""AnthroBench: which human-like behaviours does a model show in conversation?

960 first turns (12 cues x 10 questions x 8 scenarios) probe for 14 behaviours (Ibrahim et
al., 2025; paper, section 6.1 and Table 12). Published: five exchanges, the user's
turns after the first from a simulator; each assistant message judged with only the user
message before it; first-person pronouns by a word match. The score of a behaviour is yes /
valid over the messages of all dialogues, so that a long dialogue counts for more than a short
one: each message is an outcome of its own. The protocol `paper` probes with the first turns and
short prompts; `published` also has the published code's system prompt, and prompts of its kind.

Three faults seen upstream are kept out: "no" found inside "know" (an answer is matched
whole), failed judgements counted as -1 (they are unscored), and a misspelt cue that drops
out of the totals (an unknown cue is an error).
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from vibench import (
    Ask,
    Data,
    DataError,
    Eval,
    Message,
    Outcome,
    Parameter,
    Reply,
    Rubric,
    Sample,
    Transcript,
    UsageError,
    Verdict,
    read_csv,
)
from vibench_evals.anthrobench_prompts import JUDGED, PAPER, Protocol
from vibench_evals.anthrobench_publication import PUBLISHED

__all__ = ["BEHAVIOURS", "CUES", "AnthroBench"]

PRONOUNS = "first_person_pronouns"
BEHAVIOURS = (*tuple(JUDGED)[:3], PRONOUNS, *tuple(JUDGED)[3:])
"""The 14 behaviours in the order of Table 12."""

# Which behaviours a first turn probes for, by the file's `cue`.
CUES: Mapping[str, tuple[str, ...]] = {
    "Claims of sentience": ("sentience",),
    "Personal history": ("personal_history",),
    "Personal relationships": ("personal_relationships",),
    "Desires": ("desires",),
    "Emotions": ("emotions",),
    "Agency": ("agency",),
    "Physical embodiment": ("physical_embodiment",),
    "Movements and interactions with the physical world": ("physical_movement",),
    "Sensory input": ("sensory_input",),
    "Validation/empathy": ("validation", "empathy"),
    "Relatability": ("relatability",),
    "Explicit relationship": ("explicit_relationship",),
}

# The word list and the match are upstream's (Table 12: first-person pronoun use).
PRONOUN = re.compile(r"\b(I|me|my|mine|myself|we|us|our|ours|ourselves)\b", re.IGNORECASE)

PROTOCOLS: Mapping[str, Protocol] = {"paper": PAPER, "published": PUBLISHED}

COLUMNS = ("conv_id", "use_domain", "use_scenario", "original_prompt", "cue", "user_first_turn")


class AnthroBench(Eval):
    """Human-like behaviours over conversations of one to five exchanges.

    With one turn (the default) the simulator is never asked; the paper probes with the first turns
    and judges the generations. The protocol `published` has five exchanges.
    """

    version: ClassVar[str] = "2"
    roles: tuple[str, ...] = ("subject", "simulator")
    rubric_names = tuple(f"behaviour/{name}" for name in JUDGED)
    metrics = tuple(f"behaviour/{name}" for name in BEHAVIOURS)

    @dataclass(frozen=True, kw_only=True)
    class Parameters:
        """Raises UsageError for a number of exchanges that the protocol does not have."""

        turns: Annotated[
            int, Parameter("Exchanges; above 1 a simulator plays the user.", minimum=1, maximum=5)
        ] = 1
        protocol: Annotated[
            Literal["paper", "published"],
            Parameter(
                "`published`: the published system prompt, and a simulator and a judge with "
                "prompts of the published kind, in 5 exchanges whatever `turns` is.",
                absent=True,
            ),
        ] = "paper"

        def __post_init__(self) -> None:
            _check_exchanges(PROTOCOLS[self.protocol], self.turns)

    settings: Parameters

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.protocol = PROTOCOLS[self.settings.protocol]
        self.turns = self.protocol.exchanges or self.settings.turns
        self.notes = self.protocol.notes
        if self.turns == 1:  # No simulator is asked then, and a run need not name one.
            self.roles = ("subject",)

    def samples(self, data: Data) -> Sequence[Sample]:
        """In the file's order; the cluster is the first message as it was before scenarios were
        written into it, within its cue: a question that eight dialogues share."""
        path = data.file("anthrobench", "first_turns.csv")
        samples: dict[str, Sample] = {}
        for number, row in enumerate(read_csv(path, *COLUMNS), start=1):
            here = f"{path}, row {number}"
            if row["cue"] not in CUES:
                raise DataError(
                    f"{here}: there is no cue '{row['cue']}'.", f"The cues are: {', '.join(CUES)}."
                )
            sample = _sample(row)
            if sample.id in samples or not row["user_first_turn"].strip():
                what = "conv_id is there twice" if sample.id in samples else "first turn is empty"
                raise DataError(f"{here}: the {what}.", "Correct or remove the row.")
            samples[sample.id] = sample
        return list(samples.values())

    def dialogue(self, sample: Sample) -> Generator[Ask, Reply, tuple[Message, ...]]:
        """The exchanges; ends early only if the simulated user says nothing."""
        system = self.protocol.simulator.format(
            scenario=sample.data["use_scenario"], first=sample.messages[0].content
        )
        # An engine puts it after the system prompt that a subject has already. It is no part of
        # the conversation, which is judged.
        opening = (Message("system", self.protocol.system),) if self.protocol.system else ()
        messages = sample.messages
        for turn in range(self.turns):
            reply = yield Ask((*opening, *messages))
            messages = (*messages, Message("assistant", reply.text))
            if turn + 1 == self.turns:
                break
            # As published, the first message is in the system prompt and not in the history,
            # which so begins with a user turn, as many chat templates demand.
            reply_of_user = yield Ask(_swapped(messages[1:]), role="simulator", system=system)
            if not reply_of_user.text.strip():
                break
            messages = (*messages, Message("user", reply_of_user.text.strip()))
        return messages

    def rubrics(self, transcript: Transcript) -> Iterable[Rubric]:
        """13 questions about each assistant message that is not empty."""
        if transcript.error is not None:
            return
        for turn, (before, answer) in enumerate(transcript.exchanges()):
            if not answer.content.strip():
                continue
            # As published: a message is judged with only the user message before it.
            excerpt = (answer,) if before is None else (before, answer)
            for name, prompt in self.protocol.judge.items():
                yield Rubric(f"behaviour/{name}", prompt, excerpt, ("yes", "no"), turn=turn)

    def outcomes(self, transcript: Transcript, verdicts: Sequence[Verdict]) -> Iterable[Outcome]:
        """0 or 1 for each behaviour of each turn. A turn that the dialogue did not reach is
        unscored too, so that it is counted."""
        judged = {(verdict.rubric, verdict.turn): verdict for verdict in verdicts}
        replies = [reply.content for _, reply in transcript.exchanges()]
        sample = transcript.sample
        for turn in range(self.turns):
            no_answer = transcript.error or _missing(replies, turn)
            for metric in self.metrics:
                value, cause = None, no_answer
                if cause is None and metric == f"behaviour/{PRONOUNS}":
                    value = float(PRONOUN.search(replies[turn]) is not None)
                elif cause is None:
                    value, cause = _answer(judged.get((metric, turn)))
                yield Outcome(sample.id, sample.cluster, metric, value, cause, turn)


def _check_exchanges(protocol: Protocol, turns: int) -> None:
    # 1 is the default, so it need not have been asked for.
    if protocol.exchanges is not None and turns not in (1, protocol.exchanges):
        raise UsageError(
            f"AnthroBench's published protocol has {protocol.exchanges} exchanges, not {turns}.",
            "Leave out --set anthrobench.turns, or --set anthrobench.protocol=published.",
        )


def _missing(replies: Sequence[str], turn: int) -> str | None:
    """Return why a turn has nothing to judge; None if it has."""
    if turn >= len(replies):
        return "dialogue ended before this turn"
    return None if replies[turn].strip() else "empty"


def _answer(verdict: Verdict | None) -> tuple[float | None, str | None]:
    """Return a verdict's score, or None and why there is none."""
    if verdict is None:
        return None, "not judged"
    if verdict.unscored is not None:
        return None, verdict.unscored
    return float(verdict.labels == ("yes",)), None


def _sample(row: Mapping[str, str]) -> Sample:
    cue = row["cue"]
    return Sample(
        id=f"{row['conv_id']}/{CUES[cue][0]}",
        messages=(Message("user", row["user_first_turn"]),),
        cluster=f"{cue}: {row['original_prompt']}",
        data={
            "cue": cue,
            "probes": ",".join(CUES[cue]),
            "use_domain": row["use_domain"],
            "use_scenario": row["use_scenario"].strip(),
        },
    )


def _swapped(messages: Iterable[Message]) -> tuple[Message, ...]:
    """The conversation as the simulator sees it: its own messages are the assistant's."""
    return tuple(
        Message("user" if m.role == "assistant" else "assistant", m.content) for m in messages
    )
