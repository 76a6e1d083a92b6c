"""Looks at true posteriors: previews, exact ones, halting, searching, climbing."""

import math
import threading
from dataclasses import fields, is_dataclass, replace

import numpy as np
import pytest
import torch
from scipy import stats
from scipy.special import logsumexp

from latentlab.app.infer_view import Normal, Question
from latentlab.app.infer_work import Desk
from latentlab.app.lattice import over
from latentlab.app.opening import Opened
from latentlab.app.sight import Sight
from latentlab.app.state import Viewport
from latentlab.app.subject import Drawn
from latentlab.core.coarse import Grid
from latentlab.core.evidence import TOLERANCE, integrate
from latentlab.core.gap import best_full, split_gap
from latentlab.core.section import Section
from latentlab.core.spec import LIVE_ARCHITECTURE, Likelihood
from latentlab.core.vae import new_vae, vae_from_parameters
from latentlab.errors import InputError
from latentlab.training.stored import stored_cloud


@pytest.fixture(scope="module")
def sight(live: Opened) -> Sight:
    checkpoint = live.checkpoint
    assert checkpoint is not None
    model = vae_from_parameters(checkpoint.architecture, checkpoint.parameters)
    return Sight(model, checkpoint.likelihood, live.pair.train, 7)


@pytest.fixture(scope="module")
def question(live: Opened, sight: Sight) -> Question:
    assert live.checkpoint is not None
    cloud = stored_cloud(live.checkpoint, live.pair.train, sight.likelihood)
    assert cloud is not None
    return Question(sight, 5, None, None, 1.3, False, cloud.mu)


@pytest.fixture(scope="module")
def desk(question: Question) -> Desk:
    """One for all: its grid is decoded once."""
    desk = Desk()
    desk.preview(question)
    return desk


@pytest.fixture
def halt() -> threading.Event:
    return threading.Event()


def test_a_preview_is_near_to_the_exact_one_and_says_what_it_does_not_know(
    desk: Desk, question: Question, halt: threading.Event
) -> None:
    preview, exact = desk.preview(question), desk.exact(question, halt)
    assert exact is not None
    assert preview.account.log_evidence == pytest.approx(exact.account.log_evidence, abs=0.05)
    assert preview.account.error >= 0.1
    assert exact.account.error == TOLERANCE
    assert preview.account.elbo == pytest.approx(exact.account.elbo, abs=0.01)
    assert preview.account.kl == exact.account.kl
    assert (preview.exact, preview.best, preview.best_full) == (False, None, None)
    assert preview.account.best_elbo is None
    assert all(mode.share is None for mode in preview.modes)
    assert sum(mode.share or 0.0 for mode in exact.modes) == pytest.approx(1, abs=1e-6)
    assert exact.step == 7
    assert exact.modes[0].image.shape == (28, 28)


def test_the_exact_one_is_the_core_s(desk: Desk, question: Question, halt: threading.Event) -> None:
    exact, sight = desk.exact(question, halt), question.sight
    assert exact is not None
    decoder, x, q = sight.decoder(), sight.x(5), sight.encoded(5)
    (evidence,) = integrate(Grid(decoder), x, q.mean[None], q.sigma[None])
    split = split_gap(decoder, x, q, evidence)
    assert exact.account.log_evidence == pytest.approx(evidence.log_evidence, abs=1e-6)
    assert exact.account.best_elbo == pytest.approx(split.best_elbo.value, abs=1e-6)
    assert abs(exact.account.residual or 1.0) < exact.account.allowed
    full, value = best_full(decoder, x, split, evidence)
    assert exact.account.full_elbo == pytest.approx(value.value, abs=1e-6)
    assert exact.best_full is not None
    a, b = exact.best_full.sigma
    np.testing.assert_allclose((a * a, b * b), np.diag(full.covariance))
    assert exact.best_full.correlation * a * b == pytest.approx(full.covariance[0, 1])
    # The view holds q and the mass; its field is log p(x|z) at the centres.
    area, field = exact.area, exact.field
    for axis, (low, high) in enumerate(((area.x_min, area.x_max), (area.y_min, area.y_max))):
        assert low < q.mean[axis] - 3 * q.sigma[axis]
        assert high > q.mean[axis] + 3 * q.sigma[axis]
    columns, rows = field.values.shape
    z = np.array(
        [
            field.area.x_min + 3.5 * (field.area.x_max - field.area.x_min) / columns,
            field.area.y_min + 8.5 * (field.area.y_max - field.area.y_min) / rows,
        ]
    )
    assert field.values[3, 8] == pytest.approx(decoder.log_likelihood(x, z[None])[0, 0], abs=1e-3)


