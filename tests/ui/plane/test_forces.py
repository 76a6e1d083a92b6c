"""The forces on the plane: to scale, in their colours, said in words."""

import math
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import QEvent, QPoint, QRectF
from PySide6.QtGui import QColor, QHelpEvent, QImage
from PySide6.QtWidgets import QApplication, QToolTip

from latentlab.app.force_view import ForceAnswer, ForceView, Pulls, Rest
from latentlab.app.state import Viewport
from latentlab.core.spec import LossWeights
from latentlab.ui.plane import LatentPlane
from latentlab.ui.plane.areas import Style
from latentlab.ui.plane.camera import Camera
from latentlab.ui.plane.force_sample import cell_side
from latentlab.ui.plane.forces import ARROW, BAND, SAMPLE, ForceLayer
from latentlab.ui.theme import DARK, LIGHT, Theme
from tests.ui.plane.conftest import Heard, pixel

SVG = "{http://www.w3.org/2000/svg}"
Pairs = list[tuple[float, float]]


def view_of(mu: Pairs, reconstruction: Pairs, on_logvar: Pairs, indices: list[int]) -> ForceView:
    """KL's pulls are what they are at σ = 0.05."""
    means = np.array(mu, np.float32).reshape(-1, 2)
    logvar = np.full_like(means, 2 * math.log(0.05))
    rec = Pulls(
        np.array(reconstruction, np.float32).reshape(-1, 2),
        np.array(on_logvar, np.float32).reshape(-1, 2),
    )
    kl = Pulls(-means, 0.5 * (1 - np.exp(logvar)))
    return ForceView(np.array(indices, np.int64), means, logvar, rec, kl, 8)


def answer_at(
    mu: Pairs,
    reconstruction: Pairs | None = None,
    on_logvar: Pairs | None = None,
    *,
    weights: LossWeights | None = None,
    selected: bool = False,
) -> ForceAnswer:
    """Forces on posteriors that are no points of the cloud, but the selected one, which is 0."""
    zeros = [(0.0, 0.0)] * len(mu)
    indices = [0] if selected else list(range(290, 290 + len(mu)))
    view = view_of(mu, reconstruction or zeros, on_logvar or zeros, indices)
    return ForceAnswer(view, view if selected else None, None).weighted(weights or LossWeights())


KL_ONLY = LossWeights(reconstruction_on=False)
REC_ONLY = LossWeights(kl_on=False)


def pixels(image: QImage) -> npt.NDArray[np.int64]:
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(np.int64)


def of_colour(plane: LatentPlane, name: str, room: int = 40) -> npt.NDArray[np.int64]:
    """Where the picture has this colour, or nearly, beside the key: (n, 2) as row and column."""
    image = pixels(plane.plane_image())
    tone = QColor(name)
    away = np.abs(image - (tone.red(), tone.green(), tone.blue())).max(axis=2)
    key = plane.scene.force_key()
    if key is not None:
        box = key.rect.translated(-plane.scene.areas.plane.topLeft()).toAlignedRect()
        away[box.top() : box.bottom() + 1, box.left() : box.right() + 1] = 255
    return np.argwhere(away <= room)


def words(plane: LatentPlane, folder: Path) -> str:
    """All that is written in the picture, without spaces: Qt parts a text where its font does."""
    plane.save_svg(folder / "plane.svg")
    tree = ElementTree.parse(folder / "plane.svg")
    written = "".join("".join(text.itertext()) for text in tree.iter(f"{SVG}text"))
    return "".join(written.split())


@pytest.fixture
def bare(plane: LatentPlane) -> LatentPlane:
    """Without what has colours of its own: points, names, handles."""
    plane.set_classes([])
    plane.set_points(
        np.full((300, 2), 500, np.float32), np.full((300, 2), -6, np.float32), np.zeros(300, int)
    )
    plane.set_z(900, 900)
    plane.set_z1(900, 901)
    plane.set_z2(901, 900)
    return plane


def test_a_switch_fits_the_scale_anew(look: tuple[Camera, Style]) -> None:
    layer = ForceLayer()
    layer.show(answer_at([(3.0, 0.0)], [(50.0, 0.0)]), *look)
    assert layer.arrows.unit == 50.0
    layer.show(answer_at([(3.0, 0.0)], [(50.0, 0.0)], weights=KL_ONLY), *look)
    assert layer.arrows.unit == 2.0


