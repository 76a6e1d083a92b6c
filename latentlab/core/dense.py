"""Dense layers, whose products of matrices take the quicker of torch's two libraries.

For float32 torch asks MKL, which on processors by AMD leaves half of their speed: 110 where oneDNN
reaches 230 GFLOP/s, on a core with AVX-512. Anywhere else these are torch's own layers.
"""

from functools import cache
from typing import Any

import torch
from torch import Tensor, nn

# Below these oneDNN takes longer to arrange its memory than it saves.
_FEWEST_ROWS = 64
_FEWEST_WEIGHTS = 50_000


class Dense(nn.Linear):
    """x Wᵀ + b, (N, in) → (N, out)."""

    def forward(self, x: Tensor) -> Tensor:
        """The layer at x (N, in): (N, out)."""
        if not (prefers_onednn() and self._is_worth_it(x)):
            return super().forward(x)
        result: Tensor = _Product.apply(x, self.weight, self.bias)  # type: ignore[no-untyped-call]
        return result

    def _is_worth_it(self, x: Tensor) -> bool:
        return (
            x.ndim == 2
            and len(x) >= _FEWEST_ROWS
            and self.weight.numel() >= _FEWEST_WEIGHTS
            and x.device.type == "cpu"
            and x.dtype == self.weight.dtype == torch.float32
            and not torch.is_autocast_enabled("cpu")
        )


@cache
def prefers_onednn() -> bool:
    """Whether this machine's processor is one on which oneDNN is the quicker."""
    both = torch.backends.mkl.is_available() and hasattr(torch.ops.mkldnn, "_linear_pointwise")  # type: ignore[no-untyped-call]
    return both and "AMD" in str(torch.cpu.get_capabilities().get("cpu_name", ""))


class _Product(torch.autograd.Function):
    """x Wᵀ + b. oneDNN's own gradient is slower than its product, so that gives the gradient."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        ctx.save_for_backward(x, weight)
        return _product(x, weight, bias)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (gradient,) = gradients
        x, weight = ctx.saved_tensors
        of_x, of_weight, of_bias = ctx.needs_input_grad
        return (
            _product(gradient, weight.t()) if of_x else None,
            _product(gradient.t(), x.t()) if of_weight else None,
            gradient.sum(0) if of_bias else None,
        )


def _product(left: Tensor, right: Tensor, bias: Tensor | None = None) -> Tensor:
    """left rightᵀ + bias."""
    # What torch's compiler makes of a linear layer: unlike F.linear on tensors of oneDNN's own it
    # copies nothing in or out, and takes what is transposed as it is.
    result: Tensor = torch.ops.mkldnn._linear_pointwise(left, right, bias, "none", [], "")
    return result
