"""Dense layers by oneDNN against torch's own."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from latentlab.core import dense

needs_onednn = pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="no oneDNN")


def numbers(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@needs_onednn
@pytest.mark.parametrize("rows", [1, 64, 129])
@pytest.mark.parametrize("with_bias", [False, True])
@pytest.mark.parametrize("turned", [False, True])
def test_values_and_gradients_are_those_of_a_linear_layer(
    rows: int, with_bias: bool, turned: bool
) -> None:
    found = []
    for layer in (dense._Product.apply, F.linear):
        x = numbers(300, rows).t() if turned else numbers(rows, 300)
        x, weight, bias = x.requires_grad_(), numbers(200, 300, seed=1), numbers(200, seed=2)
        weight.requires_grad_()
        bias.requires_grad_()
        y = layer(x, weight, bias if with_bias else None)
        (y * numbers(rows, 200, seed=3)).sum().backward()
        found.append([y.detach(), x.grad, weight.grad, bias.grad])
    for ours, theirs in zip(*found, strict=True):
        assert (ours is None) == (theirs is None)
        if ours is not None:
            torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-3)


@needs_onednn
def test_a_gradient_that_nobody_wants_is_not_computed() -> None:
    x, weight = numbers(70, 300), numbers(200, 300).requires_grad_()
    dense._Product.apply(x, weight, None).sum().backward()
    assert x.grad is None
    torch.testing.assert_close(weight.grad, x.sum(0).expand(200, 300), rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("rows", [1, 63, 64, 300])
@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
def test_a_layer_gives_the_same_however_many_rows_it_is_asked_for(
    rows: int, kind: torch.dtype
) -> None:
    layer = dense.Dense(300, 200).to(kind)
    x = numbers(rows, 300).to(kind)
    expected = x @ layer.weight.t() + layer.bias
    torch.testing.assert_close(layer(x), expected, rtol=1e-4, atol=1e-4)
    with torch.inference_mode():
        torch.testing.assert_close(layer(x), expected, rtol=1e-4, atol=1e-4)


def test_its_names_are_those_of_torch() -> None:
    assert list(dense.Dense(3, 2).state_dict()) == ["weight", "bias"]


def test_in_mixed_precision_it_is_torchs_own() -> None:
    layer = dense.Dense(300, 200)
    with torch.autocast("cpu", torch.bfloat16):
        assert layer(numbers(128, 300)).dtype == torch.bfloat16