# --- the picture ---------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_each_term_has_its_colour_and_only_while_it_pulls(bare: LatentPlane, theme: Theme) -> None:
    bare.set_theme(theme)
    places: Pairs = [(-2.0, 1.5), (1.5, -1.5)]
    pulls: Pairs = [(4.0, 4.0), (-3.0, 2.0)]
    nothing = {name: len(of_colour(bare, name)) for name in (theme.reconstruction, theme.kl)}
    assert nothing == {theme.reconstruction: 0, theme.kl: 0}
    for weights, blue, orange in (
        (LossWeights(), True, True),
        (REC_ONLY, True, False),
        (KL_ONLY, False, True),
        (LossWeights(reconstruction_on=False, kl_on=False), False, False),
    ):
        bare.set_forces(answer_at(places, pulls, [(-0.4, -0.4)] * 2, weights=weights))
        assert (len(of_colour(bare, theme.reconstruction)) > 50) == blue
        assert (len(of_colour(bare, theme.kl)) > 50) == orange
    bare.set_forces(None)
    assert len(of_colour(bare, theme.reconstruction)) == len(of_colour(bare, theme.kl)) == 0


@pytest.mark.parametrize(("x", "y"), [(2.0, 0.0), (-2.4, 0.0), (0.0, -2.2), (1.6, 1.2)])
def test_an_arrow_begins_at_the_mean_and_is_to_scale(bare: LatentPlane, x: float, y: float) -> None:
    """KL's, which points at the origin and is as long as the mean is far from there."""
    bare.set_forces(answer_at([(x, y)], weights=KL_ONLY))
    unit = bare.scene.forces.arrows.unit
    spots = of_colour(bare, LIGHT.kl)[:, ::-1] + 0.5
    corner, camera = bare.scene.areas.plane.topLeft(), bare.scene.camera
    mean = np.array([camera.x_to_pixel(x) - corner.x(), camera.y_to_pixel(y) - corner.y()])
    length = math.hypot(x, y)
    towards = np.array([-x, y]) / length
    along = (spots - mean) @ towards
    aside = np.abs((spots - mean) @ np.array([-towards[1], towards[0]]))
    # Its very tip is thinner than a pixel.
    assert along.max() == pytest.approx(ARROW * length / unit - 2, abs=1.5)
    outside = along > SAMPLE.radius + BAND + 2
    assert outside.any()
    assert aside[outside].max() < 6


def test_the_sum_is_the_sum(bare: LatentPlane) -> None:
    """Three arrows at right angles and across: its tip is where theirs add up."""
    bare.set_forces(answer_at([(3.0, 0.0)], [(0.0, 4.0)]))
    unit, corner, camera = (
        bare.scene.forces.arrows.unit,
        bare.scene.areas.plane.topLeft(),
        bare.scene.camera,
    )
    x, y = camera.x_to_pixel(3.0) - corner.x(), camera.y_to_pixel(0.0) - corner.y()
    tip = np.array([y - ARROW * 4.0 / unit, x - ARROW * 3.0 / unit])
    dark = of_colour(bare, LIGHT.text, room=60)
    assert np.hypot(*(dark - tip).T).min() < 3


def test_an_arrow_that_is_too_long_is_cut_and_said_to_be(bare: LatentPlane, tmp_path: Path) -> None:
    places: Pairs = [(x, 0.5) for x in (-3.0, -2.0, -1.0, 1.0, 2.0)]
    short: Pairs = [(0.0, 10.0)] * 5
    bare.set_forces(answer_at(places, short, weights=REC_ONLY))
    assert "twoheads" not in words(bare, tmp_path)
    bare.set_forces(answer_at(places, [*short[:4], (0.0, 900.0)], weights=REC_ONLY))
    assert "twoheads:longerthandrawn" in words(bare, tmp_path)
    spots = of_colour(bare, LIGHT.reconstruction)
    camera, corner = bare.scene.camera, bare.scene.areas.plane.topLeft()
    mean = camera.y_to_pixel(0.5) - corner.y()
    longest = SAMPLE.longest * cell_side(camera, bare.scene.style)
    assert mean - spots[:, 0].min() == pytest.approx(longest - 2, abs=2)


