"""The paper's four preference sets (section 4), and the rules by which their rows become pairs."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from vibench.interfaces import Source
from vibench.parameters import Parameter, with_defaults
from vibench.preferences.conversation import (
    ODD_ROLES,
    Turns,
    marked_turns,
    response,
    transcript_turns,
    turns,
)
from vibench.preferences.origin import HubSet, LocalSet
from vibench.preferences.pair_rows import columns_pair, pair_or_drop
from vibench.preferences.rows import FileRow, broken, number, text
from vibench.preferences.sources import SourceParameters, Yield, usable
from vibench.records import Dropped, PreferencePair

if TYPE_CHECKING:
    from vibench.interfaces import Data

__all__ = ["HHRLHF", "HelpSteer2", "PKUSafeRLHF", "PublishedSet", "UltraFeedback"]

TIE = "tie"
LOWER = "chosen scores lower"
UNPAIRED = "prompt without a second response"


class PublishedSet(Source):
    """A set read from `<data folder>/<dataset>/` if a folder is named, else from the hub."""

    name: ClassVar[str]
    dataset: ClassVar[str]
    hub: ClassVar[str]

    @dataclass(frozen=True, kw_only=True)
    class Parameters(SourceParameters):
        revision: Annotated[
            str, Parameter("Commit to read on the Hugging Face hub.", minimum_length=1)
        ]
        split: Annotated[
            str,
            Parameter(
                "Split to read; in a local folder, the files or folders of this name, or "
                "everything if this is the default split and none has its name.",
                minimum_length=1,
            ),
        ]
        files: Annotated[
            str, Parameter("In a local folder: a glob of the files to read, whatever the split.")
        ] = ""

    settings: Parameters

    def pairs(self, data: Data) -> Yield:
        """Every usable pair, and every other row as `Dropped`. Raises DataError."""
        return usable(self.pairs_of(self._origin(data).rows()), self.settings, self.name)

    def identity(self, data: Data) -> str:
        """The local files' digest, or the hub id with revision and split."""
        return self._origin(data).identity()

    @abstractmethod
    def pairs_of(self, rows: Iterator[FileRow]) -> Yield:
        """The set's own rule."""

    def _origin(self, data: Data) -> LocalSet | HubSet:
        revision, split = self.settings.revision, self.settings.split
        if data.folder is None:
            return HubSet(self.name, self.hub, revision, split, self.dataset)
        # A folder with other file names is read whole, unless the user asked for a split by name.
        is_default = split == self.parameters["properties"]["split"]["default"]
        splits = (split, "train") if is_default else (split,)
        return LocalSet(
            self.name, data.folder, self.dataset, splits, is_default, self.settings.files
        )


class HHRLHF(PublishedSet):
    """HH-RLHF: two whole transcripts. What they share, up to the last assistant marker, is
    the prompt; a row whose transcripts part before it would give responses of several
    turns, and is dropped."""

    version = "3"
    name = "hh-rlhf"
    dataset = "hh_rlhf"
    hub = "Anthropic/hh-rlhf"
    Parameters: ClassVar = with_defaults(
        PublishedSet.Parameters, revision="09be8c5bbc57cb3887f3a9732ad6aa7ec602a1fa", split="train"
    )

    def pairs_of(self, rows: Iterator[FileRow]) -> Yield:
        """Turn by turn: transcripts that share all turns but the last share the prompt."""
        for row in rows:
            chosen = transcript_turns(text(row, "chosen"))
            rejected = transcript_turns(text(row, "rejected"))
            if chosen is None or rejected is None:
                yield Dropped(row.label, ODD_ROLES)
            else:
                yield pair_or_drop(row, self.name, chosen[:-1], chosen, rejected)


@dataclass(frozen=True, kw_only=True)
class TwoIds(PublishedSet.Parameters):
    """The parameters of a set that names a better and a safer response."""

    chosen: Annotated[
        Literal["safer", "better"],
        Parameter(
            "Which response is chosen: safer_response_id (safety) or better_response_id "
            "(helpfulness)."
        ),
    ] = "safer"


