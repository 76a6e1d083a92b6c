"""The interpolation strip: the decoded images between z1 and z2, and what one does with them."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QMenu,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from latentlab.app.state import STRIP_COUNTS, Point
from latentlab.core.section import Section
from latentlab.ui.icons import icon
from latentlab.ui.number_field import NumberField
from latentlab.ui.panel_style import ScaledLabel, make_card, named
from latentlab.ui.playback import Playback
from latentlab.ui.strip_frames import FrameRow, Frames
from latentlab.ui.theme import LIGHT, Theme

# A framed spin box must be given its arrows, and the line inside it no frame of its own.


class InterpolationStrip(QWidget):
    """Images from z1 to z2, their number and path, both ends to type, an animation, and exports.

    t runs from 0 at z1 to 1 at z2. While it plays, playheadMoved comes thirty times a second;
    playingSwitched tells when that starts or ends by the user (also by choosing an image or by
    hiding the strip).
    """

    countChanged = Signal(int)
    sphericalSwitched = Signal(bool)
    z1Typed = Signal(float, float)
    z2Typed = Signal(float, float)
    playheadMoved = Signal(float)
    frameChosen = Signal(float)
    savePngWanted = Signal()
    saveGifWanted = Signal()
    swapWanted = Signal()
    playingSwitched = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("interpolationStrip")
        make_card(self)
        self._frames = FrameRow(self)
        self._frames.frameChosen.connect(self._on_frame)
        self._playback = Playback(self)
        self._playback.moved.connect(self._on_playback)
        self._theme = LIGHT
        self._icon_shown: tuple[bool, Theme] | None = None
        self._play = self._button("stripPlay", "", "Play: z runs along z(t) from z1 to z2 and back")
        self._play.setCheckable(True)
        self._play.toggled.connect(self._switch_playing)
        self._z1 = self._fields("z1")
        self._z2 = self._fields("z2")
        for field in self._z1:
            field.valueTyped.connect(self._emit_z1)
        for field in self._z2:
            field.valueTyped.connect(self._emit_z2)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.setSpacing(4)
        layout.addLayout(self._controls())
        layout.addWidget(self._frames, 1)
        self.show_section(Section())
        self.set_theme(LIGHT)

    def show_frames(self, frames: Frames) -> None:
        """Show uint8 (T, H, W) or (T, H, W, 3), at equal steps of t, both ends included."""
        self._frames.show_frames(frames)

    def show_ends(self, z1: Point, z2: Point) -> None:
        """Show the coordinates of both ends."""
        for fields, values in ((self._z1, z1), (self._z2, z2)):
            for field, value in zip(fields, values, strict=True):
                field.set_value(value)

    def show_section(self, section: Section) -> None:
        """Say which coordinates of the ends these are."""
        whole = section.latent_dim <= 2
        where = "" if whole else f" on the slice along {' and '.join(section.names)}"
        for end, fields in (("z1", self._z1), ("z2", self._z2)):
            fields[1].setHidden(section.line)
            for field, name in zip(fields, section.names, strict=True):
                field.setToolTip(f"{name} of {end}, an end of the path{where}. Enter takes it")
        self._path.setToolTip(
            "Linear: z(t) = (1−t)·z1 + t·z2. Spherical: the direction turns evenly from z1 to z2 "
            "(Shoemake 1985) while |z| goes evenly from |z1| to |z2|"
            + ("" if whole else ", both within the plane of the slice")
        )

    def show_playhead(self, t: float | None) -> None:
        """Mark where z is on the path, or (None) that it is elsewhere."""
        self._frames.show_playhead(t)

    def set_count(self, count: int) -> None:
        """Show the number of images asked for."""
        with QSignalBlocker(self._count):
            self._count.setValue(count)

    def set_spherical(self, spherical: bool) -> None:
        """Show which path is taken."""
        with QSignalBlocker(self._path):
            self._path.setCurrentIndex(int(spherical))

    def set_playing(self, playing: bool) -> None:
        """Start or stop the animation."""
        with QSignalBlocker(self._play):
            self._play.setChecked(playing)
        self._show_play_icon()
        if playing and not self._playback.running:
            self._playback.start(self._frames.playhead or 0.0)
        elif not playing:
            self._playback.stop()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        self._frames.set_theme(theme)
        self._swap.setIcon(icon("swap", theme))
        self._save.setIcon(icon("save", theme))
        self._show_play_icon()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody watches: stop the animation."""
        self._switch_playing(False)
        super().hideEvent(event)

    def _controls(self) -> QHBoxLayout:
        self._count = named(
            QSpinBox(self),
            "stripCount",
            "Number of images",
            "How many images, at equal steps of t. With an odd number ẑ (t = ½) is one of them; "
            "with an even number it is marked between the two in the middle",
        )
        self._count.setRange(*STRIP_COUNTS)
        self._count.setValue(11)
        self._count.setKeyboardTracking(False)
        self._count.valueChanged.connect(self.countChanged)
        self._count.lineEdit().returnPressed.connect(self._count.clearFocus)
        self._path = QComboBox(self)
        self._path.setObjectName("stripPath")
        self._path.setAccessibleName("Path from z1 to z2")
        self._path.addItems(["Linear", "Spherical"])
        self._path.currentIndexChanged.connect(self._emit_spherical)
        self._swap = self._button("stripSwap", "", "Swap the ends: z1 ↔ z2")
        for button in (self._play, self._swap):
            button.setProperty("role", "flat")
        self._swap.clicked.connect(self.swapWanted)
        self._save = self._button("stripSave", "", "Save the images, or the animation")
        self._save.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self._save)
        menu.addAction("Strip as PNG…", self.savePngWanted.emit).setObjectName("stripSavePng")
        menu.addAction("Animation as GIF…", self.saveGifWanted.emit).setObjectName("stripSaveGif")
        self._save.setMenu(menu)
        row = QHBoxLayout()
        row.setSpacing(3)
        self._add_end(row, "z1", self._z1)
        row.addStretch(1)
        for widget in (self._play, self._count, self._path, self._swap, self._save):
            row.addWidget(widget)
        row.addStretch(1)
        self._add_end(row, "z2", self._z2)
        return row

    def _button(self, name: str, text: str, tip: str) -> QToolButton:
        button = named(QToolButton(self), name, tip, tip)
        button.setText(text)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button

    def _fields(self, end: str) -> tuple[NumberField, NumberField]:
        x = NumberField(f"{end}xField", f"{end}, first coordinate", self)
        y = NumberField(f"{end}yField", f"{end}, second coordinate", self)
        return x, y

    def _add_end(self, row: QHBoxLayout, end: str, fields: tuple[NumberField, NumberField]) -> None:
        row.addWidget(ScaledLabel(end, self, "muted"))
        for field in fields:
            row.addWidget(field)

    def _show_play_icon(self) -> None:
        playing = self._play.isChecked()
        if (playing, self._theme) == self._icon_shown:
            return  # z moves with the mouse, and each time playing is said to be off
        self._icon_shown = playing, self._theme
        self._play.setIcon(icon("pause" if playing else "play", self._theme))
        self._play.setAccessibleName("Pause" if playing else "Play")

    def _switch_playing(self, playing: bool) -> None:
        if playing != self._playback.running:
            self.set_playing(playing)
            self.playingSwitched.emit(playing)

    def _on_frame(self, t: float) -> None:
        self._switch_playing(False)
        self.frameChosen.emit(t)

    def _on_playback(self, t: float) -> None:
        self._frames.show_playhead(t)
        self.playheadMoved.emit(t)

    def _emit_spherical(self, index: int) -> None:
        self.sphericalSwitched.emit(index == 1)

    def _emit_z1(self) -> None:
        self.z1Typed.emit(self._z1[0].value, self._z1[1].value)

    def _emit_z2(self) -> None:
        self.z2Typed.emit(self._z2[0].value, self._z2[1].value)