@pytest.mark.parametrize(("pull", "inside"), [(-0.5, True), (0.5, False)])
def test_a_band_lies_inside_where_sigma_shrinks_and_outside_where_it_grows(
    bare: LatentPlane, pull: float, inside: bool
) -> None:
    bare.set_forces(answer_at([(1.5, 1.5)], [(0.0, 0.0)], [(pull, 0.0)], weights=REC_ONLY))
    unit = bare.scene.forces.bands.unit
    camera, corner = bare.scene.camera, bare.scene.areas.plane.topLeft()
    centre = np.array([camera.y_to_pixel(1.5) - corner.y(), camera.x_to_pixel(1.5) - corner.x()])
    # A band lets a little of what is under it through.
    spots = of_colour(bare, LIGHT.reconstruction, room=80) + 0.5 - centre
    away = np.hypot(*spots.T)
    assert len(spots) > 10
    ring, thickness = SAMPLE.radius, BAND * 0.5 / unit
    across = np.abs(spots[np.abs(spots[:, 0]) < 1.5, 1])
    if inside:
        assert away.max() <= ring + 1
        assert across.min() == pytest.approx(ring - thickness, abs=1.5)
    else:
        assert away.min() >= ring - 1
        assert across.max() == pytest.approx(ring + thickness, abs=1.5)
    # On the other axis there is no pull.
    upwards = np.abs(spots[np.abs(spots[:, 1]) < 1.5, 0])
    assert (np.abs(upwards - ring) < 1.5).all()


def test_where_forces_cancel_the_sum_lies_on_the_ring(bare: LatentPlane) -> None:
    """And there is no arrow of it, while each term has its own."""
    half = 0.5 * (1 - 0.05**2)
    bare.set_forces(answer_at([(2.0, 1.0)], [(2.0, 1.0)], [(-half, -half)]))
    camera, corner = bare.scene.camera, bare.scene.areas.plane.topLeft()
    centre = np.array([camera.y_to_pixel(1.0) - corner.y(), camera.x_to_pixel(2.0) - corner.x()])
    away = np.hypot(*(of_colour(bare, LIGHT.text, room=60) + 0.5 - centre).T)
    near = away[away < 60]
    assert near.size > 12
    assert np.abs(near - SAMPLE.radius).max() < 2
    assert len(of_colour(bare, LIGHT.reconstruction)) > 30
    assert len(of_colour(bare, LIGHT.kl)) > 30


def test_the_sums_band_is_but_an_edge(bare: LatentPlane) -> None:
    """Or it would hide the only band there is."""
    bare.set_forces(answer_at([(2.0, 1.0)]))
    assert bare.scene.forces.answer is not None
    camera, corner = bare.scene.camera, bare.scene.areas.plane.topLeft()
    unit = bare.scene.forces.bands.unit
    x, y = camera.x_to_pixel(2.0) - corner.x(), camera.y_to_pixel(1.0) - corner.y()
    middle = SAMPLE.radius + 0.5 * BAND * 0.5 / unit
    spots = of_colour(bare, LIGHT.kl, room=90) + 0.5 - (y, x)
    assert (np.abs(np.hypot(*spots.T) - middle) < 1).sum() > 15


def test_a_large_ellipse_is_its_own_ring(bare: LatentPlane) -> None:
    bare.set_viewport(Viewport(0.8, 2.2, 0.3, 1.7))
    bare.set_forces(answer_at([(1.5, 1.0)], weights=KL_ONLY))
    camera, corner = bare.scene.camera, bare.scene.areas.plane.topLeft()
    centre = np.array([camera.y_to_pixel(1.0) - corner.y(), camera.x_to_pixel(1.5) - corner.x()])
    half_axis = 0.05 * camera.scale
    assert SAMPLE.radius + 5 < half_axis < SAMPLE.widest
    spots = of_colour(bare, LIGHT.kl, room=80) + 0.5 - centre
    right = spots[(np.abs(spots[:, 0]) < 2) & (spots[:, 1] > 0), 1]
    unit = bare.scene.forces.bands.unit
    assert right.min() == pytest.approx(half_axis, abs=1.5)
    assert right.max() == pytest.approx(half_axis + BAND * 0.5 / unit, abs=1.5)


def test_the_selected_one_is_larger_and_only_there_while_it_is_selected(bare: LatentPlane) -> None:
    answer = answer_at([(1.5, 1.0)], weights=KL_ONLY, selected=True)
    bare.set_forces(answer)
    small = len(of_colour(bare, LIGHT.kl))
    bare.set_selected(0)
    large = len(of_colour(bare, LIGHT.kl))
    assert large > 1.5 * small > 0
    bare.set_selected(5)
    assert len(of_colour(bare, LIGHT.kl)) == small


