"""The modes of the true posterior as images: what else the image could have been."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from latentlab.app.infer_view import Inferred, ModeView
from latentlab.ui.images import to_qimage
from latentlab.ui.infer.words import drawn_words, mode_words
from latentlab.ui.number_text import coordinate_tuple, significant
from latentlab.ui.panel_style import ScaledLabel, make_card

_MOST = 4
_SIDE = 60


class ModesPanel(QWidget):
    """A button for each mode: press it, and z goes there."""

    modeChosen = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("modesPanel")
        make_card(self)
        self._heading = ScaledLabel("", self, "heading")
        self._sentence = ScaledLabel("", self, bold=True)
        self._sentence.setObjectName("modeSentence")
        self._sentence.setWordWrap(True)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._buttons = [self._button(number) for number in range(_MOST)]
        row = QHBoxLayout()
        row.setSpacing(5)
        for button in self._buttons:
            row.addWidget(button)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 6, 10, 8)
        layout.setSpacing(5)
        layout.addWidget(self._heading)
        layout.addWidget(self._sentence)
        layout.addLayout(row)
        self.follow_font()
        self.show_modes(None, "")

    def show_modes(self, inferred: Inferred | None, own: str | None) -> None:
        """Show the modes of an image of the class `own`; None: of a drawing, which has none."""
        modes = inferred.modes if inferred else ()
        line = inferred is not None and inferred.section.line
        of = "the slice" if inferred is not None and inferred.section.part else "p(z|x)"
        self._heading.setText(f"Modes of {of}, decoded")
        words = drawn_words(modes, of) if own is None else mode_words(own, modes, of)
        self._sentence.setText(words)
        for number, button in enumerate(self._buttons):
            button.setHidden(number >= max(len(modes), 1))
            button.setEnabled(number < len(modes))
            if number < len(modes):
                z = modes[number].z[:1] if line else modes[number].z
                self._show_mode(button, number, modes[number], of, coordinate_tuple(z))
            else:
                button.setIcon(QIcon())
                button.setText("")

    def set_chosen(self, number: int | None) -> None:
        """Mark this one."""
        for place, button in enumerate(self._buttons):
            button.setChecked(place == number)

    def follow_font(self) -> None:
        """Keep room for two lines, and for the texts of the buttons."""
        metrics = self._sentence.fontMetrics()
        self._sentence.setMinimumHeight(2 * metrics.lineSpacing())
        width = metrics.horizontalAdvance("1 · 100 %") + 14
        for button in self._buttons:
            button.setFixedSize(max(width, _SIDE + 10), _SIDE + 2 * metrics.lineSpacing() + 18)

    def _button(self, number: int) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(f"mode{number + 1}")
        button.setAccessibleName(f"Mode {number + 1}")
        button.setToolTip("A peak of the true posterior")
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setIconSize(QSize(_SIDE, _SIDE))
        button.setCheckable(True)
        button.setStyleSheet("padding: 3px 2px")
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        button.clicked.connect(self._choose)
        return button

    def _choose(self) -> None:
        number = self._buttons.index(self.sender())  # type: ignore[arg-type]  # one of them
        self.modeChosen.emit(number)

    def _show_mode(self, button: QToolButton, number: int, mode: ModeView, of: str, z: str) -> None:
        ratio = self.devicePixelRatioF()
        side = round(_SIDE * ratio)
        image = to_qimage(mode.image).scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio)
        pixmap = QPixmap.fromImage(image)
        pixmap.setDevicePixelRatio(ratio)
        button.setIcon(QIcon(pixmap))
        share = "…" if mode.share is None else f"{100 * mode.share:.0f} %"
        near = f"near {mode.neighbours}" if mode.neighbours else ""
        button.setText(f"{number + 1} · {share}\n{near}")
        around = (
            f"Of the 25 training images whose means are the nearest, {round(25 * mode.agree)} are "
            f"of class {mode.neighbours}.<br>"
            if mode.neighbours
            else ""
        )
        button.setToolTip(
            f"Mode {number + 1} at z = {z}, decoded. Its share is the mass "
            f"of {of} from which the steepest way up leads to it; the density there is "
            f"{significant(2.718281828459045**mode.log_density)}.<br>{around}Press to move z there"
        )
