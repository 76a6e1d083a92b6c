"""The history of a run in a small file: what comes back, how exactly, and what is refused."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from latentlab.core.history import History, history_beside, load_history, save_history
from latentlab.core.spec import Architecture, Likelihood
from latentlab.errors import InputError
from tests.core.examples import TINY

# Every example writes the same file anew.
same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return history_beside(tmp_path / "model.safetensors")


def history(
    weights: dict[str, npt.NDArray[np.float32]], architecture: Architecture = TINY
) -> History:
    random = np.random.default_rng(0)
    moments = len(next(iter(weights.values())))
    mu, logvar = random.standard_normal((2, 4, 5, architecture.latent_dim)).astype(np.float32)
    return History(
        architecture=architecture,
        likelihood=Likelihood("gaussian", 0.25),
        data={"name": "dots", "sha256": "ab"},
        steps=np.array([0, 3, 7, 100]),
        mu=mu,
        logvar=logvar,
        weight_steps=10 * np.arange(moments),
        weights=weights,
    )


def test_what_is_saved_comes_back(path: Path) -> None:
    saved = history({"bias": np.array([[0.5, -2.0], [0.25, 3.0]], np.float32)})
    save_history(saved, path)
    loaded = load_history(path)
    for name in ("architecture", "likelihood", "data"):
        assert getattr(loaded, name) == getattr(saved, name)
    np.testing.assert_array_equal(loaded.steps, saved.steps)
    np.testing.assert_array_equal(loaded.weight_steps, saved.weight_steps)
    np.testing.assert_allclose(loaded.mu, saved.mu, rtol=2**-11)
    np.testing.assert_allclose(loaded.logvar, saved.logvar, rtol=2**-11)
    # What half precision can say comes back as it was.
    np.testing.assert_array_equal(loaded.weights["bias"], saved.weights["bias"])


def test_it_ends_with_the_weights_it_was_made_of_and_no_others(path: Path) -> None:
    random = np.random.default_rng(1)
    weights = {
        "weight": random.normal(size=(3, 80, 70)).astype(np.float32),
        "bias": random.normal(size=(3, 80)).astype(np.float32),
    }
    save_history(history(weights), path)
    loaded = load_history(path)
    last = {name: array[-1] for name, array in weights.items()}
    assert loaded.ends_with(last)
    assert not loaded.ends_with({name: array[0] for name, array in weights.items()})
    assert not loaded.ends_with({"weight": last["weight"]})
    assert not loaded.ends_with(last | {"bias": last["bias"][:-1]})


@same_folder
@given(
    st.integers(0, 1000), st.integers(1, 4), st.floats(0, 6),
    st.sampled_from([(70, 60), (3, 2000), (5000, 1), (8, 8, 9, 9)]),
)  # fmt: skip
def test_large_matrices_are_rounded_to_a_twentieth_of_their_rows_size(
    path: Path, seed: int, moments: int, decades: float, shape: tuple[int, ...]
) -> None:
    """Rows of any size, beside each other and one after another in time."""
    random = np.random.default_rng(seed)
    sizes = 10 ** random.uniform(-decades, decades, (moments, shape[0], *[1] * (len(shape) - 1)))
    array = (sizes * random.standard_normal((moments, *shape))).astype(np.float32)
    array[:, 0] = 0  # and one that never moved
    save_history(history({"weight": array}), path)
    loaded = load_history(path).weights["weight"]
    assert loaded.dtype == np.float32
    rows = array.reshape(moments, shape[0], -1)
    usual = np.sqrt(np.mean(np.square(rows), axis=(0, 2), dtype=np.float64))
    allowed = np.maximum(0.0501 * usual, np.abs(rows).max(axis=(0, 2)) / 60_000)
    error = np.abs(loaded - array).reshape(moments, shape[0], -1).max(axis=(0, 2))
    assert (error <= allowed).all()
    assert not loaded[:, 0].any()


def test_weights_that_hardly_change_cost_hardly_anything(path: Path) -> None:
    random = np.random.default_rng(0)
    start = random.standard_normal((200, 200)).astype(np.float32)
    sizes = []
    for moments in (1, 12):
        drift = 0.01 * random.standard_normal((moments, 200, 200)).cumsum(axis=0)
        save_history(history({"weight": (start + drift).astype(np.float32)}), path)
        sizes.append(path.stat().st_size)
    assert sizes[1] < 3.5 * sizes[0]


def test_the_weights_of_a_moment_are_the_nearest_earlier_ones() -> None:
    weights = np.arange(3, dtype=np.float32)[:, None]
    kept = history({"bias": weights})  # at 0, 10 and 20
    for step, expected in ((0, 0), (9, 0), (10, 10), (19, 10), (20, 20), (1000, 20)):
        found, parameters = kept.parameters_before(step)
        assert found == expected
        assert parameters["bias"].tolist() == [expected / 10]
    with pytest.raises(ValueError, match="step -1 or before"):
        kept.parameters_before(-1)


def test_every_flipped_bit_of_a_byte_is_noticed(path: Path) -> None:
    save_history(history({"bias": np.zeros((1, 1), np.float32)}), path)
    whole = path.read_bytes()
    for position in range(len(whole)):
        damaged = bytearray(whole)
        damaged[position] ^= 1 << position % 8
        path.write_bytes(damaged)
        with pytest.raises(InputError):
            load_history(path)


def test_every_shortened_file_is_refused(path: Path) -> None:
    save_history(history({"bias": np.zeros((1, 1), np.float32)}), path)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(InputError, match=r"damaged|cut off"):
            load_history(path)


def test_it_is_not_taken_for_a_model(path: Path) -> None:
    assert path.name == "model.history.xz"