def test_a_rough_preview_decodes_the_view_alone(question: Question) -> None:
    desk, area = Desk(), Viewport(-3.0, 3.0, -3.0, 3.0)
    rough = desk.preview(replace(question, area=area, rough=True))
    assert rough.field.values.size <= 4_096
    assert rough.account.error is None, "nothing is known of what is out of view"
    assert rough.field.area.x_min <= -3.0
    assert rough.account.log_evidence == pytest.approx(
        desk.preview(question).account.log_evidence, abs=0.1
    )


def test_what_is_halted_comes_to_nothing(
    desk: Desk, question: Question, halt: threading.Event
) -> None:
    halt.set()
    assert desk.exact(question, halt) is None
    assert desk.ladder(question, halt) is None
    assert desk.search(question, 10, halt) is None
    assert desk.field(replace(question, area=Viewport()), halt) is None


def test_a_search_finds_an_image_of_two_classes(
    desk: Desk, question: Question, halt: threading.Event
) -> None:
    found = desk.search(replace(question, subject=-1), 1_000, halt)
    assert found is not None
    exact = desk.exact(replace(question, subject=found), halt)
    assert exact is not None
    heavy = [mode for mode in exact.modes if (mode.share or 0) >= 0.2]
    dataset = question.sight.dataset
    assert dataset.class_names[int(dataset.labels[found])] in {mode.neighbours for mode in heavy}
    assert len({mode.neighbours for mode in heavy}) == 2
    # It is the first, and the next one is another.
    assert desk.search(replace(question, subject=-1), found, halt) is None
    assert desk.search(replace(question, subject=found), 10_000, halt) != found


def test_steps_lead_up_the_elbo_to_where_it_is_flat(desk: Desk, question: Question) -> None:
    start = question.sight.encoded(5)
    q: Normal | None = None
    reached = []
    for _ in range(200):
        improved = desk.improve(replace(question, q=q))
        q = improved.q
        reached.append(improved.log_likelihood - improved.kl)
        if improved.done:
            break
    assert improved.done
    assert reached[-1] >= max(reached) - 0.01
    assert reached[-1] > desk.preview(question).account.elbo
    assert not np.allclose(start.mean, q.mu, atol=1e-3)
    # A Gaussian a little beside it is no better.
    for offset in (-0.3, 0.3):
        beside = Normal((q.mu[0] + offset * q.sigma[0], q.mu[1]), q.sigma)
        assert desk.preview(replace(question, q=beside)).account.elbo < reached[-1]


def test_weights_that_are_but_a_copy_are_the_same(sight: Sight) -> None:
    copy = vae_from_parameters(
        sight.model.architecture,
        {name: value.numpy().copy() for name, value in sight.model.state_dict().items()},
    )
    assert sight.same_weights(replace(sight, model=copy))
    with torch.no_grad():
        next(copy.parameters()).add_(0.01)
    assert not sight.same_weights(replace(sight, model=copy))


def test_a_lattice_covers_what_was_asked_for_with_no_more_cells_than_that() -> None:
    for area in (Viewport(), Viewport(0.1, 0.1003, -5, -4.9998), Viewport(-900, 800, -9, 9)):
        lattice = over(area, 4_096)
        assert lattice.covers(area)
        assert 1_000 < len(lattice.cells) <= 4_096 or area.x_min < -100


def same(one: object, other: object) -> bool:
    """Whether two answers are of the same figures, but for who asked and how long it took."""
    if is_dataclass(one) and type(one) is type(other):
        names = [part.name for part in fields(one) if part.name not in ("subject", "seconds")]
        return all(same(getattr(one, name), getattr(other, name)) for name in names)
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(np.array_equal(np.asarray(one), np.asarray(other)))