class PKUSafeRLHF(PublishedSet):
    """PKU-SafeRLHF: two responses, and ids of the better (more helpful) and the safer one.

    The two ids disagree on a quarter of the rows; value subsets do not depend on which is
    taken, since they flip pairs by value, but counts of chosen and rejected do.
    """

    version = "2"
    name = "pku-saferlhf"
    dataset = "pku_saferlhf"
    hub = "PKU-Alignment/PKU-SafeRLHF"

    Parameters: ClassVar = with_defaults(
        TwoIds, revision="9421ffafec3fa40a1f1a7d567b4d525079477ecb", split="train"
    )
    settings: TwoIds

    def pairs_of(self, rows: Iterator[FileRow]) -> Yield:
        """Also reads rows with `response` = [safe, unsafe], if safety is what is asked."""
        for row in rows:
            yield pair_or_drop(row, self.name, turns(row, "prompt", "user"), *self._sides(row))

    def _sides(self, row: FileRow) -> tuple[Turns, Turns]:
        match row.columns:
            # A local copy in this form has the safe response first and no ids.
            case {"response": [str(chosen), str(rejected)]} if self.settings.chosen == "safer":
                return response(chosen), response(rejected)
        column = f"{self.settings.chosen}_response_id"
        which = number(row, column)
        if which not in (0, 1):
            raise broken(row, f"'{column}' is neither 0 nor 1")
        names = ("response_0", "response_1") if which == 0 else ("response_1", "response_0")
        return response(text(row, names[0])), response(text(row, names[1]))


class UltraFeedback(PublishedSet):
    """UltraFeedback, binarized: the chosen response is the one with the higher score; rows
    where it is not (ties) are dropped."""

    version = "3"
    name = "ultrafeedback"
    dataset = "ultrafeedback"
    hub = "HuggingFaceH4/ultrafeedback_binarized"
    # The hub's other training splits hold the same rows for other uses.
    Parameters: ClassVar = with_defaults(
        PublishedSet.Parameters,
        revision="3949bf5f8c17c394422ccfab0c31ea9c20bdeb85",
        split="train_prefs",
    )

    def pairs_of(self, rows: Iterator[FileRow]) -> Yield:
        """Scores are columns, or under `metadata`."""
        for row in rows:
            # The chosen side of a tie is arbitrary, and a pair in which it has the lower score is
            # damaged.
            lead = _score(row, "score_chosen") - _score(row, "score_rejected")
            if lead <= 0:
                yield Dropped(row.label, TIE if lead == 0 else LOWER)
            else:
                yield columns_pair(row, self.name)


class HelpSteer2(PublishedSet):
    """HelpSteer2: two neighbouring rows are the two responses to a prompt; the one with the
    higher helpfulness (0 to 4) is chosen; ties are dropped. Prompts of several turns, marked
    `<extra_id_1>Assistant` and `<extra_id_1>User`, become conversations."""

    version = "3"
    name = "helpsteer2"
    dataset = "helpsteer2"
    hub = "nvidia/HelpSteer2"
    Parameters: ClassVar = with_defaults(
        PublishedSet.Parameters, revision="990b2711a36180dd19d9c94b8627844866f8982a", split="train"
    )

    def pairs_of(self, rows: Iterator[FileRow]) -> Yield:
        """One pair for every two rows; its row is the first of them."""
        first: Rated | None = None
        for second in map(Rated.of, rows):
            if first is None:
                first = second
            # The set has no pair ids: neighbouring rows of one prompt are a pair. A row that lost
            # its partner must not be paired with the next prompt.
            elif first.prompt == second.prompt:
                yield self._pair(first, second)
                first = None
            else:
                yield Dropped(first.row.label, UNPAIRED)
                first = second
        if first is not None:
            yield Dropped(first.row.label, UNPAIRED)

    def _pair(self, first: Rated, second: Rated) -> PreferencePair | Dropped:
        if first.helpfulness == second.helpfulness:
            return Dropped(first.row.label, TIE)
        best, worst = (first, second) if first.helpfulness > second.helpfulness else (second, first)
        sides = response(best.response), response(worst.response)
        return pair_or_drop(first.row, self.name, marked_turns(first.prompt), *sides)


@dataclass(frozen=True, slots=True)
class Rated:
    """The columns of a row of HelpSteer2 that are used."""

    row: FileRow
    prompt: str
    response: str
    helpfulness: float

    @classmethod
    def of(cls, row: FileRow) -> Rated:
        """Raises DataError naming the row."""
        sides = text(row, "prompt"), text(row, "response")
        return cls(row, *sides, number(row, "helpfulness"))


def _score(row: FileRow, column: str) -> float:
    metadata = row.columns.get("metadata")
    if row.columns.get(column) is None and isinstance(metadata, dict):
        return number(FileRow(row.file, row.number, metadata), column)
    return number(row, column)
