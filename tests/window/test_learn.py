"""The Learn workspace in the real window: pages, keys, progress, lectures, handouts."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QListWidget, QPushButton, QTabBar
from pytestqt.qtbot import QtBot

from latentlab.app import lesson
from latentlab.app.lesson import BrokenPage
from latentlab.app.lesson_model import LessonModel
from latentlab.ui.learn.workspace import LearnWorkspace
from latentlab.ui.theme import DARK
from tests.check import ROOT
from tests.window.conftest import OpenLab
from tests.window.lab import LEFT, NONE, Lab, rgb

FIRST = "# {}\n\nSome text.\n"
ASKING = "# Two\n\nText.\n\n## Questions\n\n### Q?\n- [x] Yes :: So.\n- [ ] No :: Not.\n"
STEPS = "# Three\n\n{figure: discrete-kl}\n\n{try: compare | Try it in Compare}\n"


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four small pages, of which the last has a mistake."""
    folder = tmp_path / "course"
    folder.mkdir()
    for name, source in (
        ("01-one", FIRST.format("One")),
        ("02-two", ASKING),
        ("03-three", STEPS),
        ("04-four", "# Four\n\n{figure: none}\n"),
    ):
        (folder / f"{name}.md").write_text(source, encoding="utf-8")
    monkeypatch.setattr(lesson, "pages_folder", lambda: folder)
    return folder


def learn_of(lab: Lab) -> LearnWorkspace:
    assert lab.window.learn is not None
    return lab.window.learn


def title(lab: Lab) -> str:
    return learn_of(lab).pages[learn_of(lab).row].title


def test_its_tab_and_f8_bring_it_to_the_front(lab: Lab, course: Path) -> None:
    tabs = lab.child("workspaceTabs", QTabBar)
    QTest.mouseClick(tabs, LEFT, NONE, tabs.tabRect(3).center())
    assert lab.state.workspace == "learn"
    assert learn_of(lab).isVisible()
    lab.key(Qt.Key.Key_F5)
    assert not learn_of(lab).isVisible()
    lab.key(Qt.Key.Key_F8)
    assert learn_of(lab).isVisible()
    assert title(lab) == "One"


def test_infer_and_learn_each_stay_what_they_are(lab: Lab, course: Path) -> None:
    lab.key(Qt.Key.Key_F8)
    lab.key(Qt.Key.Key_F7)
    assert lab.window.infer is not None
    assert lab.window.infer.isVisible()
    lab.key(Qt.Key.Key_F8)
    assert learn_of(lab).isVisible()


