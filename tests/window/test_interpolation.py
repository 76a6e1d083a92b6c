"""The path from z1 to z2: its images, its animation, its files; and the map behind the points."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QSpinBox, QToolButton

from latentlab.core.interpolate import path
from latentlab.ui.layer_names import LAYERS
from latentlab.ui.strip_frames import FrameRow
from tests.window.lab import CTRL, LEFT, NONE, Lab, changed_part, pixels


def frames_shown(lab: Lab) -> list[npt.NDArray[np.uint8]]:
    return [pixels(image) for image in lab.child("stripFrames", FrameRow)._images]


def frames_expected(lab: Lab) -> npt.NDArray[np.uint8]:
    state = lab.state
    points = path(state.z1, state.z2, state.strip_count, state.spherical)
    return lab.viewer.decode(points.astype(np.float32))


def strip_is_right(lab: Lab) -> bool:
    shown, expected = frames_shown(lab), frames_expected(lab)
    return len(shown) == len(expected) and all(map(np.array_equal, shown, expected))


def test_the_strip_follows_its_ends_count_and_path(lab: Lab) -> None:
    assert strip_is_right(lab)
    lab.drag(lab.state.z1, (-1.0, -2.0))
    lab.drag(lab.state.z2, (2.0, 2.0))
    lab.wait(lambda: strip_is_right(lab))
    first = frames_shown(lab)
    count = lab.child("stripCount", QSpinBox)
    count.setFocus()
    count.selectAll()
    QTest.keyClicks(count, "7\r")
    assert lab.state.strip_count == 7
    lab.wait(lambda: strip_is_right(lab))
    straight = frames_shown(lab)
    assert np.array_equal(straight[0], first[0])
    assert np.array_equal(straight[3], first[5]), "both have ẑ in the middle"
    choice = lab.child("stripPath", QComboBox)
    choice.setFocus()
    QTest.keyClick(choice, Qt.Key.Key_Down)
    assert lab.state.spherical
    lab.wait(lambda: strip_is_right(lab))
    assert not np.array_equal(frames_shown(lab)[3], straight[3])
    # The plane draws the same path.
    drawn = lab.plane.scene.handles.path
    assert drawn is not None
    assert drawn[len(drawn) // 2] == pytest.approx(path(lab.state.z1, lab.state.z2, 7, True)[3])
    lab.type("z1xField", "0.5")
    assert lab.state.z1[0] == 0.5
    lab.click("setZ2")
    assert lab.state.selected is not None
    assert lab.state.z2 == pytest.approx(lab.viewer.explain(lab.state.selected).mu)
    lab.wait(lambda: strip_is_right(lab))


def test_a_frame_is_decoded_large_when_clicked(lab: Lab) -> None:
    row = lab.child("stripFrames", FrameRow)
    QTest.mouseClick(row, LEFT, NONE, row.frame_rect(2).center().toPoint())
    assert lab.state.z == pytest.approx(path(lab.state.z1, lab.state.z2, 11, False)[2])
    # Eleven at once may round otherwise than one alone.
    np.testing.assert_allclose(lab.decoded().astype(int), frames_shown(lab)[2], atol=1)
    assert row.playhead == pytest.approx(0.2)


def test_playing_moves_the_image_until_z_is_dragged(lab: Lab) -> None:
    seen = {lab.decoded().tobytes()}
    lab.click("stripPlay")

    def several_seen() -> bool:
        seen.add(lab.decoded().tobytes())
        return len(seen) > 6

    lab.wait(several_seen)
    play = lab.child("stripPlay", QToolButton)
    assert play.isChecked()
    lab.drag((0.5, 1.0), (1.0, 2.0))
    assert not play.isChecked()
    assert lab.state.z == pytest.approx((1.0, 2.0), abs=0.05)
    assert np.array_equal(lab.decoded(), lab.expected())
    QTest.qWait(0)
    assert np.array_equal(lab.decoded(), lab.expected())
    # A pause leaves the image, z and the numbers in agreement.
    lab.click("stripPlay")
    before = lab.decoded()
    lab.wait(lambda: not np.array_equal(lab.decoded(), before))
    lab.click("stripPlay")
    assert np.array_equal(lab.decoded(), lab.expected())


def test_pictures_are_exported(lab: Lab, tmp_path: Path) -> None:
    strip, film = tmp_path / "strip.png", tmp_path / "film.gif"
    plane, shapes = tmp_path / "plane.png", tmp_path / "plane.svg"
    lab.trigger("stripPngAction")
    lab.answer_file_dialog(strip)
    with Image.open(strip) as image:
        tiles = np.asarray(image)[::4, ::4]
    assert np.array_equal(tiles, np.concatenate(list(frames_expected(lab)), axis=1))
    assert str(strip) in lab.status
    lab.trigger("stripGifAction")
    # Without its suffix, as one types it.
    lab.answer_file_dialog(film.with_suffix(""))
    with Image.open(film) as image:
        assert image.format == "GIF"
        assert image.n_frames == 120
        image.seek(60)
        side = image.width // 28
        last = np.asarray(image.convert("L"))[side // 2 :: side, side // 2 :: side]
    assert np.abs(last.astype(int) - lab.viewer.decode([lab.state.z2])[0]).max() <= 2
    lab.key(Qt.Key.Key_E, CTRL)
    lab.answer_file_dialog(plane)
    with Image.open(plane) as image:
        assert image.width == 2 * lab.plane.width()
    lab.trigger("planeSvgAction")
    lab.answer_file_dialog(shapes)
    assert shapes.read_text().count("<circle") + shapes.read_text().count("<ellipse") > 1000
    lab.trigger("stripPngAction")
    lab.answer_file_dialog(tmp_path / "nowhere" / "strip.png", accept=False)
    lab.shell.exports.strip_png(tmp_path / "nowhere" / "strip.png")
    assert "nowhere" in lab.said
    assert lab.window.message_bar.kind == "error"


def test_the_map_appears_follows_and_goes(lab: Lab) -> None:
    plain = lab.plane.plane_image()
    lab.choose("layerChoice", LAYERS["decoded"].name)
    lab.wait(lambda: lab.plane.scene.layer is not None)
    mapped = lab.plane.plane_image()
    assert changed_part(plain, mapped) > 0.05

    def covers() -> bool:
        layer = lab.plane.scene.layer
        return layer is not None and layer.rect == lab.plane.viewport()

    assert covers()
    lab.plane.setFocus()
    view = lab.plane.viewport()
    lab.key("+")
    assert lab.plane.viewport() != view
    lab.wait(covers)
    lab.window.resize(lab.window.width() - 200, lab.window.height())
    lab.wait(covers, timeout=5_000)
    lab.plane.setFocus()
    lab.key(".")
    step = lab.snapshot.step
    lab.wait(lambda: lab.snapshot.step > step)
    action = lab.window.findChild(QAction, "decodedLayerAction")
    assert action is not None
    assert action.isChecked()
    lab.key("M")
    assert lab.plane.scene.layer is None
    assert lab.state.layer == "none"
    assert not action.isChecked()
