"""The user's choices at the moment when something is opened."""

from dataclasses import replace

from latentlab.app.opening import Opened
from latentlab.app.state import (
    BATCH_SIZE_RANGE,
    BY_CLASS,
    LEARNING_RATE_RANGE,
    AppState,
    Contender,
)
from latentlab.core.section import Section
from latentlab.core.spec import Likelihood

_COLOUR_VARIANCE = 0.02  # σ = 0.14 of a channel's range


def fresh_state(opened: Opened, present: AppState, run: int) -> AppState:
    """What a model's file says of its training, and how the user looks at things at `present`."""
    checkpoint = opened.checkpoint
    known = checkpoint or opened.onnx
    training = checkpoint.training if checkpoint else {}
    rate = training.get("learning_rate", present.learning_rate)
    batch = training.get("batch_size", present.batch_size)
    section, first = Section.of(opened.latent_dim), AppState()
    return AppState(
        section=section,
        z1=(first.z1[0], 0.0) if section.line else first.z1,
        z2=(first.z2[0], 0.0) if section.line else first.z2,
        weights=checkpoint.weights if checkpoint else present.weights,
        likelihood=known.likelihood if known else _likelihood(opened, present.likelihood),
        learning_rate=_bounded(rate, *LEARNING_RATE_RANGE),
        batch_size=int(_bounded(batch, *BATCH_SIZE_RANGE)),
        ellipse_scale=present.ellipse_scale,
        layer=present.layer,
        colour_by=_known_factor(present.colour_by, opened),
        forces_on=present.forces_on,
        strip_count=present.strip_count,
        spherical=present.spherical,
        log_curves=present.log_curves,
        workspace=present.workspace,
        compared=tuple(_contender(one, opened) for one in present.compared),
        compare_view=present.compare_view,
        # So that every panel has something to show from the start.
        selected=0,
        run=run,
    )


def fitted_state(state: AppState, opened: Opened, run: int) -> AppState:
    """A session's state, as far as it fits the model and the data."""
    train = opened.pair.train
    selected, isolated = state.selected, state.isolated_class
    if selected is not None and selected >= len(train):
        selected = None
    if isolated is not None and isolated >= len(train.class_names):
        isolated = None
    section = state.section
    if section.latent_dim != opened.latent_dim:
        section = Section.of(opened.latent_dim)
    return replace(
        state,
        selected=selected,
        isolated_class=isolated,
        section=section,
        colour_by=_known_factor(state.colour_by, opened),
        run=run,
    )


def _known_factor(name: str, opened: Opened) -> str:
    return BY_CLASS if opened.pair.train.factor(name) is None else name


def _likelihood(opened: Opened, present: Likelihood) -> Likelihood:
    """For a network from scratch: colours, binarised, would be eight colours, and vectors two."""
    of_colours = Likelihood("gaussian", _COLOUR_VARIANCE)
    train = opened.pair.train
    if train.image_shape[0] == 3 or train.vectors is not None:
        return of_colours if present.binarises else present
    return Likelihood() if present == of_colours else present  # what colours brought goes with them


def _contender(present: Contender, opened: Opened) -> Contender:
    regime = present.regime
    likelihood = _likelihood(opened, regime.likelihood)
    return replace(present, regime=replace(regime, likelihood=likelihood))


def _bounded(value: float, low: float, high: float) -> float:
    """A file may say what is beyond what the window offers."""
    return min(max(value, low), high)
