import numpy as np
import pytest
from scipy import ndimage

from latentlab.data.dataset import DataPair
from latentlab.data.open import open_data
from latentlab.data.shapes import KINDS, draw, load_shapes

FINE = 16  # points along each side of a pixel
MOST_OFF = 36  # grey levels of 255: a distance is not quite an area, at corners above all


@pytest.fixture(scope="module")
def pair() -> DataPair:
    return load_shapes()


def covered(kind: str, x: float, y: float, size: float, degrees: float) -> np.ndarray:
    """(28, 28): which part of each pixel lies inside the shape, by counting points."""
    middles = (np.arange(28 * FINE) + 0.5) / FINE
    turn = np.exp(-1j * np.deg2rad(degrees))
    u, v = ((place := (middles[None] - x + 1j * (middles[:, None] - y)) * turn).real, place.imag)
    if kind == "ellipse":
        inside = (u / size) ** 2 + (v / (size / 2)) ** 2 <= 1
    elif kind == "rectangle":
        # Twice as long as wide, its corners on the circle.
        half = size / np.sqrt(1.25)
        inside = (abs(u) <= half) & (abs(v) <= half / 2)
    else:
        # From the tip at u = −size to the base at u = 0.7 size, whose ends are on the circle.
        base = 0.7 * size
        width = np.sqrt(size**2 - base**2) * (u + size) / (base + size)
        inside = (u <= base) & (abs(v) <= width)
    return inside.reshape(28, FINE, 28, FINE).mean(axis=(1, 3))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "factors", [(14, 14, 8, 0), (9, 19, 5, -60), (18.3, 9.1, 8, 60), (12.5, 15.25, 6.2, 33)]
)
def test_a_pixel_is_as_bright_as_it_is_covered(kind: str, factors: tuple[float, ...]) -> None:
    image = draw(np.array([KINDS.index(kind)]), np.array([factors], float))[0].astype(float)
    exact = 255 * covered(kind, *factors)
    assert np.abs(image - exact).max() <= MOST_OFF
    assert image.sum() == pytest.approx(exact.sum(), rel=0.02)


def test_the_factors_are_those_of_the_images(pair: DataPair) -> None:
    for split in (pair.train, pair.test):
        images = split.images[:, 0].astype(float)
        named = {factor.name: factor.values for factor in split.factors}
        ellipse = split.labels == KINDS.index("ellipse")
        middles = np.array([ndimage.center_of_mass(image) for image in images[ellipse]]) + 0.5
        assert np.abs(middles[:, 0] - named["y"][ellipse]).max() < 0.1
        assert np.abs(middles[:, 1] - named["x"][ellipse]).max() < 0.1
        area = images[ellipse].sum(axis=(1, 2)) / 255
        assert area == pytest.approx(np.pi / 2 * named["size"][ellipse] ** 2, rel=0.03)


def test_a_turn_is_clockwise_on_the_screen(pair: DataPair) -> None:
    """The main axis of an ellipse, from its second moments."""
    train = pair.train
    rotation = next(f.values for f in train.factors if f.name == "rotation")
    for index in np.flatnonzero(train.labels == KINDS.index("ellipse"))[:100]:
        image = train.images[index, 0].astype(float)
        y, x = np.nonzero(image)
        (xx, xy), (_, yy) = np.cov(x, y, aweights=image[y, x])
        assert np.rad2deg(0.5 * np.arctan2(2 * xy, xx - yy)) == pytest.approx(
            rotation[index], abs=3
        )


def test_the_factors_are_spread_evenly_and_know_nothing_of_each_other(pair: DataPair) -> None:
    train = pair.train
    columns = np.array([*(factor.values for factor in train.factors), train.labels], float)
    off_diagonal = np.corrcoef(columns) - np.eye(len(columns))
    assert np.abs(off_diagonal).max() < 0.02
    for factor in train.factors:
        counts, _ = np.histogram(factor.values, 10, (factor.low, factor.high))
        assert counts.sum() == 10_000
        assert counts == pytest.approx(1_000, abs=20)
    assert np.ptp(np.bincount(train.labels)) <= 1


def test_every_shape_lies_within_its_image_and_no_image_comes_twice(pair: DataPair) -> None:
    seen = set()
    for split, count in ((pair.train, 10_000), (pair.test, 2_000)):
        assert split.images.shape == (count, 1, 28, 28)
        images = split.images[:, 0]
        assert images.max() == 255
        for edge in (images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1]):
            assert edge.max() == 0
        assert ((images > 0) & (images < 255)).any(axis=(1, 2)).all()
        seen |= {image.tobytes() for image in images}
    assert len(seen) == 12_000


def test_it_is_always_the_same_and_has_its_name(pair: DataPair) -> None:
    again = open_data("shapes")
    assert again.name == pair.name == "shapes"
    for one, other in ((pair.train, again.train), (pair.test, again.test)):
        assert one.sha256 == other.sha256
        for a, b in zip(one.factors, other.factors, strict=True):
            assert np.array_equal(a.values, b.values)


def test_a_part_of_it_keeps_its_factors(pair: DataPair) -> None:
    chosen = np.array([7, 3, 9_999])
    part = pair.train.at(chosen)
    whole, some = pair.train.factor("size"), part.factor("size")
    assert whole is not None
    assert some is not None
    assert np.array_equal(some.values, whole.values[chosen])
    assert part.factor("colour") is None