def test_where_they_cancel_is_shown_as_soon_as_it_can_be_told_apart(
    bare: LatentPlane, tmp_path: Path
) -> None:
    """There reconstruction and KL pull with equal arrows, in opposite directions."""
    here = view_of([(1.5, 1.0)], [(4.0, 0.0)], [(0.0, 0.0)], [0])
    half = 0.5 * (1 - 0.05**2)
    there = view_of([(1.6, 1.0)], [(1.6, 1.0)], [(-half, -half)], [0])
    answer = ForceAnswer(here, here, Rest(LossWeights(), there)).weighted(LossWeights())
    bare.set_selected(0)
    bare.set_forces(answer)
    assert "heretheycancel" not in words(bare, tmp_path)
    bare.set_viewport(Viewport(1.2, 2.0, 0.6, 1.4))
    assert "heretheycancel" in words(bare, tmp_path)
    camera, corner = bare.scene.camera, bare.scene.areas.plane.topLeft()
    x, y = camera.x_to_pixel(1.6) - corner.x(), camera.y_to_pixel(1.0) - corner.y()
    towards = np.array([1.6, -1.0]) / math.hypot(1.6, 1.0)
    length = ARROW * math.hypot(1.6, 1.0) / bare.scene.forces.arrows.unit
    for name, sign in ((LIGHT.reconstruction, 1), (LIGHT.kl, -1)):
        inside_the_head = (x, y) + sign * (length - 4) * towards
        away = np.hypot(*(of_colour(bare, name)[:, ::-1] + 0.5 - inside_the_head).T)
        assert away.min() < 2, name
    bare.set_selected(3)
    assert "heretheycancel" not in words(bare, tmp_path)


def test_points_are_faded_and_not_hidden(plane: LatentPlane) -> None:
    plane.set_forces(answer_at([(3.5, 3.5)]))
    plane.set_classes([])
    image = pixels(plane.plane_image())
    corner = plane.scene.areas.plane.topLeft()
    for index in range(6):
        x, y = plane.scene.cloud.mu[index].tolist()
        at = pixel(plane, x, y) - corner
        spot = image[at.y() - 1 : at.y() + 2, at.x() - 1 : at.x() + 2].reshape(-1, 3)
        # Not all are on top of others; a faded colour is still none of white.
        assert (spot.min(axis=1) < 200).any()


def test_what_it_means_is_written_with_its_scale(bare: LatentPlane, tmp_path: Path) -> None:
    assert "natsperunit" not in words(bare, tmp_path)
    bare.set_forces(answer_at([(2.0, 0.0), (-1.0, 2.0)], [(9.0, 0.0), (0.0, 8.0)]))
    forces = bare.scene.forces
    written = words(bare, tmp_path)
    for text in (
        "reconstruction",
        "KL",
        "sum",
        f"pull on μ: {forces.arrows.unit:g} nats per unit",
        f"pull on log σ²: {forces.bands.unit:g} nats per unit",
        "inwards σ shrinks, outwards it grows",
        "2 posteriors, 8 noise samples each",
    ):
        assert text.replace(" ", "") in written
    bare.set_forces(answer_at([(2.0, 0.0)], weights=LossWeights(reconstruction_on=False, beta=4.0)))
    written = words(bare, tmp_path)
    assert "4·KL" in written
    assert "reconstruction" not in written
    assert "sum" not in written
    off = LossWeights(reconstruction_on=False, kl_on=False)
    bare.set_forces(answer_at([(2.0, 0.0)], weights=off))
    assert "nothingpulls" in words(bare, tmp_path)


@pytest.mark.parametrize("factor", [1.0, 1.6])
@pytest.mark.parametrize("size", [(800, 640), (620, 460), (330, 300)])
def test_the_key_is_within_the_plane(
    bare: LatentPlane, size: tuple[int, int], factor: float
) -> None:
    bare.resize(*size)
    bare.set_text_scale(factor)
    bare.set_forces(answer_at([(2.0, 0.0)] * 5, [(9.0, 0.0)] * 4 + [(900.0, 0.0)]))
    key = bare.scene.force_key()
    assert key is not None
    plane = QRectF(bare.scene.areas.plane)
    if plane.width() > 200 * factor:
        assert plane.contains(key.rect)
    assert key.rect.left() >= plane.left()
    assert key.rect.height() < 0.5 * plane.height() or size[1] < 400


