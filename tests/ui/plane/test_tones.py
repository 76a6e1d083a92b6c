"""Points coloured by a factor of their images."""

import numpy as np
import pytest
from PySide6.QtGui import QColor
from scipy import stats

from latentlab.data.dataset import Factor
from latentlab.ui.plane import LatentPlane
from latentlab.ui.plane.cloud import Cloud
from latentlab.ui.plane.tips import tip
from latentlab.ui.plane.tones import TONES, ToneKey, rank_correlations, toned, tones
from latentlab.ui.theme import THEMES
from tests.ui.plane.conftest import pixel


def factor_of(values: np.ndarray, low: float = 0.0, high: float = 1.0) -> Factor:
    return Factor("size", "px", values.astype(np.float32), low, high)


def ink(plane: LatentPlane, x: float, y: float) -> QColor:
    at = pixel(plane, x, y)
    return plane.grab().toImage().pixelColor(at)


def apart(one: QColor, other: QColor) -> int:
    return max(abs(a - b) for a, b in zip(one.getRgb()[:3], other.getRgb()[:3], strict=True))


def test_a_tone_is_a_place_in_the_range() -> None:
    values = np.array([5.0, 5.1, 7.4, 7.6, 10.0, 4.0, 11.0])
    expected = [0, 0, TONES // 2 - 1, TONES // 2, TONES - 1, 0, TONES - 1]
    assert tones(factor_of(values, 5, 10)).tolist() == expected


@pytest.mark.parametrize("name", THEMES)
def test_the_colours_go_one_way_and_are_seen_on_the_plane(plane: LatentPlane, name: str) -> None:
    theme = THEMES[name]
    plane.set_theme(theme)
    names = toned(plane.scene.style).theme.classes
    assert len(set(names)) == TONES
    light = [
        0.2126 * c.redF() + 0.7152 * c.greenF() + 0.0722 * c.blueF() for c in map(QColor, names)
    ]
    assert (np.diff(light) > 0).all()
    assert min(apart(QColor(tone), QColor(theme.plane)) for tone in names) > 60


def test_points_have_the_colour_of_their_factor(plane: LatentPlane) -> None:
    plane.set_classes([])
    places = [(-2.0, 1.0), (0.5, 1.5), (2.0, -1.0)]
    mu = np.repeat(np.array(places, np.float32), 50, axis=0)
    plane.set_points(mu, np.full(mu.shape, -20, np.float32), np.zeros(150, np.int64))
    by_class = [ink(plane, *place) for place in places]
    assert by_class[0] == by_class[1] == by_class[2]
    plane.set_factor(factor_of(np.repeat([0.0, 0.5, 1.0], 50)))
    names = toned(plane.scene.style).theme.classes
    for place, tone in zip(places, (0, TONES // 2, TONES - 1), strict=True):
        assert apart(ink(plane, *place), QColor(names[tone])) < 12
    plane.set_factor(None)
    assert [ink(plane, *place) for place in places] == by_class


def test_a_class_alone_is_shown_in_its_factors_colours(plane: LatentPlane) -> None:
    plane.set_factor(factor_of(np.linspace(0, 1, 300)))
    whole = plane.plane_image()
    plane.set_isolated(1)
    assert plane.plane_image() != whole
    plane.set_isolated(None)
    assert plane.plane_image() == whole


def test_new_points_have_their_classes_colours(plane: LatentPlane) -> None:
    plane.set_factor(factor_of(np.linspace(0, 1, 300)))
    assert plane.scene.tone_key() is not None
    cloud = plane.scene.cloud
    plane.set_points(cloud.mu[:9], cloud.logvar[:9], cloud.labels[:9])
    assert plane.scene.tone_key() is None
    assert plane.scene.cloud.tones is plane.scene.cloud.labels


def test_a_factor_of_other_images_is_refused(plane: LatentPlane) -> None:
    with pytest.raises(ValueError, match="tones"):
        plane.set_factor(factor_of(np.zeros(7)))
    assert plane.scene.factor is None


@pytest.mark.parametrize("ties", [False, True])
def test_the_correlations_are_spearmans(ties: bool) -> None:
    rng = np.random.default_rng(0)
    values = rng.random(500).astype(np.float32)
    if ties:
        values = np.round(values, 1)
    mu = np.stack([np.exp(values) + 0.1 * rng.standard_normal(500), -(values**3)], axis=1)
    cloud = Cloud()
    cloud.replace(mu, np.zeros_like(mu), np.zeros(500, np.int64))
    found = rank_correlations(cloud, factor_of(values))
    for axis in (0, 1):
        assert found[axis] == pytest.approx(
            stats.spearmanr(values, cloud.mu[:, axis]).statistic, abs=1e-9
        )


def test_what_stands_still_or_is_nowhere_has_no_correlation() -> None:
    cloud = Cloud()
    cloud.replace(np.zeros((5, 2)), np.zeros((5, 2)), np.zeros(5, np.int64))
    assert np.isnan(rank_correlations(cloud, factor_of(np.arange(5.0), 0, 5))).all()
    cloud.replace(np.full((5, 2), np.nan), np.zeros((5, 2)), np.zeros(5, np.int64))
    assert np.isnan(rank_correlations(cloud, factor_of(np.arange(5.0), 0, 5))).all()


def test_the_key_is_on_the_plane_and_explains_itself(plane: LatentPlane) -> None:
    plane.set_factor(factor_of(np.linspace(0, 1, 300)))
    key = plane.scene.tone_key()
    assert isinstance(key, ToneKey)
    assert plane.scene.areas.plane.contains(key.rect.toRect())
    assert "Spearman" in tip(plane.scene, key.rect.center().toPoint())
    plane.set_hovered(299)
    assert "size 1.0 px" in tip(plane.scene, pixel(plane, 3, -3))
