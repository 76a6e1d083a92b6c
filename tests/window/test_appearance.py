"""Themes, presentation mode, the shortcut sheet, and every shortcut."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QImage, QKeySequence, QPalette
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QDialog, QLabel, QMenu, QScrollArea, QWidget

from latentlab.app.state import ELLIPSE_SCALES
from latentlab.ui.images import ImageView
from latentlab.ui.layer_names import LAYERS
from latentlab.ui.theme import DARK, LIGHT
from tests.window.conftest import OpenLab
from tests.window.lab import Lab, rgb
from tests.window.reach import cut

PANELS = (
    "run_bar",
    "data_panel",
    "loss_panel",
    "view_panel",
    "plane",
    "strip",
    "decoded_panel",
    "selection_panel",
    "force_panel",
    "lens",
    "curves",
)


def brightness(image: QImage) -> float:
    return float(np.median(rgb(image)))


def calm_picture(lab: Lab, name: str) -> QImage:
    """A panel as it looks once it changes no more: layouts and curves follow a little later."""
    seen = [getattr(lab.window, name).grab().toImage()]

    def is_calm() -> bool:
        seen.append(getattr(lab.window, name).grab().toImage())
        return bool(seen[-1] == seen[-2])

    lab.wait(is_calm)
    return seen[-1]


def test_light_and_dark_reach_every_panel(open_lab: OpenLab) -> None:
    lab = open_lab()
    lab.wait_until_exact()
    light = {name: calm_picture(lab, name) for name in PANELS}
    undo = lab.shell.store.undo_stack.count()
    lab.trigger("themeDarkAction")
    lab.app.processEvents()
    assert lab.app.palette().color(QPalette.ColorRole.Window).name() == DARK.window
    for name in PANELS:
        dark = calm_picture(lab, name)
        assert brightness(dark) < 80, name
        assert brightness(light[name]) > 180, name
    assert lab.profile.preferences.theme == "dark"
    lab.window.message_bar.error("dark")
    assert brightness(lab.window.message_bar.grab().toImage()) < 100
    lab.window.message_bar.clear()
    lab.trigger("themeLightAction")
    lab.app.processEvents()
    assert lab.app.palette().color(QPalette.ColorRole.Window).name() == LIGHT.window
    for name in PANELS:
        again = calm_picture(lab, name)
        assert again.size() == light[name].size()
        assert np.abs(rgb(again) - rgb(light[name])).max(axis=2).mean() < 2, name
    assert lab.shell.store.undo_stack.count() == undo


def column_widths(lab: Lab) -> list[int]:
    return [lab.child(name, QScrollArea).width() for name in ("leftColumn", "rightColumn")]


def test_presentation_mode_enlarges_and_goes_back(lab: Lab) -> None:
    lab.window.resize(1300, 760)
    lab.app.processEvents()
    size, columns = lab.window.size(), column_widths(lab)
    label = lab.child("meanSigma", QLabel)
    before, plane = label.font().pointSizeF(), lab.plane.scene.style.text.pointSizeF()
    lab.key(Qt.Key.Key_F11)
    lab.wait(lab.window.isFullScreen)
    lab.app.processEvents()
    assert label.font().pointSizeF() > 1.05 * before
    assert lab.plane.scene.style.text.pointSizeF() > 1.05 * plane
    action = lab.window.findChild(QAction, "presentationAction")
    assert action is not None
    assert action.isChecked()
    lab.key(Qt.Key.Key_F11)
    lab.wait(lambda: not lab.window.isFullScreen())
    lab.app.processEvents()
    assert label.font().pointSizeF() == pytest.approx(before)
    assert lab.plane.scene.style.text.pointSizeF() == pytest.approx(plane)
    lab.wait(lambda: lab.window.size() == size)
    lab.wait(lambda: column_widths(lab) == columns)
    # A maximised window is maximised again.
    lab.window.showMaximized()
    lab.wait(lab.window.isMaximized)
    lab.key(Qt.Key.Key_F11)
    lab.wait(lab.window.isFullScreen)
    lab.key(Qt.Key.Key_F11)
    lab.wait(lambda: not lab.window.isFullScreen())
    assert lab.window.isMaximized()


def test_presentation_mode_letters_every_plane_alike_and_enlarges_pictures(lab: Lab) -> None:
    before = lab.plane.scene.style.text.pixelSize()
    lab.key(Qt.Key.Key_F6)
    small = lab.child("comparedDecoded0", ImageView).sizeHint()
    lab.key(Qt.Key.Key_F11)
    lab.wait(lab.window.isFullScreen)
    size = lab.plane.scene.style.text.pixelSize()
    assert size > before
    rooms = [lab.child(f"comparedSentence{n}", QLabel).minimumHeight() for n in range(3)]
    lines = [lab.child(f"comparedSentence{n}", QLabel).fontMetrics() for n in range(3)]
    assert rooms == [3 * metrics.lineSpacing() for metrics in lines]
    assert lab.child("comparedDecoded0", ImageView).sizeHint().width() > 1.05 * small.width()
    lab.app.processEvents()
    for name in ("comparedHistorySpeed", "compareAdd"):
        assert not [fault for fault in cut(lab.window) if name in fault]
    lab.key(Qt.Key.Key_F7)
    lab.shell.presentation.use_theme("dark")
    styles = [panel.plane.scene.style for panel in lab.window.compare.panels.values()]
    styles += [lab.window.infer.plane.picture.style, lab.plane.scene.style]
    assert {style.text.pixelSize() for style in styles} == {size}


def test_the_sheet_lists_every_shortcut(lab: Lab) -> None:
    sheet = lab.window.shortcut_sheet
    assert not sheet.isVisible()
    lab.key("?")
    lab.wait(sheet.isVisible)
    text = " ".join(label.text() for label in sheet.findChildren(QLabel))
    for action in shortcuts(lab):
        native = QKeySequence.SequenceFormat.NativeText
        assert action.shortcuts()[0].toString(native) in text, action.text()
    lab.key(Qt.Key.Key_Escape)
    lab.wait(lambda: not sheet.isVisible())
    assert lab.plane.hasFocus()


def shortcuts(lab: Lab) -> list[QAction]:
    menus = lab.window.menuBar().findChildren(QMenu)
    found = [action for menu in menus for action in menu.actions() if action.shortcuts()]
    assert len(found) > 20
    return found


def test_every_shortcut_works_once(lab: Lab) -> None:
    # So that there is something to undo and to redo.
    for x in (0.2, 0.4):
        lab.drag((0.5, 0.5), (x, 1.0))
    lab.shell.store.undo_stack.undo()
    failed = []
    for action in shortcuts(lab):
        if action.objectName() == "quitAction":
            continue
        for keys in action.shortcuts():
            spy = QSignalSpy(action.triggered)
            enabled = action.isEnabled()
            lab.plane.setFocus()
            press(lab, keys)
            lab.app.processEvents()
            if enabled and spy.count() != 1:
                failed.append(f"{action.text()} {keys.toString()}: {spy.count()}")
            close_dialogs(lab)
    assert failed == []


def press(lab: Lab, keys: QKeySequence) -> None:
    lab.key(keys[0].key(), keys[0].keyboardModifiers())


def close_dialogs(lab: Lab) -> None:
    dialogs: list[QWidget] = [d for d in lab.window.findChildren(QDialog) if d.isVisible()]
    if lab.window.shortcut_sheet.isVisible():
        dialogs.append(lab.window.shortcut_sheet)
    for dialog in dialogs:
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        lab.wait(lambda dialog=dialog: not dialog.isVisible())
    if lab.window.isFullScreen():
        lab.key(Qt.Key.Key_F11)
    lab.window.activateWindow()
    lab.wait(lab.window.isActiveWindow)


def test_menus_show_the_state(lab: Lab) -> None:
    def checked(name: str) -> bool:
        action = lab.window.findChild(QAction, name)
        assert action is not None
        return action.isChecked()

    assert checked("klAction")
    lab.click("klToggle")
    assert not checked("klAction")
    lab.key("3")
    assert checked("klAction")
    lab.choose("layerChoice", LAYERS["decoded"].name)
    assert checked("decodedLayerAction")
    lab.click("logCurvesToggle")
    assert checked("logAction")
    lab.plane.setFocus()
    lab.key("L")
    assert not lab.state.log_curves


def checked(lab: Lab, *names: str) -> list[str]:
    """Those of these entries that are marked in their menu."""
    return [name for name in names if lab.child(f"{name}Action", QAction).isChecked()]


def test_the_view_menu_marks_what_is_shown(lab: Lab) -> None:
    workspaces = ("explore", "compare", "infer", "learn")
    assert checked(lab, *workspaces) == ["explore"]
    lab.trigger("inferAction")
    assert checked(lab, *workspaces) == ["infer"]
    lab.trigger("inferAction")  # again, which changes nothing
    assert checked(lab, *workspaces) == ["infer"]
    lab.shell.choices.set_ellipse_scale(3)
    assert checked(lab, *(f"ellipses{scale}" for scale in ELLIPSE_SCALES)) == ["ellipses3"]
    lab.trigger("themeDarkAction")
    assert checked(lab, "themeDesktop", "themeLight", "themeDark") == ["themeDark"]
