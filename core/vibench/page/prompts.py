"""The first prompt of each subject and eval, and the first pair of each training, as stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vibench.page.sets import TranscriptSet
from vibench.results.manifests import read_manifest
from vibench.sessions.prompt_files import StoredPair, StoredPrompt, read_pair, read_prompt
from vibench.stages.adapter import AdapterSpec
from vibench.text import clean

if TYPE_CHECKING:
    from vibench.store.artefacts import Store

__all__ = ["PairView", "PromptView", "pair_views", "prompt_views"]


@dataclass(frozen=True, slots=True)
class PromptView:
    """A prompt, and the subjects that were asked it."""

    eval: str
    subjects: tuple[str, ...]
    prompt: StoredPrompt


@dataclass(frozen=True, slots=True)
class PairView:
    """A pair as trainings read it, and the subjects that came of them."""

    subjects: tuple[str, ...]
    pair: StoredPair
    redacted: bool


def prompt_views(sets: Sequence[TranscriptSet]) -> list[PromptView]:
    """Return the first prompt of each set; subjects that were asked the same are together."""
    subjects: dict[tuple[str, StoredPrompt], list[str]] = {}
    for transcripts in sets:
        prompt = read_prompt(transcripts.path.parent)
        if prompt is not None:
            names = subjects.setdefault((transcripts.eval, prompt), [])
            _add(names, _subject(transcripts))
    return [PromptView(e, tuple(names), prompt) for (e, prompt), names in subjects.items()]


def pair_views(store: Store, sets: Sequence[TranscriptSet], redact: bool = False) -> list[PairView]:
    """Return the first pair of each training behind the sets; without its answers if `redact`."""
    adapters: dict[str, list[str]] = {}
    for transcripts in sets:
        spec = read_manifest(transcripts.path.parent).get("spec", {})
        adapter = (spec.get("subject") or {}).get("adapter")
        if adapter:
            _add(adapters.setdefault(str(adapter), []), _subject(transcripts))
    subjects: dict[StoredPair, list[str]] = {}
    # Trainings that differ in beta alone start from the same pair: show it once.
    for adapter, names in adapters.items():
        pair = read_pair(store.folder(AdapterSpec.kind, adapter))
        if pair is not None:
            for name in names:
                _add(subjects.setdefault(pair, []), name)
    return [PairView(tuple(names), pair, redact) for pair, names in subjects.items()]


def _subject(transcripts: TranscriptSet) -> str:
    words = (transcripts.model, transcripts.inducer, transcripts.value, *transcripts.settings)
    return clean(" ".join(filter(None, words)))


def _add(names: list[str], name: str) -> None:
    if name not in names:
        names.append(name)