@pytest.mark.parametrize("name", ["bernoulli", "gaussian", "a slice"])
def test_a_drawing_is_inferred_as_the_image_of_the_data_that_it_is(
    question: Question, deep: Question, halt: threading.Event, name: str
) -> None:
    asked = deep if name == "a slice" else question
    if name == "gaussian":
        grey = replace(question.sight, likelihood=Likelihood("gaussian", 0.5))
        asked = replace(question, sight=grey)
    drawn = replace(asked, subject=Drawn.of(asked.sight.dataset.images[5]))
    desk = Desk()
    for one, other in (
        (desk.preview(asked), desk.preview(drawn)),
        (desk.exact(asked, halt), desk.exact(drawn, halt)),
        (desk.ladder(asked, halt), desk.ladder(drawn, halt)),
    ):
        assert one is not None
        assert same(one, other)
    if name != "a slice":
        assert same(desk.improve(asked), desk.improve(drawn))


def test_a_drawing_s_pixels_are_those_of_its_image(sight: Sight) -> None:
    image = sight.dataset.images[5]
    drawn = Drawn.of(image)
    np.testing.assert_array_equal(drawn.image, image)
    assert drawn == Drawn.of(image.copy())
    assert hash(drawn) == hash(Drawn.of(image.copy()))
    assert torch.equal(sight.x(drawn), sight.x(5))


def test_a_posterior_that_is_not_finite_is_told_of_a_drawing(sight: Sight) -> None:
    broken = new_vae(LIVE_ARCHITECTURE, torch.Generator().manual_seed(0))
    with torch.no_grad():
        next(broken.parameters()).fill_(math.nan)
    drawn = Drawn.of(sight.dataset.images[5])
    question = Question(replace(sight, model=broken), drawn, None, None, 1.3, False, None)
    with pytest.raises(InputError, match="of your drawing is not finite"):
        Desk().preview(question)


@pytest.fixture(scope="module")
def deep(live: Opened) -> Question:
    """Of a network of five latent dimensions, on the plane of two of them."""
    model = new_vae(
        replace(LIVE_ARCHITECTURE, latent_dim=5, hidden=(32,)), torch.Generator().manual_seed(3)
    )
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(2.5)  # so that z matters
    sight = Sight(model, Likelihood(), live.pair.train, 7)
    means = np.random.default_rng(0).standard_normal((100, 5)).astype(np.float32)
    return Question(sight, 5, None, None, 1.3, False, means, Section.of(5).through(np.ones(5)))


def test_a_slice_is_the_posterior_given_its_other_coordinates(
    deep: Question, halt: threading.Event
) -> None:
    """Against a Riemann sum over the plane, in the latent space's own coordinates."""
    desk = Desk()
    exact, preview = desk.exact(deep, halt), desk.preview(deep)
    assert exact is not None
    assert (exact.exact, exact.problem) == (True, "")
    whole = deep.sight.encoded(5)
    assert exact.section == deep.section.through(whole.mean)
    assert exact.q.mu == pytest.approx(whole.mean[:2])
    assert exact.q.sigma == pytest.approx(whole.sigma[:2])
    side, reach = 201, 6.0
    axis = np.linspace(-reach, reach, side)
    points = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    z = np.tile(whole.mean, (len(points), 1))
    z[:, :2] = points
    logs = deep.sight.decoder().log_likelihood(deep.sight.x(5), z)[0]
    logs += stats.norm.logpdf(points).sum(axis=1) + 2 * math.log(axis[1] - axis[0])
    assert exact.account.log_evidence == pytest.approx(logsumexp(logs), abs=5e-3)
    assert preview.account.log_evidence == pytest.approx(logsumexp(logs), abs=0.5)
    best = points[logs.argmax()]
    assert exact.modes[0].z == pytest.approx(best, abs=0.1)
    lifted = exact.section.lift(exact.modes[0].z)
    expected = deep.sight.images(lifted[None])[0]
    np.testing.assert_allclose(exact.modes[0].image.astype(int), expected, atol=1)


def test_the_bounds_are_of_all_dimensions(deep: Question, halt: threading.Event) -> None:
    rungs = Desk().ladder(deep, halt)
    assert rungs is not None
    q, x, decoder = deep.sight.encoded(5), deep.sight.x(5), deep.sight.decoder()
    eps = np.random.default_rng(1).standard_normal((20_000, 5))
    z = q.mean + q.sigma * eps
    logs = decoder.log_likelihood(x, z)[0]
    elbo = logs.mean() - q.kl_to_prior()
    error = math.hypot(logs.std() / math.sqrt(len(logs)), rungs[0].standard_error)
    assert rungs[0].mean == pytest.approx(elbo, abs=5 * error)
    assert rungs[-1].mean > rungs[0].mean
