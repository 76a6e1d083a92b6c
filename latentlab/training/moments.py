"""Adam's moments as arrays by parameter name, to and from a checkpoint."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

_KINDS = ("exp_avg", "exp_avg_sq", "step")


def moments_of(
    model: nn.Module, optimizer: torch.optim.Optimizer
) -> dict[str, npt.NDArray[np.float32]]:
    """Copies of the moments, "KIND.PARAMETER"; nothing for parameters that never moved."""
    return {
        f"{kind}.{name}": optimizer.state[parameter][kind].cpu().numpy().copy()
        for name, parameter in model.named_parameters()
        if parameter in optimizer.state
        for kind in _KINDS
    }


def load_moments(
    model: nn.Module, optimizer: torch.optim.Optimizer, moments: Mapping[str, npt.NDArray[Any]]
) -> None:
    """Copy in what `moments_of` gave, for each parameter that has all its moments, and sound."""
    for name, parameter in model.named_parameters():
        found = {kind: moments.get(f"{kind}.{name}") for kind in _KINDS}
        values = {kind: value for kind, value in found.items() if value is not None}
        shapes = {"exp_avg": tuple(parameter.shape), "exp_avg_sq": tuple(parameter.shape)}
        if len(values) == len(_KINDS) and all(
            value.dtype == np.float32
            and value.shape == shapes.get(kind, ())
            and bool(np.isfinite(value).all())
            and (kind == "exp_avg" or bool((value >= 0).all()))
            for kind, value in values.items()
        ):
            optimizer.state[parameter] = {
                kind: torch.tensor(value, device=parameter.device) for kind, value in values.items()
            }
