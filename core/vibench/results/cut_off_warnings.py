"""Warnings about answers and replies that were cut off at a limit of tokens."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence

from vibench.results.cells import CellResult, subject_words
from vibench.results.cut_offs import MAX_CUT_OFF, CutOffs
from vibench.results.judge_labels import judge_plugin
from vibench.text import clean

__all__ = ["alarming", "cut_off_lines", "cut_off_share", "cut_off_warnings"]

Count = tuple[CellResult, int, int]
"""A cell, how many answers (or replies) it has, and how many of them were cut off."""


def cut_off_share(subject: CutOffs, vanilla: CutOffs | None) -> str:
    """Return a subject's share of answers that were cut off, in percent, after that of the
    untouched model where it is compared with one: "0 → 92.7"."""
    shares = [subject.share] if vanilla is None else [vanilla.share, subject.share]
    return " → ".join("-" if s is None else f"{100 * s:.1f}" if s else "0" for s in shares)


def cut_off_lines(cells: Sequence[CellResult]) -> list[str]:
    """Return a line on the answers and one on the judge's replies, if the cells have any."""
    answers, replies = _answers(cells), _replies(cells)
    lines = []
    if answers:
        lines.append(f"cut off at max_tokens: {_line(answers, ' answers')}")
    if replies:
        lines.append(f"judge's replies cut off: {_line(replies)}")
    return lines


def alarming(cells: Sequence[CellResult]) -> bool:
    """Return if any cell has more answers or replies cut off than is acceptable."""
    return bool(_too_many((*_answers(cells), *_replies(cells))))


def cut_off_warnings(cells: Sequence[CellResult]) -> list[str]:
    """Return a sentence for each eval, and each judge of it, with too many answers or replies cut
    off in some cell. It names the setting to raise."""
    evals = {cell.eval: None for cell in cells}
    judges = {(cell.eval, cell.judge): None for cell in cells}
    sentences = [_answers_warning([cell for cell in cells if cell.eval == name]) for name in evals]
    sentences += [
        _replies_warning([cell for cell in cells if (cell.eval, cell.judge) == pair])
        for pair in judges
    ]
    return list(filter(None, sentences))


def _answers_warning(cells: Sequence[CellResult]) -> str:
    # Two judges of one eval judge the same answers, which are counted once.
    answers = _answers(list({_transcripts(cell): cell for cell in cells}.values()))
    many = _too_many(answers)
    if not many:
        return ""
    cell = max(many, key=_share)[0]
    # An eval without a judge runs its own loop (lm-eval), with a limit of its own.
    setting = "sampling.max_tokens" if cell.judge else f"{cell.eval}.max_gen_toks"
    limit = _limit(many, setting)
    return (
        f"{_which(answers, many, f'answers in {clean(cell.eval)}')} cut off{_at(limit)}: scores "
        f"are of unfinished answers. {_remedy(cell, setting, limit)}"
    )


def _replies_warning(cells: Sequence[CellResult]) -> str:
    replies = _replies(cells)
    many = _too_many(replies)
    if not many:
        return ""
    cell = max(many, key=_share)[0]
    setting = f"{judge_plugin(cell.judge)}.max_tokens"
    limit = _limit(many, setting)
    what = f"replies of the judge {clean(cell.judge)} in {clean(cell.eval)}"
    return (
        f"{_which(replies, many, what)} cut off{_at(limit)} and are unscored. "
        f"{_remedy(cell, setting, limit)}"
    )


def _which(counts: Sequence[Count], many: Sequence[Count], what: str) -> str:
    """ "89 of 96 answers in advbench (92.7 %: dpo on empathy, tiny-base) were"."""
    worst = max(many, key=_share)
    cell, n, cut = worst
    who = f"{subject_words(cell)}, {clean(cell.model)}"
    if len(many) == 1:
        return f"{cut:,} of {n:,} {what} ({_percent(worst)}: {who}) were"
    total, cut_in_all = sum(n for _, n, _ in counts), sum(cut for _, _, cut in counts)
    return (
        f"{cut_in_all:,} of {total:,} {what} (up to {_percent(worst)}: {who}; above 5 % in "
        f"{len(many):,} of {len(counts):,} subjects) were"
    )


def _remedy(cell: CellResult, setting: str, limit: int | None) -> str:
    if setting not in cell.parameters:
        return "Allow longer ones."
    return f"Allow longer ones: --set {setting}={2 * limit if limit else '...'}"


def _transcripts(cell: CellResult) -> tuple[Hashable, ...]:
    return cell.transcripts, cell.model, cell.inducer, cell.value, cell.seed


def _at(limit: int | None) -> str:
    return f" at {limit:,} tokens" if limit else " at their limit of tokens"


def _limit(counts: Iterable[Count], setting: str) -> int | None:
    limits = (cell.parameters.get(setting) for cell, _, _ in counts)
    return max((limit for limit in limits if isinstance(limit, int)), default=None)


def _line(counts: Sequence[Count], what: str = "") -> str:
    """ "none of 96 answers", "89 of 192 answers (46.4 %), up to 92.7 % (dpo on empathy)"."""
    total, cut = sum(n for _, n, _ in counts), sum(cut for _, _, cut in counts)
    if not cut:
        return f"none of {total:,}{what}"
    share = f"{cut:,} of {total:,}{what} ({100 * cut / total:.1f} %)"
    if len(counts) == 1:
        return share
    worst = max(counts, key=_share)
    models = {cell.model for cell, _, _ in counts}
    where = f", {clean(worst[0].model)}" if len(models) > 1 else ""
    return f"{share}, up to {_percent(worst)} ({subject_words(worst[0])}{where})"


def _answers(cells: Iterable[CellResult]) -> list[Count]:
    return _counted(cells, lambda c: (c.answers, c.cut_off))


def _replies(cells: Iterable[CellResult]) -> list[Count]:
    return _counted(cells, lambda c: (c.judge_replies, c.judge_cut_off))


def _counted(
    cells: Iterable[CellResult], counts: Callable[[CutOffs], tuple[int, int]]
) -> list[Count]:
    return [(cell, *counts(cell.cut_offs)) for cell in cells if counts(cell.cut_offs)[0]]


def _too_many(counts: Iterable[Count]) -> list[Count]:
    return [count for count in counts if _share(count) > MAX_CUT_OFF]


def _share(count: Count) -> float:
    return count[2] / count[1]


def _percent(count: Count) -> str:
    return f"{100 * _share(count):.1f} %"
