import math
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QHelpEvent, QImage
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from latentlab.app.layer_view import MapImage
from latentlab.app.state import Viewport
from latentlab.errors import InputError
from latentlab.ui.plane import LatentPlane, ellipses, scene
from latentlab.ui.plane.points import dot_radius
from latentlab.ui.theme import DARK, LIGHT
from tests.ui.plane.conftest import Heard, pixel

SVG = "{http://www.w3.org/2000/svg}"


def pixels(image: QImage) -> np.ndarray:
    """(H, W, 3) red, green, blue."""
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)


def bare(plane: LatentPlane) -> None:
    """Take away what lies over points and rings."""
    plane.set_classes([])
    plane.set_z(900, 900)
    plane.set_z1(900, 901)
    plane.set_z2(901, 900)


def lone(plane: LatentPlane, x: float, y: float, label: int = 0) -> None:
    mu = np.array([(x, y)], np.float32)
    plane.set_points(mu, np.full((1, 2), -20, np.float32), np.array([label]))


@pytest.mark.parametrize(("x", "y"), [(0.31, -0.42), (-2.2, 1.7), (1.001, 1.999)])
def test_a_lone_point_stands_where_the_plane_says(plane: LatentPlane, x: float, y: float) -> None:
    bare(plane)
    lone(plane, 500, 500)
    ground = pixels(plane.plane_image())
    lone(plane, x, y)
    changed = np.abs(pixels(plane.plane_image()) - ground).sum(axis=2)
    corner = plane.scene.areas.plane.topLeft()
    rows, columns = np.indices(changed.shape)
    camera = plane.scene.camera
    across = (changed * (columns + 0.5)).sum() / changed.sum() + corner.x()
    down = (changed * (rows + 0.5)).sum() / changed.sum() + corner.y()
    assert across == pytest.approx(camera.x_to_pixel(x), abs=1)
    assert down == pytest.approx(camera.y_to_pixel(y), abs=1)
    assert 0 < (changed > 0).sum() < 100


@pytest.mark.parametrize("size", [(800, 640), (500, 700), (1100, 420)])
def test_a_circle_is_a_circle(plane: LatentPlane, size: tuple[int, int]) -> None:
    bare(plane)
    lone(plane, 500, 500)
    plane.resize(*size)
    plane.set_viewport(Viewport(-3.2, 3.2, -3.2, 3.2))
    image = pixels(plane.plane_image())
    # A ring is darker than any line of the grid but the axes, which do not run where this looks.
    found = 3 * 255 - image.sum(axis=2) > 110
    camera, corner = plane.scene.camera, plane.scene.areas.plane.topLeft()
    middle_row = round(camera.y_to_pixel(0.0)) - corner.y()
    middle_column = round(camera.x_to_pixel(0.0)) - corner.x()
    reach = round(1.3 * camera.scale)
    row = found[middle_row + 2, middle_column - reach : middle_column + reach]
    # Just beside the axis, so that the label on top of the ring is not in the way.
    column = found[middle_row - reach : middle_row + reach, middle_column + round(0.6 * reach)]
    width = np.ptp(np.flatnonzero(row))
    height = np.ptp(np.flatnonzero(column)) / math.sqrt(1 - (0.6 * 1.3) ** 2)
    assert width == pytest.approx(2 * camera.scale, abs=3)
    assert height == pytest.approx(width, abs=4)
    view, area = plane.viewport(), plane.scene.areas.plane
    assert (view.x_max - view.x_min) / area.width() == pytest.approx(
        (view.y_max - view.y_min) / area.height()
    )


def test_resizing_there_and_back_keeps_the_view(plane: LatentPlane) -> None:
    plane.set_viewport(Viewport(-1, 1, -1, 1))
    first = plane.viewport()
    for size in ((400, 640), (900, 300), (800, 640)):
        plane.resize(*size)
        # As a controller would that keeps what it was told.
        plane.set_viewport(plane.viewport())
    assert plane.viewport() == first


