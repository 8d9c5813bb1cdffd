"""Preference pairs as rows of tokens: the one form that references and every trainer use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vibench.engines.chat_template import AnswerRow, Renderer, RenderingError
from vibench.engines.loglikelihoods import TokenRow
from vibench.engines.prompt_checks import without_embedding
from vibench.errors import StageError
from vibench.interfaces import TrainingJob
from vibench.records import PreferencePair, TemplateSystem
from vibench.training.base_model import Policy

__all__ = ["PairRows", "TokenPair", "render_job", "render_pairs", "render_rows"]

SHOWN_REASONS = 3


@dataclass(frozen=True, slots=True)
class TokenPair:
    """A pair in tokens, both sides cut to `max_length`.

    Both begin with the same prompt, token for token the prompt that a subject is asked.
    """

    pair: PreferencePair
    chosen: TokenRow
    rejected: TokenRow


@dataclass(frozen=True, slots=True)
class PairRows:
    """The usable pairs of a training, and counts of the others.

    `too_long` are ids of pairs whose prompt alone fills `max_length`; `refused` maps ids to the
    reason why the chat template cannot give the asked prompt and the answer. `onto_prompt`,
    `trimmed` and `within_thought` count usable pairs with such an answer
    (`vibench.engines.answer_rows`).
    """

    usable: Sequence[TokenPair]
    too_long: Sequence[str] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    onto_prompt: int = 0
    trimmed: int = 0
    within_thought: int = 0

    def facts(self, rows: int | None = None) -> dict[str, Any]:
        """Return counts for an adapter's manifest.

        `rows` is the number of rows trained on where one pair gives several (each side by
        itself, each turn of a conversation); by default every usable pair is one row.
        """
        pairs = len(self.usable) + len(self.too_long) + len(self.refused)
        return {
            "pairs_given": pairs,
            "pairs_used": len(self.usable),
            "rows_given": pairs,
            "rows_used": len(self.usable) if rows is None else rows,
            "rows_dropped_too_long": len(self.too_long),
            "rows_refused_by_template": len(self.refused),
            "reasons_of_refusal": dict(Counter(self.refused.values()).most_common(SHOWN_REASONS)),
            "rows_rendered_onto_prompt": self.onto_prompt,
            "rows_trimmed_by_template": self.trimmed,
            "rows_within_thought": self.within_thought,
        }

    def notes(self) -> list[str]:
        """Return a sentence for each way in which pairs were not trained on as the template
        renders them."""
        usable = len(self.usable)
        notes = []
        if self.onto_prompt:
            notes.append(
                f"{self.onto_prompt} of {usable} pairs were rendered onto the asked prompt, "
                "because the chat template alone gives another context or another answer."
            )
        if self.trimmed:
            notes.append(
                "The chat template trims whitespace off an answer in "
                f"{self.trimmed} of {usable} pairs."
            )
        if self.within_thought:
            notes.append(
                f"The chat template's prompt opens a thought, and the answers of "
                f"{self.within_thought} of {usable} pairs do not close it: they were trained as "
                "thoughts. To train answers, turn thoughts off (--set transformers.thinking=off or "
                "vllm.thinking=off); where the template has no such switch, set a chat_template "
                "whose prompt closes the thought, for the engine and the inducer."
            )
        if self.refused:
            reason = Counter(self.refused.values()).most_common(1)[0][0]
            pairs = usable + len(self.too_long) + len(self.refused)
            notes.append(f"{len(self.refused)} of {pairs} pairs were left out: {reason}.")
        return notes


def render_pairs(policy: Policy, pairs: Sequence[PreferencePair], max_length: int) -> PairRows:
    """Render pairs for a policy, under its subject's system prompt (`render_rows`)."""
    subject = policy.subject
    return render_rows(
        policy.renderer,
        subject.system,
        pairs,
        max_length,
        policy.embeddings,
        subject.template_system,
    )


def render_job(policy: Policy, job: TrainingJob, max_length: int) -> PairRows:
    """Render the pairs of a training job. Raises StageError if none of them can be used."""
    rows = render_pairs(policy, job.pairs, max_length)
    if not rows.usable:
        total, causes = len(job.pairs), []
        if rows.too_long:
            causes.append(
                f"{len(rows.too_long)} of {total} have a prompt that fills max_length "
                f"({max_length} tokens)"
            )
        if rows.refused:
            reasons = ", ".join(sorted(set(rows.refused.values()))[:2])
            causes.append(f"{len(rows.refused)} of {total} are refused: {reasons}")
        # Without any pair there is no cause either.
        cause = ", ".join(causes) or "there is none"
        raise StageError(f"No pair for '{job.value.name}' can be trained on: {cause}.")
    return rows


def render_rows(
    renderer: Renderer,
    system: str | None,
    pairs: Sequence[PreferencePair],
    max_length: int,
    embeddings: int | None = None,
    template_system: TemplateSystem = "replace",
) -> PairRows:
    """Render pairs as tokens, and cut the end of an answer beyond `max_length`.

    The prompts are in chat form also for base models, since the subject that comes out has an
    adapter (paper, Appendix A). Pairs with a token that the model has no embedding for
    (`embeddings` is how many it has) are refused.
    """
    usable: list[TokenPair] = []
    too_long: list[str] = []
    refused: dict[str, str] = {}
    onto_prompt = trimmed = within_thought = 0
    for pair in pairs:
        try:
            conversation = renderer.conversation(system, pair.prompt, template_system)
            sides = [
                _answer(renderer, conversation, text, embeddings)
                for text in (pair.chosen, pair.rejected)
            ]
        except RenderingError as error:
            refused[pair.id] = str(error)
            continue
        if sides[0].start >= max_length:
            # Cut to `max_length` such a row has no token of its answer to learn from.
            too_long.append(pair.id)
            continue
        onto_prompt += any(side.onto_prompt for side in sides)
        trimmed += any(side.trimmed for side in sides)
        within_thought += any(side.within_thought for side in sides)
        chosen, rejected = (TokenRow(side.ids[:max_length], side.start) for side in sides)
        usable.append(TokenPair(pair, chosen, rejected))
    return PairRows(usable, too_long, refused, onto_prompt, trimmed, within_thought)


def _answer(
    renderer: Renderer, conversation: list[dict[str, str]], text: str, embeddings: int | None
) -> AnswerRow:
    row = renderer.answer_row(conversation, text)
    # Some tokenizers have tokens that their model lacks, which would be an IndexError in the middle
    # of a training.
    if unknown := without_embedding(row.ids, embeddings):
        raise RenderingError(unknown)
    if row.start >= len(row.ids):
        raise RenderingError("an answer is empty, and the chat template ends no turn")
    return row
