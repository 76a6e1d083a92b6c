"""The history as a film, from the real window."""

import io
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from PySide6.QtWidgets import QComboBox, QDialogButtonBox, QLabel

from latentlab.ui.film.dialog import FilmDialog
from latentlab.ui.film.frames import Frames, Story
from latentlab.ui.theme import LIGHT
from tests.faults import full_disk, read_only_folder
from tests.window.lab import Lab


@pytest.fixture
def with_history(lab: Lab) -> Lab:
    """The shipped model with the history that is beside it."""
    lab.wait(lambda: len(lab.shell.past.timeline.moments) > 50)
    return lab


def ask(lab: Lab, film_format: str, size: int = 0) -> FilmDialog:
    lab.click("historyFilm")
    dialog = lab.child("filmDialog", FilmDialog)
    lab.wait(dialog.isVisible)
    lab.child("filmFormat", QComboBox).setCurrentText(film_format)
    lab.child("filmSize", QComboBox).setCurrentIndex(size)
    return dialog


def save_to(lab: Lab, dialog: FilmDialog, path: Path) -> None:
    box = dialog.findChild(QDialogButtonBox)
    assert box is not None
    box.button(QDialogButtonBox.StandardButton.Save).click()
    lab.answer_file_dialog(path)


def story(lab: Lab) -> Story:
    """All that is kept of the run, as the window looks at it."""
    opened = lab.shell.controller.present
    assert opened is not None
    return Story(
        title=opened.title,
        moments=lab.shell.past.timeline.moments,
        pair=opened.pair,
        curves=lab.snapshot.curves,
        viewport=lab.plane.viewport(),
        ellipse_scale=lab.state.ellipse_scale,
        isolated=None,
        theme=LIGHT,
    )


def gone(lab: Lab) -> bool:
    return lab.window.findChild(FilmDialog, "filmDialog") is None


def test_a_gif_shows_the_moments_in_their_order(with_history: Lab, tmp_path: Path) -> None:
    lab, target = with_history, tmp_path / "film.gif"
    dialog = ask(lab, "GIF")
    assert lab.text("filmSays") == "60 frames, 4.0 seconds"
    before, view = lab.plane.scene.cloud.mu.copy(), lab.plane.viewport()
    save_to(lab, dialog, target)
    lab.wait(lambda: gone(lab))
    assert lab.status.startswith(f"Wrote {target}")
    np.testing.assert_array_equal(lab.plane.scene.cloud.mu, before)
    assert lab.plane.viewport() == view, "the window's own plane was disturbed"
    with Image.open(target) as film:
        assert film.size == (480, 480)
        assert film.n_frames == 60
        painted = Frames(story(lab), 480)
        for index, moment in ((0, 0), (30, round(30 * 100 / 59)), (59, 100)):
            film.seek(index)
            seen = np.asarray(film.convert("RGB"), np.int16)
            difference = np.abs(seen - painted.frame(moment)).mean()
            others = [np.abs(seen - painted.frame(m)).mean() for m in (20, 80)]
            assert difference < 0.3 * min(others), "it is another moment, or of other colours"
        painted.close()


def test_an_mp4_while_it_trains(with_history: Lab, tmp_path: Path) -> None:
    lab, target = with_history, tmp_path / "film.mp4"
    lab.click("trainButton")
    lab.wait_for_steps(20)
    dialog = ask(lab, "MP4")
    save_to(lab, dialog, target)
    step = lab.snapshot.step
    lab.wait(lambda: gone(lab))
    assert lab.snapshot.step > step, "training stood still meanwhile"
    lab.click("trainButton")
    with av.open(io.BytesIO(target.read_bytes())) as container:
        pictures = [picture.to_ndarray(format="rgb24") for picture in container.decode(video=0)]
    assert len(pictures) == 60
    assert pictures[0].shape == (480, 480, 3)


def test_without_pyav_it_says_what_to_install(
    with_history: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("latentlab.ui.film.dialog.has_mp4", lambda: False)
    dialog = ask(with_history, "MP4")
    box = dialog.findChild(QDialogButtonBox)
    assert box is not None
    assert not box.button(QDialogButtonBox.StandardButton.Save).isEnabled()
    assert "pip install" in with_history.text("filmSays")
    dialog.reject()
    with_history.wait(lambda: gone(with_history))


@pytest.mark.parametrize("film_format", ["GIF", "MP4"])
def test_cancelled_half_way_it_leaves_nothing(
    with_history: Lab, tmp_path: Path, film_format: str
) -> None:
    lab, target = with_history, tmp_path / "film"
    dialog = ask(lab, film_format, size=2)
    frames: list[int] = []
    lab.shell.film._maker.progress.connect(frames.append)
    save_to(lab, dialog, target)
    lab.wait(lambda: len(frames) > 5)
    dialog.reject()
    lab.wait(lambda: gone(lab))
    assert list(tmp_path.iterdir()) == [lab.profile.folder]
    assert not lab.said
    assert not lab.shell.film._maker.busy


def test_the_window_closes_in_the_middle_of_it(with_history: Lab, tmp_path: Path) -> None:
    lab, target = with_history, tmp_path / "film.gif"
    frames: list[int] = []
    dialog = ask(lab, "GIF", size=2)
    lab.shell.film._maker.progress.connect(frames.append)
    save_to(lab, dialog, target)
    lab.wait(lambda: len(frames) > 5)
    lab.window.close()
    lab.wait(lambda: not lab.window.isVisible())
    assert not target.exists()


@pytest.mark.parametrize("film_format", ["GIF", "MP4"])
def test_a_full_disk_is_one_sentence(with_history: Lab, tmp_path: Path, film_format: str) -> None:
    lab, target = with_history, tmp_path / f"film.{film_format.lower()}"
    dialog = ask(lab, film_format)
    with full_disk():
        save_to(lab, dialog, target)
        lab.wait_for_words("the full disk")
    assert lab.said.startswith(f"{target} could not be written")
    lab.wait(lambda: gone(lab))
    assert list(tmp_path.iterdir()) == [lab.profile.folder]


def test_a_folder_that_cannot_be_written_is_one_sentence(with_history: Lab, tmp_path: Path) -> None:
    lab, target = with_history, read_only_folder(tmp_path / "read-only") / "film.gif"
    save_to(lab, ask(lab, "GIF"), target)
    lab.wait_for_words("the folder")
    assert lab.said.startswith(f"{target} could not be written")
    lab.wait(lambda: gone(lab))
    assert not target.exists()


def test_what_was_never_trained_has_no_film(lab: Lab) -> None:
    lab.trigger("scratchAction")
    lab.wait(lambda: len(lab.shell.past.timeline.moments) == 1)
    lab.trigger("historyFilmAction")
    assert lab.said == "There is no history to make a film of yet: train, and try again."
    assert lab.window.findChild(QLabel, "filmSays") is None
