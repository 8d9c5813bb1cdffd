"""Drawing tokens so that each row of a batch has its own sampling and its own randomness.

Row r's draw at step t is a function of r's seed and t alone: the t-th number of a
counter-based generator (Philox) keyed by the seed. Neighbours in the batch, other rows'
temperatures and when they end change nothing about it. The token is picked by inverting
the distribution function over the vocabulary in token order, which moves with the
logits only as much as they move: rounding changes the token only where the draw falls
within rounding of a boundary between two tokens, or a token within rounding of the
nucleus's edge.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from vibench.records import Sampling

if TYPE_CHECKING:
    import numpy as np

__all__ = ["RowLimits", "RowSampler", "draws"]


def draws(seed: int, steps: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The first `steps` uniform numbers in [0, 1) that belong to a seed."""
    import numpy as np

    return np.random.Generator(np.random.Philox(key=seed % 2**64)).random(steps)


class RowSampler:
    """A logits processor that leaves one token possible in each row that samples.

    Rows at temperature 0 pass untouched, so that `generate`'s argmax decides them.
    """

    def __init__(
        self,
        samplings: Sequence[Sampling],
        seeds: Sequence[int],
        span: tuple[int, int],
        device: Any,
    ) -> None:
        """`span` is how many steps each row has done, and how many are to come."""
        import numpy as np
        import torch

        self.rows = [i for i, s in enumerate(samplings) if s.temperature > 0]
        self.step = 0
        if not self.rows:
            return
        # Sums in float64: over a large vocabulary float32 is short of digits.
        self.real = torch.float32 if str(device).startswith("mps") else torch.float64

        def column(numbers: list[float]) -> Any:
            return torch.tensor(numbers, dtype=torch.float32, device=device)[:, None]

        self.temperature = column([samplings[i].temperature for i in self.rows])
        self.top_p = column([samplings[i].top_p for i in self.rows])
        self.cuts = any(samplings[i].top_p < 1 for i in self.rows)
        uniforms = np.stack([draws(seeds[i], sum(span))[span[0] :] for i in self.rows])
        self.uniforms = torch.tensor(uniforms, dtype=self.real, device=device)
        self.index = torch.tensor(self.rows, device=device)

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        """Scores (rows, vocabulary) -> scores of the same shape."""
        if not self.rows:
            return scores
        uniform = self.uniforms[:, self.step : self.step + 1]
        self.step += 1
        tokens = self._pick(scores[self.index].float() / self.temperature, uniform)
        scores = scores.clone()
        scores[self.index] = float("-inf")
        scores[self.index, tokens] = 0.0
        return scores

    def _pick(self, logits: Any, uniform: Any) -> Any:
        """One token id for each row: (rows, vocabulary), (rows, 1) -> (rows,)."""
        import torch

        probabilities = torch.softmax(logits, dim=-1)
        if self.cuts:
            least = self._least(probabilities)
            probabilities = probabilities.masked_fill(probabilities < least, 0.0)
        cumulative = probabilities.cumsum(dim=-1, dtype=self.real)
        total = cumulative[:, -1:]
        # Strictly below the total, or rounding could pick a token of probability 0.
        target = torch.minimum(uniform * total, torch.nextafter(total, torch.zeros_like(total)))
        return torch.searchsorted(cumulative, target, right=True)[:, 0]

    def _least(self, probabilities: Any) -> Any:
        """(rows, 1): the least probability in each row's nucleus.

        A token is in the nucleus if those before it do not reach top_p yet. Only the
        most likely tokens are sorted, and more of them where they are not enough: a full
        sort of the vocabulary would take longer than a small model.
        """
        import torch

        vocabulary = probabilities.shape[-1]
        kept = min(64, vocabulary)
        while True:
            ranked = torch.topk(probabilities, kept, dim=-1).values
            before = ranked.cumsum(dim=-1, dtype=self.real) - ranked
            inside = (before < self.top_p).sum(dim=-1, keepdim=True).clamp(min=1)
            if kept == vocabulary or bool((inside < kept).all()):
                return ranked.gather(-1, inside - 1)
            kept = min(4 * kept, vocabulary)


class RowLimits:
    """A stopping criterion: each row ends after its own number of new tokens."""

    def __init__(self, limits: Sequence[int], width: int, device: Any) -> None:
        import torch

        self.width = width
        self.limits = torch.tensor(limits, device=device)

    def __call__(self, input_ids: Any, scores: Any, **kwargs: Any) -> Any:
        """Ids (rows, tokens so far) -> which rows are done."""
        return self.limits <= input_ids.shape[1] - self.width
