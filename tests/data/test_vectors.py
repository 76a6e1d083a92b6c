"""Rows of numbers that are no images: found, scaled, labelled, and had back in their own units."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from latentlab.data.dataset import DataPair, VectorScale
from latentlab.data.named import is_data_file
from latentlab.data.open import open_data
from latentlab.data.reading import Reading
from latentlab.data.vectors import UnclearError, parted_kind, to_vectors, with_kind
from latentlab.errors import InputError
from tests.data.signals import FEATURES, sines, write_sines, write_table

PATH = Path("rows.csv")


def real(pair: DataPair) -> tuple[np.ndarray, VectorScale]:
    """All rows in their own units, sorted, and the scale."""
    scale = pair.train.vectors
    assert scale is not None
    assert pair.test.vectors is scale
    rows = [scale.values(x[0, 0]) for split in (pair.train, pair.test) for x in split.images]
    return np.array(sorted(rows, key=lambda row: row[0])), scale


def test_signals_of_a_csv_have_one_scale(tmp_path: Path) -> None:
    rows = write_sines(tmp_path / "sines.csv")
    pair = open_data(str(tmp_path / "sines.csv"))
    assert pair.train.image_shape == (1, 1, 70)
    assert pair.train.class_names == ("unlabelled",)
    found, scale = real(pair)
    assert np.ptp(scale.low) == np.ptp(scale.high) == 0
    assert (scale.low[0], scale.high[0]) == pytest.approx((rows.min(), rows.max()), abs=1e-6)
    expected = rows[np.argsort(rows[:, 0])]
    # Of equal first values the order may differ, by as much as their first values do.
    step = np.ptp(rows) / 255
    assert np.abs(np.sort(found[:, 0]) - expected[:, 0]).max() <= step / 2 + 1e-6
    assert {x.tobytes() for x in pair.train.images}.isdisjoint(
        x.tobytes() for x in pair.test.images
    )


def test_features_of_a_table_have_names_labels_and_a_scale_each(tmp_path: Path) -> None:
    rows, kinds = write_table(tmp_path / "flowers.csv")
    pair = open_data(str(tmp_path / "flowers.csv"))
    assert pair.train.image_shape == (1, 1, 4)
    assert pair.train.class_names == ("setosa", "virginica", "猫")
    assert len(pair.train) + len(pair.test) == len(kinds)
    found, scale = real(pair)
    assert scale.names == FEATURES
    np.testing.assert_allclose(scale.low, rows.min(axis=0), rtol=1e-5)
    np.testing.assert_allclose(scale.high, rows.max(axis=0), rtol=1e-5)
    for column in range(4):
        expected = np.sort(rows[:, column])
        half = scale.span[column] / 510
        assert np.abs(np.sort(found[:, column]) - expected).max() <= half * 1.001 + 1e-5
    # A column that is always the same.
    np.testing.assert_allclose(found[:, 3], 5.0)


@pytest.mark.parametrize(
    ("text", "shape", "names", "classes"),
    [
        ("a,b,label\n1,2,x\n3,4,y\n5,7,x\n", (1, 1, 2), ("a", "b"), ("x", "y")),
        ("a;b\n1;2\n3;4\n5;7\n", (1, 1, 2), ("a", "b"), ("unlabelled",)),
        ("1\t2\t9\n3\t4\t9\n5\t7\t9\n", (1, 1, 3), (), ("unlabelled",)),
        ('"cat",2,9\n"dog",4,9\n"cat",7,9\n', (1, 1, 2), (), ("cat", "dog")),
    ],
)
def test_which_column_is_the_label(
    tmp_path: Path,
    text: str,
    shape: tuple[int, ...],
    names: tuple[str, ...],
    classes: tuple[str, ...],
) -> None:
    (tmp_path / "a.csv").write_text(text)
    train = open_data(str(tmp_path / "a.csv")).train
    assert train.vectors is not None
    assert (train.image_shape, train.vectors.names, train.class_names) == (shape, names, classes)


def test_arrays_with_splits_and_labels(tmp_path: Path) -> None:
    rows, periods = sines(40, 4096)
    path = tmp_path / "a.npz"
    np.savez(path, x_train=rows[:30], y_train=periods[:30], x_test=rows[30:], y_test=periods[30:])
    pair = open_data(str(path))
    assert (len(pair.train), len(pair.test)) == (30, 10)
    assert pair.train.class_names == ("1", "2", "3")
    scale = pair.train.vectors
    assert scale is not None
    assert np.abs(scale.values(pair.test.images[3, 0, 0]) - rows[33]).max() <= np.ptp(rows) / 509


def test_square_rows_are_what_their_values_or_the_name_say(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    kinds: list[tuple[np.ndarray, str]] = [
        (rng.normal(0, 1, (30, 784)), "vector"),
        (rng.integers(0, 256, (30, 784), np.uint8), "image"),
        (rng.integers(0, 256, (30, 784)).astype(np.float64), "image"),
        (rng.uniform(0, 1, (30, 784)), "asked"),
        (rng.uniform(0, 200, (30, 784)), "asked"),
    ]
    for rows, wanted in kinds:
        np.save(tmp_path / "a.npy", rows)
        path = str(tmp_path / "a.npy")
        assert is_data_file(f"{path}::vector")
        if wanted == "asked":
            with pytest.raises(UnclearError, match=r"a\.npy::image or a\.npy::vector") as caught:
                open_data(path, Reading(asks=True))
            assert (caught.value.path, caught.value.values) == (Path(path), 784)
        vectors = open_data(path).train.vectors
        assert (vectors is not None) == (wanted == "vector")
        assert open_data(f"{path}::vector").train.image_shape == (1, 1, 784)
        if wanted != "vector":
            assert open_data(f"{path}::image").train.image_shape == (1, 28, 28)


def test_a_csv_of_one_more_than_a_square_is_read_anew_as_vectors(tmp_path: Path) -> None:
    rows, _ = sines(30, 65)
    np.savetxt(tmp_path / "a.csv", rows, "%.4f", ",")
    assert open_data(str(tmp_path / "a.csv")).train.image_shape == (1, 1, 65)
    np.savetxt(tmp_path / "a.csv", np.abs(rows), "%.4f", ",")
    with pytest.raises(UnclearError):
        open_data(str(tmp_path / "a.csv"), Reading(asks=True))
    assert open_data(f"{tmp_path / 'a.csv'}::vector").train.image_shape == (1, 1, 65)


def test_what_is_no_vector_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros((9, 8, 8)))
    with pytest.raises(InputError, match=r"shape 9×8×8; vectors are N×D: leave out ::vector"):
        open_data(f"{tmp_path / 'a.npy'}::vector")
    with pytest.raises(InputError, match="test rows of another length"):
        to_vectors(PATH, [np.zeros((3, 5)), np.zeros((3, 6))])


def test_a_kind_stands_in_a_name() -> None:
    assert parted_kind(with_kind("a::b.csv", "vector")) == ("a::b.csv", "vector")
    assert parted_kind("a.csv::image") == ("a.csv", "image")
    assert parted_kind("a.csv") == ("a.csv", None)


@given(
    rows=arrays(
        np.float64,
        st.tuples(st.integers(1, 6), st.integers(2, 40)),
        elements=st.floats(-1e12, 1e12, allow_subnormal=False),
    )
)
def test_values_come_back_to_half_a_step(rows: np.ndarray) -> None:
    (levels,), scale = to_vectors(PATH, [rows])
    assert levels.shape == (len(rows), 1, 1, rows.shape[1])
    for level, row in zip(levels[:, 0, 0], rows, strict=True):
        error = np.abs(scale.values(level) - row)
        largest = np.maximum(np.abs(scale.low), np.abs(scale.high))
        assert (error <= scale.span / 510 + 1e-12 * largest).all()