def test_tooltips_say_what_pulls(plane: LatentPlane) -> None:
    def said(at: QPoint) -> str:
        QApplication.sendEvent(plane, QHelpEvent(QEvent.Type.ToolTip, at, plane.mapToGlobal(at)))
        return QToolTip.text().replace("\n", " ")

    view = view_of([(-2.0, 2.0)], [(12.5, -3.0)], [(-0.25, 0.0)], [0])
    plane.set_forces(ForceAnswer(view, None, None).weighted(LossWeights(beta=2.0)))
    plane.set_hovered(0)
    at = plane.scene.areas.plane.center()
    assert "reconstruction (+12.5, −3.00) on μ and (−0.25, 0.00) on log σ²" in said(at)
    assert "KL (+4.00, −4.00) on μ" in said(at)
    assert "sum (+16.5, −7.00) on μ" in said(at)
    plane.set_hovered(1)
    assert "Pulls" not in said(at)
    plane.set_hovered(None)
    key = plane.scene.force_key()
    assert key is not None
    assert "Minus the gradient" in said(key.rect.center().toPoint())
    QToolTip.hideText()


# --- beside everything else ----------------------------------------------------------------------


def test_it_can_be_taken_back_and_says_nothing(plane: LatentPlane, heard: Heard) -> None:
    before = plane.plane_image()
    plane.set_forces(answer_at([(1.0, 1.0)], [(5.0, 5.0)]))
    assert plane.plane_image() != before
    plane.set_forces(None)
    assert plane.plane_image() == before
    assert heard.said == []


def test_other_points_end_it(plane: LatentPlane) -> None:
    plane.set_forces(answer_at([(1.0, 1.0)]))
    mu = np.zeros((4, 2), np.float32)
    plane.set_points(mu, mu, np.zeros(4, np.int64))
    assert plane.scene.forces.answer is None


def test_gliding_points_do_not_repaint_it(
    plane: LatentPlane, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted = []
    paint = ForceLayer.paint

    def counted(*args: object, **others: object) -> None:
        painted.append(1)
        paint(*args, **others)  # type: ignore[arg-type]

    monkeypatch.setattr(ForceLayer, "paint", counted)
    plane.set_forces(answer_at([(1.0, 1.0)], [(5.0, 5.0)]))
    plane.plane_image()
    first = len(painted)
    for shift in (0.1, 0.2, 0.3):
        mu = plane.scene.cloud.mu + np.float32(shift)
        plane.move_points(mu, plane.scene.cloud.logvar)
        plane.set_z(shift, shift)
        plane.plane_image()
    assert len(painted) == first
    plane.set_viewport(Viewport(-2, 2, -2, 2))
    plane.plane_image()
    assert len(painted) == first + 1


HOSTILE = [np.nan, np.inf, -np.inf, 3e38, -3e38, 1e30, 1e4, 0.0]


@pytest.mark.parametrize("scale", [1, 30])
def test_hostile_numbers_break_nothing(plane: LatentPlane, scale: int) -> None:
    values = np.array([(a, b) for a in HOSTILE for b in HOSTILE], np.float32)
    plane.set_ellipse_scale(scale)
    for mu, logvar, on_mu, on_logvar in (
        (values, np.zeros_like(values), np.zeros_like(values), np.zeros_like(values)),
        (np.zeros_like(values), values, np.zeros_like(values), np.zeros_like(values)),
        (np.zeros_like(values), np.zeros_like(values), values, values[::-1]),
        (values, values[::-1], values, values),
    ):
        indices = np.arange(len(values))
        pulls = Pulls(on_mu, on_logvar)
        view = ForceView(indices, mu, logvar, pulls, pulls, 8)
        plane.set_forces(ForceAnswer(view, view, None).weighted(LossWeights(beta=100.0)))
        plane.set_selected(3)
        plane.set_viewport(Viewport(-1e-4, 1e-4, -1e-4, 1e-4))
        plane.grab()
        plane.set_viewport(Viewport())
        plane.grab()


def test_on_a_dense_screen_it_is_as_large_in_pixels_of_the_window(bare: LatentPlane) -> None:
    bare.set_forces(answer_at([(2.0, 0.0)], weights=KL_ONLY))
    usual = len(of_colour(bare, LIGHT.kl))
    bare._layers.use_ratio(2.0)
    image = pixels(bare._layers.plane().toImage())
    tone = QColor(LIGHT.kl)
    away = np.abs(image - (tone.red(), tone.green(), tone.blue())).max(axis=2)
    key = bare.scene.force_key()
    assert key is not None
    box = key.rect.translated(-bare.scene.areas.plane.topLeft())
    away[2 * int(box.top()) : 2 * int(box.bottom()) + 2, 2 * int(box.left()) :] = 255
    assert (away <= 40).sum() == pytest.approx(4 * usual, rel=0.35)
