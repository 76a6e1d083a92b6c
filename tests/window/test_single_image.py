"""A single image in the real window: opened, dropped, pasted, named at the start, refused."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QWidget

from latentlab.data.bundled import load_bundled
from latentlab.ui.images import ImageView, to_qimage
from tests.bad_files.pictures import encoded, png_of
from tests.data.test_photo import photo
from tests.window.conftest import OpenLab
from tests.window.lab import CTRL, Lab
from tests.window.test_files import drop, wait_for_open
from tests.window.test_pad import THREE, draw, shown

NOISE = np.random.default_rng(3).integers(0, 256, (40, 40, 3), np.uint8)


def steps(lab: Lab) -> list[str]:
    """What was done to the picture, as the pad says it."""
    lab.wait(lambda: lab.window.findChild(QWidget, "padSteps") is not None)
    place = lab.child("padSteps", QWidget)
    lab.wait(place.isVisible)
    return [label.text() for label in place.findChildren(QLabel) if label.isVisible()]


def put_on_clipboard(image: np.ndarray) -> None:
    QGuiApplication.clipboard().setImage(to_qimage(image))


def test_a_photo_dropped_on_the_window_opens_the_pad(lab: Lab, tmp_path: Path) -> None:
    opened = lab.shell.controller.present
    path = tmp_path / "sieben ✎.png"
    Image.fromarray(photo(205, 50)).save(path)
    lab.key(Qt.Key.Key_F6)
    drop(lab, path)
    assert steps(lab) == ["grey", "inverted", "background off", "cut out"]
    assert lab.state.workspace == "explore"
    assert lab.shell.controller.present is opened
    assert lab.plane.scene.drawn is not None
    assert lab.child("padDecoded", ImageView).image is not None
    assert shown(lab).nearest
    assert "nats" in lab.text("padTerms")


def test_the_menu_asks_for_one(lab: Lab, tmp_path: Path) -> None:
    path = tmp_path / "digit.png"
    digit = load_bundled("mnist").test.images[0, 0]
    Image.fromarray(digit).save(path)
    lab.trigger("openImageAction")
    lab.answer_file_dialog(path)
    assert steps(lab) == ["as it is"]
    np.testing.assert_array_equal(shown(lab).grey, digit)
    assert not lab.child("padAsMnist", QCheckBox).isEnabled()
    # Drawn over it is a drawing of the same size.
    canvas = lab.shell.window.pad.findChild(QWidget, "padCanvas")
    before = shown(lab).mu
    draw(canvas, THREE)
    assert shown(lab).mu != before
    lab.key(Qt.Key.Key_Z, CTRL)
    assert shown(lab).mu == before


def test_a_copied_image_is_pasted_as_it_was(lab: Lab) -> None:
    view = lab.child("decodedImage", ImageView)
    decoded = lab.decoded()
    view.setFocus()
    lab.key(Qt.Key.Key_C, CTRL)
    lab.key(Qt.Key.Key_V, CTRL)
    assert steps(lab) == ["as it is"]
    np.testing.assert_array_equal(shown(lab).grey, decoded)
    lab.key(Qt.Key.Key_Z, CTRL)
    assert lab.shell.pad.shown is None


def test_a_copied_file_is_pasted_too(lab: Lab, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    Image.fromarray(photo(205, 50)).save(path)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    QGuiApplication.clipboard().setMimeData(data)
    lab.trigger("pasteImageAction")
    assert steps(lab)[0] == "grey"


def test_where_one_types_paste_means_text(lab: Lab) -> None:
    line = lab.window.findChildren(QLineEdit)
    field = next(box for box in line if box.isVisible() and box.isEnabled())
    put_on_clipboard(NOISE)
    field.setFocus()
    lab.key(Qt.Key.Key_V, CTRL)
    lab.plane.setFocus()
    assert lab.window.findChild(QWidget, "padSteps") is None
    assert lab.said == ""


def test_colours_are_kept_for_data_of_colours(lab: Lab, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    np.save(tmp_path / "colours.npy", rng.integers(0, 256, (40, 16, 16, 3), np.uint8))
    wait_for_open(lab, lambda: drop(lab, tmp_path / "colours.npy"))
    put_on_clipboard(NOISE)
    lab.plane.setFocus()
    lab.key(Qt.Key.Key_V, CTRL)
    assert steps(lab) == ["RGB", "16 × 16"]
    assert shown(lab).grey.shape == (16, 16, 3)
    assert np.ptp(shown(lab).grey.astype(int), axis=2).max() > 20
    assert not lab.child("padDecoded", ImageView).image.isGrayscale()
    canvas = lab.shell.window.pad.findChild(QWidget, "padCanvas")
    draw(canvas, THREE)
    assert np.ptp(shown(lab).grey.astype(int), axis=2).max() > 20


def test_one_named_at_the_start_is_opened_with_the_last_model(
    open_lab: OpenLab, tmp_path: Path
) -> None:
    path = tmp_path / "photo.png"
    Image.fromarray(photo(50, 205)).save(path)
    lab = open_lab(str(path))
    assert steps(lab) == ["grey", "background off", "cut out"]
    assert lab.plane.scene.drawn is not None


BAD = {
    "bomb.png": (png_of(30_000, 30_000), r"30000×30000 pixels; pictures of up to 50 million can"),
    "line.png": (png_of(100, 1), r"line\.png is one pixel high, so there is nothing to see; leave"),
    "cut.png": (encoded(NOISE, "PNG")[:900], r"cut\.png is damaged \(.*\); use another copy\.$"),
    "text.png": (b"no pixels", r"is no picture in PNG, JPEG.*; use another file"),
    "bad.tif": (
        encoded(np.full((9, 9), np.nan, np.float32), "TIFF"),
        r"bad\.tif has values that are not numbers",
    ),
    "white.png": (
        encoded(np.full((50, 50), 230, np.uint8), "PNG"),
        r"^Nothing stands out in .*white\.png; take a photo of dark ink on light paper\.$",
    ),
}


@pytest.fixture(scope="module")
def bad_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bad pictures")
    for name, (content, _) in BAD.items():
        (folder / name).write_bytes(content)
    return folder


def test_bad_pictures_are_refused_in_a_sentence_and_nothing_changes(
    lab: Lab, bad_folder: Path
) -> None:
    for name, (_, words) in BAD.items():
        lab.window.message_bar.clear()
        drop(lab, bad_folder / name)
        lab.wait_for_words(f"about {name}")
        assert re.search(words, lab.said), lab.said
        assert not lab.shell.pad.on


@pytest.mark.parametrize("words", ["", "words"])
def test_a_clipboard_without_an_image_is_told(lab: Lab, words: str) -> None:
    QGuiApplication.clipboard().clear()
    if words:
        QGuiApplication.clipboard().setText(words)
    lab.key(Qt.Key.Key_V, CTRL)
    assert lab.said == (
        "The clipboard holds no image: copy one first, such as a picture here with Ctrl+C, or a "
        "file."
    )
    line = QImage(90, 1, QImage.Format.Format_RGB888)
    line.fill(0)
    QGuiApplication.clipboard().setImage(line)
    lab.window.message_bar.clear()
    lab.key(Qt.Key.Key_V, CTRL)
    lab.wait_for_words("about a line")
    assert lab.said == (
        "The image on the clipboard is one pixel high, so there is nothing to see; leave it out."
    )


@pytest.mark.parametrize("mode", ["I;16", "CMYK", "animated"])
def test_odd_modes_are_opened(lab: Lab, tmp_path: Path, mode: str) -> None:
    path = tmp_path / {"I;16": "a.png", "CMYK": "a.tif", "animated": "a.gif"}[mode]
    if mode == "I;16":
        Image.fromarray(photo(205, 50).astype(np.uint16) * 257).save(path)
    elif mode == "CMYK":
        Image.fromarray(photo(205, 50)).convert("CMYK").save(path)
    else:
        first = Image.fromarray(photo(205, 50))
        first.save(path, save_all=True, append_images=[Image.new("L", first.size)])
    drop(lab, path)
    assert steps(lab) == ["grey", "inverted", "background off", "cut out"]
