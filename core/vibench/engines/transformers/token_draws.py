"""Token draws: each row of a batch has its own sampling and its own randomness.

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
    """Return the first `steps` uniform numbers in [0, 1) that belong to a seed."""
    import numpy as np

    # Counter-based, so its stream depends on the key alone, on any machine; torch's generators
    # have one state for a whole batch and draw differently on the CPU and on a GPU.
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
        """Make the draws of a batch; `span` is (steps done, steps to come) of each row."""
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
        # The stream is made from its start and the steps done are skipped: a row whose batch was
        # cut into segments must draw what it draws in one piece.
        uniforms = np.stack([draws(seeds[i], sum(span))[span[0] :] for i in self.rows])
        self.uniforms = torch.tensor(uniforms, dtype=self.real, device=device)
        self.index = torch.tensor(self.rows, device=device)

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        """Leave one token possible in each row that samples: (rows, vocabulary) -> the same."""
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
        """Draw one token id for each row: (rows, vocabulary), (rows, 1) -> (rows,)."""
        import torch

        probabilities = torch.softmax(logits, dim=-1)
        if self.cuts:
            edge = self._nucleus_edge(probabilities)
            probabilities = probabilities.masked_fill(probabilities < edge, 0.0)
        # In token order, not in order of probability: a rounding error that swaps two tokens of
        # nearly equal probability would move every boundary behind them.
        cumulative = probabilities.cumsum(dim=-1, dtype=self.real)
        # The probabilities that are left are not scaled to 1; the draw is scaled to their sum.
        total = cumulative[:, -1:]
        # Strictly below the total, or rounding could pick a token of probability 0.
        target = torch.minimum(uniform * total, torch.nextafter(total, torch.zeros_like(total)))
        return torch.searchsorted(cumulative, target, right=True)[:, 0]

    def _nucleus_edge(self, probabilities: Any) -> Any:
        """Return the smallest probability in each row's nucleus: (rows, vocabulary) -> (rows, 1).

        A token is in the nucleus if the more likely ones do not reach top_p yet. Only the
        most likely tokens are sorted, and more of them where they are not enough: a full
        sort of the vocabulary would take longer than a small model.
        """
        import torch

        vocabulary = probabilities.shape[-1]
        count = min(64, vocabulary)
        while True:
            ranked = torch.topk(probabilities, count, dim=-1).values
            before = ranked.cumsum(dim=-1, dtype=self.real) - ranked
            # The most likely token is always in, also where top_p is 0.
            inside = (before < self.top_p).sum(dim=-1, keepdim=True).clamp(min=1)
            # Where all sorted tokens of a row are inside, its edge may lie beyond them.
            if count == vocabulary or bool((inside < count).all()):
                return ranked.gather(-1, inside - 1)
            count = min(4 * count, vocabulary)


class RowLimits:
    """A stopping criterion: each row ends after its own number of new tokens.

    `width` is that of the padded prompts.
    """

    def __init__(self, limits: Sequence[int], width: int, device: Any) -> None:
        import torch

        self.width = width
        self.limits = torch.tensor(limits, device=device)

    def __call__(self, input_ids: Any, scores: Any, **kwargs: Any) -> Any:
        """Return the rows that are done: ids (rows, tokens so far) -> (rows,)."""
        return self.limits <= input_ids.shape[1] - self.width