def test_resizing_says_the_new_shape_and_is_no_intent(
    plane: LatentPlane, heard: Heard, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(plane.shapeChanged) as said:
        plane.resize(600, 640)
    assert said.args == [plane.viewport()]
    assert heard.said == []


def test_setting_never_says_anything(plane: LatentPlane, heard: Heard) -> None:
    rng = np.random.default_rng(2)
    mu, logvar = rng.normal(size=(300, 2)).astype(np.float32), np.zeros((300, 2), np.float32)
    plane.move_points(mu, logvar)
    plane.move_points(mu, logvar, exact=True)
    plane.settle()
    plane.set_z(1, 1)
    plane.set_z1(2, 1)
    plane.set_z2(1, 2)
    plane.set_path(np.array([(2.0, 1.0), (1.8, 1.8), (1.0, 2.0)]), (1.8, 1.8))
    plane.set_selected(4)
    plane.set_viewport(Viewport(-1, 1, -1, 1))
    plane.set_isolated(1)
    plane.set_isolated(None)
    plane.set_ellipse_scale(10)
    plane.set_layer(MapImage(Viewport(), np.zeros((4, 4), np.uint8)))
    plane.set_theme(DARK)
    plane.set_note("step 3")
    plane.set_text_scale(1.5)
    plane.set_points(mu, logvar, np.zeros(300, np.int64))
    plane.set_classes(["a"])
    plane.grab()
    assert heard.said == []


def test_every_change_is_seen_and_can_be_taken_back(plane: LatentPlane) -> None:
    first = plane.plane_image()
    for there, back in (
        (lambda: plane.set_z(1, 1), lambda: plane.set_z(0, 0)),
        (lambda: plane.set_z1(0, 1), lambda: plane.set_z1(-1.5, 0)),
        (lambda: plane.set_selected(3), lambda: plane.set_selected(None)),
        (lambda: plane.set_isolated(1), lambda: plane.set_isolated(None)),
        (lambda: plane.set_ellipse_scale(30), lambda: plane.set_ellipse_scale(1)),
        (
            lambda: plane.set_layer(MapImage(Viewport(), np.full((2, 2), 200, np.uint8))),
            lambda: plane.set_layer(None),
        ),
        (lambda: plane.set_theme(DARK), lambda: plane.set_theme(LIGHT)),
        (lambda: plane.set_note("step 12"), lambda: plane.set_note("")),
        (
            lambda: plane.set_path(np.array([(-1.5, 0), (0, 1.5), (1.5, 0)]), (0.0, 1.5)),
            lambda: plane.set_path(None),
        ),
    ):
        there()
        assert plane.plane_image() != first
        back()
        assert plane.plane_image() == first


def test_the_magnification_is_written_on_the_plane(plane: LatentPlane) -> None:
    bare(plane)
    lone(plane, 500, 500)
    plain = pixels(plane.plane_image())
    plane.set_ellipse_scale(10)
    changed = np.argwhere(np.abs(pixels(plane.plane_image()) - plain).sum(axis=2) > 60)
    assert len(changed) > 50
    height = plain.shape[0]
    assert changed[:, 0].min() > height - 40
    assert changed[:, 1].max() < 140


def test_the_map_lies_where_it_was_put(plane: LatentPlane) -> None:
    bare(plane)
    lone(plane, 500, 500)
    image = np.zeros((20, 20), np.uint8)
    image[:10, :10] = 255
    plane.set_layer(MapImage(Viewport(-2, 2, -2, 2), image))
    picture, corner = plane.plane_image(), plane.scene.areas.plane.topLeft()

    def grey(x: float, y: float) -> int:
        return picture.pixelColor(pixel(plane, x, y) - corner).lightness()

    assert grey(-1.3, 1.3) < 220
    for x, y in ((1.3, 1.3), (-1.3, -1.3), (1.3, -1.3), (-2.3, 1.3), (-1.3, 2.3)):
        assert grey(x, y) > 240
    plane.set_viewport(Viewport(-1.301, -1.299, 1.299, 1.301))
    assert plane.plane_image().pixelColor(20, 30).lightness() < 220


def test_gliding_points_move_at_once_and_their_names_soon(plane: LatentPlane, qtbot: QtBot) -> None:
    medians = plane.scene.medians.copy()
    mu = (plane.scene.cloud.mu + 1).astype(np.float32)
    logvar = np.full((300, 2), -6.0, np.float32)
    plane.settle()
    before = plane.plane_image()
    plane.move_points(mu, logvar)
    assert plane.plane_image() != before
    assert plane.scene.medians == pytest.approx(medians)
    plane.settle()
    assert plane.scene.medians == pytest.approx(medians + 1, abs=1e-5)
    plane.move_points(mu - 1, logvar, exact=True)
    assert plane.scene.medians == pytest.approx(medians, abs=1e-5)

    def keeps_up() -> bool:
        plane.move_points(mu, logvar)
        return bool(abs(plane.scene.medians - medians - 1).max() < 1e-5)

    qtbot.waitUntil(keeps_up, timeout=2000)


def test_gliding_draws_fewer_ellipses_and_says_so_steadily(
    plane: LatentPlane, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(3)
    mu = rng.normal(size=(4000, 2)).astype(np.float32)
    logvar = np.full((4000, 2), 2 * math.log(0.06), np.float32)
    drawn: list[int] = []
    noted: list[str] = []
    paint, box = ellipses.paint_ellipses, scene.boxed_text

    def counted(*args: object, indices: np.ndarray, **others: object) -> None:
        drawn.append(len(indices))
        paint(*args, indices=indices, **others)

    def read(painter: object, text: str, *args: object, **others: object) -> None:
        noted.append(text)
        box(painter, text, *args, **others)

    monkeypatch.setattr(ellipses, "paint_ellipses", counted)
    monkeypatch.setattr(scene, "boxed_text", read)
    plane.set_points(mu, logvar, np.zeros(4000, np.int64))
    plane.set_viewport(Viewport(-1, 1, -1, 1))
    plane.plane_image()
    full, words = drawn[-1], noted[-1]
    assert "ellipses" in words
    for shift in (0.1, 0.4, 0.7):
        if shift == 0.4:
            plane._summarised["names"] = 0.0
        plane.move_points(mu + np.float32(shift), logvar)
        plane.plane_image()
        assert full / 8 < drawn[-1] < full / 4
        # Numbers would be of other posteriors before they could be read.
        assert noted[-1] == "1σ: a sample of the ellipses"
    # Too narrow for any: nothing is said of those of before.
    noted.clear()
    plane.move_points(mu, logvar - np.float32(9))
    plane.plane_image()
    assert not noted
    plane.move_points(mu + np.float32(0.7), logvar, exact=True)
    plane.plane_image()
    assert drawn[-1] > full * 0.9
    assert noted[-1] != words


def test_a_file_saved_while_points_glide_has_every_ellipse(
    plane: LatentPlane, tmp_path: Path
) -> None:
    mu = plane.scene.cloud.mu.astype(np.float32)
    logvar = np.full((300, 2), 2 * math.log(0.3), np.float32)
    plane.move_points(mu, logvar, exact=True)
    plane.save_svg(tmp_path / "exact.svg")
    plane.move_points(mu, logvar)
    plane.plane_image()
    plane.save_svg(tmp_path / "gliding.svg")
    assert (tmp_path / "gliding.svg").read_text() == (tmp_path / "exact.svg").read_text()


HOSTILE = [np.nan, np.inf, -np.inf, 1e300, -1e300, 3e38, 1e5, 0.0]


@pytest.mark.parametrize("scale", [1, 30])
def test_hostile_points_break_nothing(plane: LatentPlane, scale: int) -> None:
    values = np.array([(a, b) for a in HOSTILE for b in HOSTILE])
    labels = np.arange(len(values)) - 3
    plane.set_ellipse_scale(scale)
    plane.set_points(values, values[::-1], labels)
    for index in range(len(values)):
        plane.set_selected(index)
        plane.grab()
    plane.move_points(values[::-1], values, exact=True)
    plane.reset_view()
    plane.grab()
    view = plane.viewport()
    assert view.x_max - view.x_min < 20, "what is far away is not shown"


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e300])
def test_hostile_numbers_break_nothing(plane: LatentPlane, value: float) -> None:
    plane.set_z(value, 0.5)
    plane.set_z1(0.5, value)
    plane.set_z2(value, value)
    plane.set_viewport(Viewport(-value, value, -1, 1))
    plane.grab()
    for x, y in (plane.scene.handles.z, plane.scene.handles.z1, plane.scene.handles.z2):
        assert abs(x) <= 1e4
        assert abs(y) <= 1e4
    with pytest.raises(ValueError, match="path"):
        plane.set_path(np.array([(0.0, 0.0), (math.nan, 1.0)]))
    with pytest.raises(ValueError, match="map"):
        plane.set_layer(MapImage(Viewport(), np.zeros((0, 3), np.uint8)))
    with pytest.raises(ValueError, match="scale"):
        plane.set_ellipse_scale(7)


