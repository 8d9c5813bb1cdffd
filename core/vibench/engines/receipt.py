"""The receipt: proof that an engine applies an adapter as PEFT does.

An engine can fail to apply an adapter without any error: it then answers as the base model does,
and the experiment shows that training changed nothing. So after each training, core puts
`receipt.json` into the adapter's folder: log-probabilities of a few answers under the base model
and under the adapter, measured by PEFT from the saved files. Before any eval, an engine's session
is asked for the same numbers, and a subject whose adapter is not in effect is refused.

Receipts are measured without a system prompt, in the chat form that adapters are
trained in.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from vibench.engines.chat_template import Renderer, RenderingError
from vibench.engines.loglikelihoods import TokenRow, score
from vibench.engines.model_files import load_tokenizer, load_weights
from vibench.engines.prompt_checks import embedding_count, padding_token, without_embedding
from vibench.engines.quiet import quiet
from vibench.errors import StoreError
from vibench.interfaces import Session
from vibench.records import Loglikelihood, LoglikelihoodRequest, Message, PreferencePair, Subject
from vibench.store.files import check_readable

__all__ = [
    "FILE",
    "MeasuredAnswer",
    "Receipt",
    "ReceiptCheck",
    "measure_with_peft",
    "prove",
    "read_receipt",
    "write_receipt",
]

FILE = "receipt.json"
ROWS = 4
TOLERANCE = {"float32": 1e-4, "float16": 0.01, "bfloat16": 0.05}
"""Nats per square root of tokens by which two ways of computing a number may differ: the
rounding errors of single tokens are independent, so their sum grows by the root."""


@dataclass(frozen=True, slots=True)
class MeasuredAnswer:
    """An answer's summed log-probability in nats, by PEFT, without and with the adapter."""

    messages: tuple[Message, ...]
    continuation: str
    tokens: int
    base: float
    adapted: float


@dataclass(frozen=True, slots=True)
class ReceiptCheck:
    """A measured answer beside the engine's numbers for it, all in nats."""

    peft_base: float
    peft_adapted: float
    engine_base: float
    engine_adapted: float
    tolerance: float


@dataclass(frozen=True, slots=True)
class Receipt:
    """The result of comparing an engine with PEFT; `reason` is empty if the adapter is in effect.

    `max_difference` is the largest distance of an engine's number from PEFT's, `effect`
    the largest change that the adapter makes by PEFT; both in nats.
    """

    rows: tuple[ReceiptCheck, ...]
    max_difference: float
    effect: float
    in_effect: bool
    reason: str = ""


def measure_with_peft(
    subject: Subject,
    pairs: Iterable[PreferencePair],
    *,
    dtype: str = "auto",
    device: str = "auto",
    chat_template: str = "",
    trust_remote_code: bool = False,
) -> tuple[str, list[MeasuredAnswer]]:
    """Return (dtype, up to 4 rows) for the chosen sides of the first pairs that fit the model.

    Loads the base model and the adapter from their files.
    """
    from peft import PeftModel

    # From the files and not from the trainer's model: an adapter that was saved incompletely
    # differs from the trained one, and it is the files that every engine loads.
    assert subject.adapter is not None, "a receipt is about an adapter"
    tokenizer = load_tokenizer(subject.model, chat_template, trust_remote_code)
    renderer = Renderer(tokenizer)
    weights = load_weights(subject.model, dtype, device, trust_remote_code)
    with quiet():
        model = PeftModel.from_pretrained(weights, subject.adapter.path).eval()
    context = getattr(weights.config.get_text_config(), "max_position_embeddings", None)
    embeddings = embedding_count(weights)
    pad = padding_token(tokenizer, embeddings)
    measured: list[MeasuredAnswer] = []
    for pair in pairs:
        try:
            answer = renderer.answer_row(renderer.conversation(None, pair.prompt), pair.chosen)
        except RenderingError:  # The pair was trained on with a system prompt.
            continue
        unread = context is not None and len(answer.ids) > context
        if unread or without_embedding(answer.ids, embeddings):
            continue
        row = [TokenRow(answer.ids, answer.start)]
        adapted = score(model, row, pad)[0]
        with model.disable_adapter():
            base = score(model, row, pad)[0]
        measured.append(
            MeasuredAnswer(pair.prompt, pair.chosen, base.tokens, base.total, adapted.total)
        )
        if len(measured) == ROWS:
            break
    precision = str(weights.dtype).removeprefix("torch.")
    return precision, measured


