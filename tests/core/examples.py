"""Architectures for hypothesis, and small models to save."""

from dataclasses import replace
from typing import Any, get_args

import numpy as np
import numpy.typing as npt
import torch
from hypothesis import strategies as st

from latentlab.core.checkpoint import Checkpoint
from latentlab.core.spec import (
    Activation,
    Architecture,
    Likelihood,
    LogvarHead,
    LossWeights,
    Output,
)
from latentlab.core.vae import new_vae, parameters_of

TINY = Architecture(image_shape=(1, 3, 3), latent_dim=2, hidden=(4,))

architectures = st.builds(
    Architecture,
    image_shape=st.tuples(st.integers(1, 3), st.integers(1, 9), st.integers(1, 9)),
    latent_dim=st.integers(1, 4),
    kind=st.sampled_from(["mlp", "conv"]),
    hidden=st.lists(st.integers(1, 6), min_size=1, max_size=3).map(tuple),
    activation=st.sampled_from(get_args(Activation)),
    residual_blocks=st.integers(0, 2),
    decoder_blocks=st.none() | st.integers(0, 2),
    normalised=st.booleans(),
    leak=st.floats(0, 1),
    logvar_head=st.sampled_from(get_args(LogvarHead)),
    output=st.sampled_from(get_args(Output)),
)
likelihoods = st.builds(
    Likelihood,
    name=st.sampled_from(["bernoulli", "gaussian", "continuous_bernoulli"]),
    variance=st.floats(1e-6, 1e6),
)
loss_weights = st.builds(
    LossWeights,
    reconstruction_on=st.booleans(),
    kl_on=st.booleans(),
    reconstruction_factor=st.floats(0, 1e6),
    beta=st.floats(0, 1e6),
)


def parameters(architecture: Architecture, seed: int = 0) -> dict[str, npt.NDArray[np.float32]]:
    return parameters_of(new_vae(architecture, torch.Generator().manual_seed(seed)))


def model(architecture: Architecture = TINY, **changes: Any) -> Checkpoint:
    """A whole model of random weights, with something in every field."""
    generator = np.random.default_rng(0)
    weights = parameters(architecture)
    moments = {f"exp_avg.{name}": 0.1 * value for name, value in weights.items()}
    steps = {f"step.{name}": np.array(7, np.float32) for name in weights}
    cloud = generator.standard_normal((2, 5, architecture.latent_dim)).astype(np.float32)
    checkpoint = Checkpoint(
        architecture=architecture,
        likelihood=Likelihood("gaussian", 0.25),
        weights=LossWeights(kl_on=False, beta=4.0),
        parameters=weights,
        optimizer=moments | steps,
        cloud={"mu": cloud[0], "logvar": cloud[1]},
        curves={"train": generator.standard_normal((3, 4)), "heldout": np.empty((0, 4))},
        progress={"order": np.arange(5), "random": np.arange(3)},
        data={"name": "dots", "sha256": "ab", "n": 5},
        training={
            "seed": -3,
            "steps": 7,
            "epochs": 1.5,
            "learning_rate": 1e-3,
            "batch_size": 64,
            "seconds": 2,
            "marks": [{"step": 4, "formula": "rec", "weights": LossWeights().to_json()}],
        },
    )
    return replace(checkpoint, **changes)
