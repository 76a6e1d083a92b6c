"""The latent plane: the picture in the middle of the window, and what the user wants of it."""

from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from latentlab.ui.plane import export
from latentlab.ui.plane.canvas import PlaneCanvas
from latentlab.ui.plane.interaction import Interaction
from latentlab.ui.plane.lasso_button import LassoButton
from latentlab.ui.plane.tips import PLANE, tip
from latentlab.ui.theme import Theme
from latentlab.ui.tip_text import wrapped


class LatentPlane(PlaneCanvas):
    """Posteriors over the prior, in latent units and to scale, with a cross-hair to decode at.

    The plane shows what the user does at once, in the event, and then says it:

    - zMoved, z1Moved, z2Moved: x, y in latent units, and whether the movement is finished. A press
      or drag of the left button moves z, or the handle it began on; arrow keys nudge z. What a held
      key repeats is finished at its release.
    - pointHovered: the point nearest to the pointer within 8 pixels, or −1.
    - pointSelected: a point clicked within 6 pixels (z has then moved to its mean), or the one
      nearest to z on Enter.
    - viewportChanged: x_min, x_max, y_min, y_max, and whether the movement is finished (wheel and
      pinch are a quarter of a second after their last step).
    - classIsolated: the class shown alone, or −1.
    - pointsChosen: indices (M,) of the points that a lasso went around (a drag with Ctrl, or while
      `set_lasso`), or of one that was clicked so with Shift or Alt, and how (a Gather). Esc chooses
      none. classChosen: a class in the row above that was clicked so, and how.
    - lassoSwitched: whether the user has taken the lasso up or put it down.

    What is chosen is shown when it is said back, by `set_chosen`.

    No `set_…` emits any of them. One more is no intent: shapeChanged, with the Viewport now in
    view, when the widget's own size made it another.
    """

    zMoved = Signal(float, float, bool)
    z1Moved = Signal(float, float, bool)
    z2Moved = Signal(float, float, bool)
    pointHovered = Signal(int)
    pointSelected = Signal(int)
    viewportChanged = Signal(float, float, float, float, bool)
    classIsolated = Signal(int)
    pointsChosen = Signal(object, str)
    classChosen = Signal(int, str)
    lassoSwitched = Signal(bool)
    shapeChanged = Signal(object)

    def __init__(self, parent: QWidget | None = None, *, bare: bool = False) -> None:
        super().__init__(parent, bare=bare)
        self.setObjectName("latentPlane")
        self.setAccessibleName("Latent plane")
        self.setAccessibleDescription(
            "Arrow keys move z by 0.1, with Shift by 0.01. Ctrl and arrows pan, plus and minus "
            "zoom, Home shows everything, Enter selects the point nearest to z."
        )
        self.setToolTip(PLANE)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self._interaction = Interaction(self)
        for name in (
            "zMoved",
            "z1Moved",
            "z2Moved",
            "pointHovered",
            "pointSelected",
            "viewportChanged",
            "pointsChosen",
        ):
            getattr(self._interaction, name).connect(getattr(self, name))
        self.legend.chosen.connect(self._isolate)
        self.legend.gatherable = not bare
        self.legend.gathered.connect(self.classChosen)
        self._lasso_button = None if bare else LassoButton(self)
        if self._lasso_button is not None:
            self._lasso_button.clicked.connect(self._take_lasso)

    def set_theme(self, theme: Theme) -> None:
        """Light or dark."""
        super().set_theme(theme)
        if self._lasso_button is not None:
            self._lasso_button.set_theme(theme)

    def set_text_scale(self, factor: float) -> None:
        """Text, handles and dots this many times their usual size (0.5 to 4)."""
        super().set_text_scale(factor)
        if self._lasso_button is not None:
            self._lasso_button.set_scale(self.scene.style.scale)

    def set_lasso(self, on: bool) -> None:
        """Whether a drag with the left button, or a click on a class, chooses points."""
        super().set_lasso(on)
        if self._lasso_button is not None:
            self._lasso_button.setChecked(on)

    def reset_view(self) -> None:
        """Show the prior's 3σ ring and 99 % of the points, for the user: emits viewportChanged."""
        self._interaction.reset_view()

    def save_png(self, path: Path, scale: float = 2) -> None:
        """Save picture, axes and marginals with `scale` pixels for each pixel here.

        Raises InputError when it cannot be written; the file is then as it was.
        """
        export.save_png(self.scene, self.legend, self.size(), path, scale)

    def save_svg(self, path: Path) -> None:
        """Save the same as shapes: every point in view is a circle. Raises InputError likewise."""
        export.save_svg(self.scene, self.legend, self.size(), path)

    def event(self, event: QEvent) -> bool:
        """Answer for tooltips, which depend on the place, and for pinches."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), wrapped(tip(self.scene, event.pos())), self)
            return True
        if isinstance(event, QNativeGestureEvent) and self._interaction.native_gesture(event):
            return True
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep to scale, and say what is in view now."""
        before = self.viewport()
        super().resizeEvent(event)
        if self.viewport() != before:
            self.shapeChanged.emit(self.viewport())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a drag."""
        event.setAccepted(self._interaction.press(event))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag or hover."""
        self._interaction.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a drag."""
        self._interaction.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Reset the view."""
        self._interaction.double_click(event)

    def leaveEvent(self, event: QEvent) -> None:
        """End hovering."""
        super().leaveEvent(event)
        self._interaction.leave()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom."""
        event.setAccepted(self._interaction.wheel(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Nudge, pan, zoom, reset."""
        if event.key() == Qt.Key.Key_Escape and self._escapes():
            return
        if not self._interaction.key_press(event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """The end of a key held down."""
        if not self._interaction.key_release(event):
            super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Keys released elsewhere are not seen here."""
        super().focusOutEvent(event)
        self._interaction.let_go_of_keys()

    def _escapes(self) -> bool:
        """Leave what was begun last; False if there is nothing to leave."""
        if self._interaction.cancel_lasso():
            return True
        if self.scene.cloud.lit is not None:
            self.pointsChosen.emit(np.zeros(0, np.int64), "replace")
        elif self.scene.lasso.on:
            self._take_lasso(False)
        elif self._kept is not None:
            self._isolate(-1)
        else:
            return False
        return True

    def _take_lasso(self, on: bool) -> None:
        self.set_lasso(on)
        self.lassoSwitched.emit(on)

    def _isolate(self, index: int) -> None:
        self.set_isolated(index)
        self.classIsolated.emit(index)