def write_receipt(folder: Path, dtype: str, rows: Sequence[MeasuredAnswer]) -> None:
    """Write `receipt.json` into an adapter's folder."""
    content = {"dtype": dtype, "rows": [asdict(row) for row in rows]}
    text = json.dumps(content, ensure_ascii=False, indent=1)
    (folder / FILE).write_text(text + "\n", encoding="utf-8")


def read_receipt(folder: Path) -> tuple[str, list[MeasuredAnswer]]:
    """Return (dtype, rows). Raises StoreError if the file is missing or damaged."""
    path = folder / FILE
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        rows = [
            MeasuredAnswer(**{**row, "messages": tuple(Message(**m) for m in row["messages"])})
            for row in content["rows"]
        ]
        return content["dtype"], rows
    except (OSError, ValueError, KeyError, TypeError) as error:
        check_readable(path, error)
        raise StoreError(
            f"The adapter's receipt '{path}' cannot be read: {error}",
            "Remove the adapter from the store, so that it is trained again.",
        ) from error


def prove(session: Session, subject: Subject, folder: Path) -> Receipt:
    """Ask the session for the receipt's numbers and compare.

    The adapter is in effect if its effect by PEFT is measurable, the engine's base model agrees
    with PEFT's, and so does the engine's adapted model. The session's queue must be empty.
    """
    dtype, rows = read_receipt(folder)
    if not rows:
        return Receipt((), 0.0, 0.0, False, "the receipt has no rows to compare")
    # The base model too: if it differs already (another revision, template or precision), the
    # adapter's numbers differ for that reason, and the message is to name the right one.
    adapted = replace(subject, system=None)
    requests = []
    for i, row in enumerate(rows):
        for name, side in (("base", replace(adapted, adapter=None)), ("adapted", adapted)):
            requests.append(
                LoglikelihoodRequest(f"receipt-{i}-{name}", side, row.messages, row.continuation)
            )
    totals: dict[str, float] = {}
    for answer in session.run(requests):
        if answer.error is not None:
            return Receipt((), 0.0, 0.0, False, f"the engine could not answer: {answer.error}")
        assert isinstance(answer, Loglikelihood)
        totals[answer.id] = answer.total
    # The coarser of the two precisions limits how well the numbers can agree.
    unit = max(TOLERANCE.get(d, 0.05) for d in (dtype, getattr(session, "dtype", dtype)))
    return _compare(
        [
            ReceiptCheck(
                row.base,
                row.adapted,
                totals[f"receipt-{i}-base"],
                totals[f"receipt-{i}-adapted"],
                unit * math.sqrt(max(row.tokens, 1)),
            )
            for i, row in enumerate(rows)
        ]
    )


def _compare(checks: Sequence[ReceiptCheck]) -> Receipt:
    effect = max(abs(c.peft_adapted - c.peft_base) for c in checks)
    difference = max(
        max(abs(c.engine_base - c.peft_base), abs(c.engine_adapted - c.peft_adapted))
        for c in checks
    )
    reason = _objection(checks, effect)
    return Receipt(tuple(checks), difference, effect, not reason, reason)


def _objection(checks: Sequence[ReceiptCheck], effect: float) -> str:
    """Return why the adapter is not in effect, or ""."""
    # All comparisons are written so that a NaN on either side fails them. An effect within twice
    # the tolerance could not be told from none.
    if not any(abs(c.peft_adapted - c.peft_base) > 2 * c.tolerance for c in checks):
        noise = max(c.tolerance for c in checks)
        return (
            f"the adapter changes nothing that can be measured: {effect:.2g} nats at most, "
            f"and rounding alone may be {noise:.2g}"
        )
    for c in checks:
        if not abs(c.engine_base - c.peft_base) <= c.tolerance:
            return (
                "the engine's base model, or its chat template, is not the one the adapter was "
                f"trained on: it gives {c.engine_base:.4f} nats where PEFT gives {c.peft_base:.4f}"
            )
    ignored = all(abs(c.engine_adapted - c.engine_base) <= c.tolerance for c in checks)
    for c in checks:
        if not abs(c.engine_adapted - c.peft_adapted) <= c.tolerance:
            return (
                f"the engine {'ignores the adapter' if ignored else 'applies it wrongly'}: it "
                f"gives {c.engine_adapted:.4f} nats where PEFT gives {c.peft_adapted:.4f} "
                f"(without the adapter {c.peft_base:.4f})"
            )
    return ""