def test_points_of_other_shapes_are_refused_and_nothing_changes(plane: LatentPlane) -> None:
    before = plane.plane_image()
    three, two = np.zeros((300, 3), np.float32), np.zeros((300, 2), np.float32)
    with pytest.raises(ValueError, match="not"):
        plane.set_points(three, three, np.zeros(300, np.int64))
    with pytest.raises(ValueError, match="not"):
        plane.set_points(two, two, np.zeros(299, np.int64))
    with pytest.raises(ValueError, match="not"):
        plane.move_points(two[:5], two[:5])
    assert plane.plane_image() == before


def test_no_points_no_classes_and_a_tiny_window(plane: LatentPlane) -> None:
    nothing = np.zeros((0, 2), np.float32)
    plane.set_points(nothing, nothing, np.zeros(0, np.int64))
    plane.set_classes([])
    plane.setMinimumSize(0, 0)
    for size in ((260, 220), (30, 30), (1, 1)):
        plane.resize(*size)
        plane.reset_view()
        plane.grab()


def test_the_furthest_zoom_is_painted(plane: LatentPlane) -> None:
    for x, y in ((1.0, 0.0), (-1.5, 0.0), (2.0, 2.0)):
        for scale in (1, 30):
            plane.set_ellipse_scale(scale)
            plane.set_viewport(Viewport(x - 5e-5, x + 5e-5, y - 5e-5, y + 5e-5))
            plane.grab()
    bare(plane)
    lone(plane, 500, 500)
    plane.set_viewport(Viewport(1 - 5e-5, 1 + 5e-5, -5e-5, 5e-5))
    image = pixels(plane.plane_image())[5:-5, 5:-5]
    # Here the 1σ ring is an upright line through the middle.
    dark = (image.sum(axis=2) < 600).sum(axis=0)
    assert abs(int(np.argmax(dark)) - image.shape[1] // 2) <= 2
    assert dark.max() > 0.9 * image.shape[0]


def test_tooltips_say_what_is_under_the_pointer(plane: LatentPlane) -> None:
    def said(at: QPoint) -> str:
        QApplication.sendEvent(plane, QHelpEvent(QEvent.Type.ToolTip, at, plane.mapToGlobal(at)))
        return QToolTip.text().replace("\n", " ")

    assert "aggregate posterior" in said(plane.scene.areas.top.center())
    assert "z₂" in said(plane.scene.areas.right.center())
    assert "86.5 %" in said(pixel(plane, 2.0, 0.0))
    assert "z1 = (−1.500" in said(pixel(plane, -1.5, 0.0))
    QToolTip.hideText()


def test_rings_that_are_too_near_each_other_have_one_name(plane: LatentPlane, tmp_path) -> None:
    def named(reach: float) -> list[str]:
        path = tmp_path / "plane.svg"
        plane.set_viewport(Viewport(-reach, reach, -reach, reach))
        plane.save_svg(path)
        texts = ["".join(text.itertext()) for text in ElementTree.parse(path).iter(f"{SVG}text")]
        return sorted(ring[0] for ring in texts if re.match(r"[123]σ: ", ring))

    assert named(4.0) == ["1", "2", "3"]
    assert named(25.0) == ["3"]
    assert named(500.0) == []


def test_the_svg_has_a_disc_for_every_point_in_view(plane: LatentPlane, tmp_path) -> None:
    path = tmp_path / "plane.svg"
    plane.set_viewport(Viewport(-3, 0.5, 0.5, 3))
    plane.save_svg(path)
    tree = ElementTree.parse(path)
    radius = dot_radius(300, 1.0)
    discs = [
        disc for disc in tree.iter(f"{SVG}circle")
        if float(disc.get("r", "0")) == pytest.approx(radius, abs=0.01)
    ]  # fmt: skip
    camera, mu = plane.scene.camera, plane.scene.cloud.mu
    x, y = camera.x_to_pixel(mu[:, 0]), camera.y_to_pixel(mu[:, 1])
    seen = (x > camera.left - radius) & (x < camera.left + camera.width + radius)
    seen &= (y > camera.top - radius) & (y < camera.top + camera.height + radius)
    assert 0 < seen.sum() < 300
    expected = sorted(zip(x[seen], y[seen], strict=True))
    found = sorted((float(d.get("cx", "0")), float(d.get("cy", "0"))) for d in discs)
    assert np.array(found) == pytest.approx(np.array(expected), abs=0.01)
    assert not list(tree.iter(f"{SVG}image")), "a screenshot, not shapes"
    words = " ".join("".join(text.itertext()) for text in tree.iter(f"{SVG}text"))
    assert "density of z₁" in words
    assert "dog" in words


def test_the_png_is_the_picture_at_its_scale(plane: LatentPlane, tmp_path) -> None:
    path = tmp_path / "plane.png"
    plane.save_png(path, scale=1)
    saved, shown = pixels(QImage(str(path))), pixels(plane.grab().toImage())
    area = plane.scene.areas.plane.adjusted(1, 1, -1, -1)
    rows, columns = slice(area.top(), area.bottom()), slice(area.left(), area.right())
    assert np.abs(saved[rows, columns] - shown[rows, columns]).mean() < 0.5
    plane.save_png(path)
    assert QImage(str(path)).size() == plane.size() * 2


def test_a_folder_that_is_not_there_is_told(plane: LatentPlane, tmp_path) -> None:
    for save in (plane.save_png, plane.save_svg):
        with pytest.raises(InputError, match="nowhere"):
            save(tmp_path / "nowhere" / "plane")


def test_presentation_makes_what_is_measured_in_pixels_larger(plane: LatentPlane) -> None:
    before = plane.scene.areas.top.height()
    plane.set_text_scale(1.8)
    assert plane.scene.areas.top.height() > 1.5 * before
    bare(plane)
    lone(plane, 1, 1)
    spot = pixel(plane, 1, 1) - plane.scene.areas.plane.topLeft() + QPoint(4, 0)
    assert plane.plane_image().pixelColor(spot).name() == LIGHT.classes[0]


def test_on_a_dense_screen_points_are_drawn_in_device_pixels(plane: LatentPlane) -> None:
    bare(plane)
    lone(plane, 1, 1)
    layers = plane._layers
    layers.use_ratio(2.0)
    pixmap = layers.plane()
    assert pixmap.size() == plane.scene.areas.plane.size() * 2
    spot = 2 * (pixel(plane, 1, 1) - plane.scene.areas.plane.topLeft())
    image = pixmap.toImage()
    assert image.pixelColor(spot).name() == LIGHT.classes[0]
    assert image.pixelColor(spot + QPoint(4, 0)).name() == LIGHT.classes[0]
    assert image.pixelColor(spot + QPoint(12, 0)).name() != LIGHT.classes[0]