def test_buttons_keys_and_contents_turn_pages(open_lab: OpenLab, course: Path) -> None:
    lab = open_lab(workspace="learn")
    back, on = lab.child("learnBack", QPushButton), lab.child("learnNext", QPushButton)
    assert not back.isEnabled()
    lab.click("learnNext")
    assert title(lab) == "Two"
    lab.key(Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert title(lab) == "Three"
    assert lab.text("learnPlace") == "3 of 4"
    lab.key(Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert title(lab) == "Two"
    contents = lab.child("learnContents", QListWidget)
    place = contents.visualItemRect(contents.item(3)).center()
    QTest.mouseClick(contents.viewport(), LEFT, NONE, place)
    assert not on.isEnabled()
    assert isinstance(learn_of(lab).pages[3], BrokenPage)
    sentence = lab.child("broken-four", QLabel)
    assert sentence.isVisible()
    assert sentence.text().startswith("04-four.md, line 3: there is no figure 'none'")
    assert not lab.child("learnPdf", QPushButton).isEnabled()


def test_progress_is_remembered(open_lab: OpenLab, course: Path, tmp_path: Path) -> None:
    lab = open_lab(workspace="learn", profile=tmp_path / "p")
    lab.click("learnNext")
    lab.click("question-two-1Answer2")
    assert lab.profile.preferences.lessons == ()
    lab.click("question-two-1Answer1")
    assert lab.profile.preferences.lessons == ("two",)
    lab.shell.close_at_once()
    again = open_lab(workspace="learn", profile=tmp_path / "p")
    assert title(again) == "Two"
    contents = again.child("learnContents", QListWidget)
    assert [contents.item(row).text()[-1] for row in range(4)] == ["e", "✓", "e", "⚠"]


def test_without_any_page_the_window_says_so(lab: Lab, course: Path) -> None:
    for path in course.glob("*.md"):
        path.unlink()
    lab.key(Qt.Key.Key_F8)
    assert "has no page" in lab.said
    lab.key(Qt.Key.Key_F5)
    assert lab.plane.isVisible()


def test_the_command_line_s_page_comes_first(open_lab: OpenLab, course: Path) -> None:
    lab = open_lab(workspace="learn", page=3)
    assert title(lab) == "Three"
    lab.click("try-three-2")
    assert lab.state.workspace == "compare"


@dataclass(frozen=True)
class Looked:
    def answer(self, model: LessonModel) -> tuple[int, int]:
        return model.selected, model.step


def test_figures_are_told_of_other_images_and_weights(
    open_lab: OpenLab, course: Path, qtbot: QtBot
) -> None:
    lab = open_lab(workspace="learn")
    classroom = lab.shell.learn.classroom
    heard: list[object] = []
    classroom.answered.connect(lambda _topic, answer: heard.append(answer))
    classroom.changed.connect(lambda: classroom.ask("look", Looked()))
    lab.shell.controller.select(5)
    lab.wait(lambda: bool(heard) and heard[-1][0] == 5)
    step = lab.snapshot.step
    lab.click("stepButton")
    lab.wait(lambda: heard[-1] == (5, step + 1))
    # Not while it is behind another workspace.
    lab.wait(lambda: classroom.resting)
    lab.key(Qt.Key.Key_F5)
    told = len(heard)
    lab.shell.controller.select(6)
    lab.click("stepButton")
    lab.wait(lambda: lab.viewer.step == step + 2)
    assert len(heard) == told
    lab.key(Qt.Key.Key_F8)
    lab.wait(lambda: heard[-1] == (6, step + 2))


def test_in_a_lecture_the_arrows_turn_pages(open_lab: OpenLab, course: Path) -> None:
    lab = open_lab(workspace="learn")
    contents = lab.child("learnContents", QListWidget)
    lab.key(Qt.Key.Key_Right)
    assert title(lab) == "One"
    lab.key(Qt.Key.Key_F11)
    assert not contents.isVisible()
    lab.key(Qt.Key.Key_Right)
    assert title(lab) == "Two"
    lab.key(Qt.Key.Key_PageDown)
    assert title(lab) == "Three"
    lab.key(Qt.Key.Key_Left)
    assert title(lab) == "Two"
    lab.key(Qt.Key.Key_F11)
    assert contents.isVisible()
    lab.key(Qt.Key.Key_Left)
    assert title(lab) == "Two"


def test_a_page_becomes_a_picture_and_a_handout(
    open_lab: OpenLab, course: Path, tmp_path: Path
) -> None:
    lab = open_lab(workspace="learn", page=3)
    lab.click("learnPng")
    lab.answer_file_dialog(tmp_path / "three.png")
    image = QImage(str(tmp_path / "three.png"))
    assert image.width() == 1480
    assert image.height() > 800
    lab.trigger("pagePdfAction")
    lab.answer_file_dialog(tmp_path / "three.pdf")
    content = (tmp_path / "three.pdf").read_bytes()
    assert content.startswith(b"%PDF")
    assert content.rstrip().endswith(b"%%EOF")
    lab.shell.exports.page_pdf(tmp_path / "missing" / "three.pdf")
    assert "could not be written" in lab.said


def test_a_handout_is_for_white_paper_also_in_the_dark(
    open_lab: OpenLab, course: Path, tmp_path: Path
) -> None:
    lab = open_lab(workspace="learn", page=3)
    lab.trigger("themeDarkAction")
    view = learn_of(lab).view
    assert view is not None
    before = view.figures[0].grab().toImage()
    lab.shell.exports.page_png(tmp_path / "dark.png")
    assert rgb(QImage(str(tmp_path / "dark.png"))).mean() > 200
    assert lab.app.palette().window().color().name() == DARK.window
    lab.app.processEvents()
    assert view.figures[0].grab().toImage() == before


def test_narrow_or_wide_the_figure_is_in_reach(open_lab: OpenLab, course: Path) -> None:
    lab = open_lab(workspace="learn", page=3)
    view = learn_of(lab).view
    assert view is not None
    for size in (QSize(1440, 900), QSize(960, 700), QSize(1440, 900)):
        lab.window.resize(size)
        lab.wait(lambda: view.figures[0].width() >= view.figures[0].minimumSizeHint().width())
        assert view.figures[0].isVisible()


def test_figures_without_room_come_one_at_a_time(
    open_lab: OpenLab, course: Path, tmp_path: Path
) -> None:
    two = "# One\n\nText.\n\n{figure: discrete-kl}\n\nMore.\n\n{figure: discrete-kl}\n"
    (course / "01-one.md").write_text(two, encoding="utf-8")
    lab = open_lab(workspace="learn", page=1)
    lab.window.resize(1280, 720)
    view = learn_of(lab).view
    assert view is not None
    first, second = view.figures
    lab.wait(lambda: first.isVisible() and not second.isVisible())
    lab.click("figure-one-2")
    assert second.isVisible()
    assert not first.isVisible()
    lab.click("show-one-2")  # where it stands in the text
    assert first.isVisible()
    # A handout has both, as large as on the screen, and leaves the page as it was.
    lab.shell.exports.page_png(tmp_path / "one.png")
    assert QImage(str(tmp_path / "one.png")).height() > 2 * 2 * first.height() * 660 / 700 * 0.8
    assert first.isVisible()
    # The arrows of a lecture come by all figures.
    lab.key(Qt.Key.Key_F11)
    lab.window.showNormal()
    lab.window.resize(1280, 720)
    lab.wait(lambda: first.isVisible() and not second.isVisible())
    lab.key(Qt.Key.Key_Right)
    assert second.isVisible()
    lab.key(Qt.Key.Key_Left)
    assert first.isVisible()
    lab.key(Qt.Key.Key_PageDown)
    lab.key(Qt.Key.Key_PageDown)
    assert title(lab) == "Two"
    lab.key(Qt.Key.Key_F11)


def test_on_a_large_screen_all_figures_are_seen(open_lab: OpenLab, course: Path) -> None:
    two = "# One\n\n{figure: discrete-kl}\n\n{figure: discrete-kl}\n"
    (course / "01-one.md").write_text(two, encoding="utf-8")
    lab = open_lab(workspace="learn", page=1)
    view = learn_of(lab).view
    assert view is not None
    lab.window.resize(1600, 1400)
    lab.wait(lambda: all(figure.isVisible() for figure in view.figures))
    assert not lab.child("figure-one-1", QPushButton).isVisible()
    assert not lab.child("show-one-1", QPushButton).isVisible()


def test_the_command_line_makes_a_picture_of_a_page_in_a_lecture(tmp_path: Path) -> None:
    target = tmp_path / "page.png"
    command = [sys.executable, "-m", "latentlab", "--workspace", "learn", "--page", "2"]
    command += ["--presentation", "--size", "1280x720", "--screenshot", str(target)]
    environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    result = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=90, check=False
    )
    assert result.returncode == 0, result.stderr
    image = QImage(str(target))
    assert image.size() == QSize(1280, 720)
