"""The pad with its tools, what the network makes of the drawing, and the data images near it."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QIcon, QPixmap
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QSizePolicy,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from latentlab.app.drawn_view import NEIGHBOURS, DrawnView, Neighbour
from latentlab.data.photo import PhotoStep
from latentlab.ui.icons import icon
from latentlab.ui.images import ImageView, to_qimage
from latentlab.ui.number_text import (
    brief_tuple,
    coordinate_tuple,
    fixed,
    significant,
    significant_tuple,
)
from latentlab.ui.pad.canvas import PadCanvas
from latentlab.ui.panel_style import ScaledLabel
from latentlab.ui.theme import LIGHT, Theme
from latentlab.ui.tip_text import wrapped
from latentlab.ui.wheel_guard import WheelGuard

_SIDE = 62  # of the pictures, in pixels
_STEP_SIDE = 44
_NEAR_SIDE = 34
_THICKNESS = (6, 60)  # canvas pixels
_MOST_STEPS = 5
_FEW = 3  # of the coordinates there is room for

_TOOLS = (
    ("padPen", "pen", "Pen", "Draw"),
    ("padEraser", "eraser", "Eraser", "Take ink away"),
)
_ACTS = (
    ("padUndo", "undo", "Take back", "Take the last stroke back (Ctrl+Z)"),
    ("padClear", "clear", "Clear the pad", "Begin anew; Ctrl+Z brings the drawing back"),
    (
        "padPhoto",
        "photo",
        "Open an image",
        "Open an image, such as a photo of a digit; or drop one",
    ),
)
_AS_MNIST_TIP = (
    "On: the ink is cut out, its larger side scaled to 20 of 28 pixels, its centre of mass "
    "put in the middle. Off: the whole square is scaled down. It begins as the data set's "
    "images are found to be made"
)


class PadView(QWidget):
    """Everything below the pad's button. Signals say what the user wants."""

    undoWanted = Signal()
    clearWanted = Signal()
    photoWanted = Signal()
    photoDropped = Signal(Path)
    asMnistSwitched = Signal(bool)
    neighbourChosen = Signal(int)  # the index of a training image

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("padView")
        self.setAcceptDrops(True)
        self._theme = LIGHT
        self.canvas = PadCanvas(self)
        self._buttons: list[tuple[QToolButton, str]] = []
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        sheet = QHBoxLayout()
        sheet.setSpacing(4)
        sheet.addWidget(self.canvas, 1)
        sheet.addLayout(self._tools())
        layout.addLayout(sheet)
        layout.addLayout(self._thickness_row())
        layout.addWidget(self._made_as_mnist())
        self._steps = self._made_steps(layout)
        self._message = ScaledLabel("", self, "muted")
        self._message.setObjectName("padMessage")
        self._message.setWordWrap(True)
        layout.addWidget(self._message)
        self._result = QWidget(self)
        self._result.setObjectName("padResult")
        layout.addWidget(self._result)
        self._fill_result()
        self.show_photo_steps(())
        self.show_view(None)
        self.set_undo(False)

    # --- what is shown ---------------------------------------------------------------------------

    def show_view(self, view: DrawnView | None, message: str = "") -> None:
        """What the network makes of the drawing; None: a sentence that says why it is not there."""
        self._result.setVisible(view is not None)
        self._message.setVisible(view is None and bool(message))
        self._message.setText(message)
        if view is None:
            return
        self._grey.set_image(view.grey)
        self._x.set_image(view.x)
        for part in (self._x, self._x_caption):
            part.setVisible(view.x is not None)
        self._grey_caption.setText("as the data" if view.x is not None else "x, as the data")
        self._reconstruction.set_image(view.reconstruction_image)
        few = len(view.mu) <= _FEW
        self._mu.setText(f"μ = {(coordinate_tuple if few else brief_tuple)(view.mu)}")
        self._sigma.setText(f"σ = {(significant_tuple if few else brief_tuple)(view.sigma)}")
        self._terms.setText(_terms(view))
        self._vote.setText(_vote(view))
        for place, button in enumerate(self._near):
            button.setVisible(place < len(view.nearest))
            if place < len(view.nearest):
                self._show_neighbour(button, view.nearest[place])

    def show_photo_steps(self, steps: Sequence[PhotoStep]) -> None:
        """What was done to a photo, step by step; none: there is no photo."""
        self._steps.setVisible(bool(steps))
        for place, (picture, caption) in enumerate(self._step_views):
            there = place < len(steps)
            picture.setVisible(there)
            caption.setVisible(there)
            if there:
                picture.set_image(steps[place].picture)
                caption.setText(steps[place].name)

    def set_undo(self, possible: bool) -> None:
        """Whether the last change was made on the pad."""
        self._undo.setEnabled(possible)

    def set_as_mnist(self, on: bool) -> None:
        """How the drawing is brought to the data's form. Emits nothing."""
        self._as_mnist.setChecked(on)

    def set_centring_possible(self, possible: bool) -> None:
        """Whether there is a drawing to scale and centre: an image of the data's form is not."""
        self._as_mnist.setEnabled(possible)

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        for part in (self.canvas, self._grey, self._x, self._reconstruction):
            part.set_theme(theme)
        for picture, _ in self._step_views:
            picture.set_theme(theme)
        for button, name in self._buttons:
            button.setIcon(icon(name, theme))

    # --- drops -----------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """The first is the photo."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()
            self.photoDropped.emit(Path(event.mimeData().urls()[0].toLocalFile()))

    # --- how it is made --------------------------------------------------------------------------

    def _tools(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(3)
        group = QButtonGroup(self)
        for name, picture, label, tip in _TOOLS:
            button = self._made_button(name, picture, label, tip)
            button.setCheckable(True)
            group.addButton(button)
            column.addWidget(button)
        pen, eraser = group.buttons()
        pen.setChecked(True)
        eraser.toggled.connect(self._erase)
        acts = []
        for name, picture, label, tip in _ACTS:
            acts.append(self._made_button(name, picture, label, tip))
            column.addWidget(acts[-1])
        for button, signal in zip(
            acts, (self.undoWanted, self.clearWanted, self.photoWanted), strict=True
        ):
            button.clicked.connect(signal)
        self._undo = acts[0]
        column.addStretch(1)
        return column

    def _made_button(self, name: str, picture: str, label: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setAccessibleName(label)
        button.setToolTip(tip)
        button.setProperty("role", "flat")
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._buttons.append((button, picture))
        return button

    def _thickness_row(self) -> QHBoxLayout:
        self._thickness = QSlider(Qt.Orientation.Horizontal, self)
        self._thickness.setObjectName("padThickness")
        self._thickness.setAccessibleName("Thickness of pen and eraser")
        self._thickness.setToolTip("How thick pen and eraser are; the pad is 280 wide and high")
        self._thickness.setRange(*_THICKNESS)
        self._thickness.setValue(round(self.canvas.thickness))
        self._thickness.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._thickness.valueChanged.connect(self._set_thickness)
        WheelGuard(self._thickness)
        row = QHBoxLayout()
        row.addWidget(ScaledLabel("Thickness", self, "muted"))
        row.addWidget(self._thickness, 1)
        return row

    def _made_as_mnist(self) -> QCheckBox:
        self._as_mnist = box = QCheckBox("Scaled and centred as MNIST", self)
        box.setObjectName("padAsMnist")
        box.setAccessibleName("Scaled and centred as MNIST does it")
        box.setToolTip(wrapped(_AS_MNIST_TIP))
        box.clicked.connect(self.asMnistSwitched)
        return box

    def _made_steps(self, layout: QVBoxLayout) -> QWidget:
        steps = QWidget(self)
        steps.setObjectName("padSteps")
        row = QGridLayout(steps)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        self._step_views = []
        for place in range(_MOST_STEPS):
            picture = ImageView(f"padStep{place}", f"Step {place + 1}", _STEP_SIDE, "", steps)
            caption = ScaledLabel("", steps, "muted", 0.8)
            caption.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
            caption.setWordWrap(True)
            row.addWidget(picture, 0, place)
            row.addWidget(caption, 1, place)
            self._step_views.append((picture, caption))
        layout.addWidget(steps)
        return steps

    def _fill_result(self) -> None:
        result = self._result
        layout = QVBoxLayout(result)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        self._grey = ImageView("padGrey", "The drawing as an image of the data", _SIDE, "", result)
        self._grey.setToolTip("Your drawing brought to the form of the data set's images")
        self._x = ImageView("padX", "The drawing binarised", _SIDE, "", result)
        self._x.setToolTip("x: that, binarised with a fixed seed; what the encoder is given")
        self._reconstruction = ImageView("padDecoded", "Its reconstruction", _SIDE, "", result)
        self._reconstruction.setToolTip("What the decoder makes of μ, the mean of q(z|x)")
        grid = QGridLayout()
        grid.setHorizontalSpacing(5)
        grid.setVerticalSpacing(1)
        captions = []
        for column, (view, text) in enumerate(
            ((self._grey, ""), (self._x, "x"), (self._reconstruction, "decoder(μ)"))
        ):
            captions.append(ScaledLabel(text, result, "muted"))
            captions[-1].setAlignment(Qt.AlignmentFlag.AlignCenter)
            grid.addWidget(view, 0, column)
            grid.addWidget(captions[-1], 1, column)
        self._grey_caption, self._x_caption, _ = captions
        layout.addLayout(grid)
        self._mu = ScaledLabel("", result)
        self._mu.setObjectName("padMu")
        self._sigma = ScaledLabel("", result)
        self._sigma.setObjectName("padSigma")
        self._terms = ScaledLabel("", result)
        self._terms.setObjectName("padTerms")
        self._terms.setWordWrap(True)
        self._terms.setToolTip("−ELBO = E_q[−log p(x|z)] + KL(q(z|x)‖p(z)), weights 1, in nats")
        self._vote = ScaledLabel("", result, "muted")
        self._vote.setObjectName("padVote")
        self._vote.setWordWrap(True)
        self._vote.setToolTip("The training images whose μ is nearest to your drawing's: ‖μ − μₙ‖₂")
        for label in (self._mu, self._sigma, self._terms, self._vote):
            layout.addWidget(label)
        layout.addLayout(self._neighbours())

    def _neighbours(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2)
        self._near = []
        for place in range(NEIGHBOURS):
            button = QToolButton(self._result)
            button.setObjectName(f"padNear{place}")
            button.setAccessibleName(f"Near training image {place + 1}")
            button.setToolTip("A training image whose μ is near your drawing's")
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
            button.setIconSize(QSize(_NEAR_SIDE, _NEAR_SIDE))
            button.setProperty("role", "flat")
            button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.clicked.connect(self._choose)
            self._near.append(button)
            row.addWidget(button, 1)
        return row

    def _show_neighbour(self, button: QToolButton, near: Neighbour) -> None:
        button.setIcon(QIcon(QPixmap.fromImage(to_qimage(near.picture))))
        button.setText(near.class_name)
        what = f"Training image {near.number}, {near.class_name}"
        button.setAccessibleName(what)
        distance = significant(near.distance)
        button.setToolTip(f"{what}: ‖μ − μₙ‖₂ = {distance}. Click to select it on the plane")
        button.setProperty("index", near.index)

    def _choose(self) -> None:
        self.neighbourChosen.emit(self.sender().property("index"))

    def _erase(self, on: bool) -> None:
        self.canvas.erases = on

    def _set_thickness(self, thickness: int) -> None:
        self.canvas.thickness = float(thickness)


def _terms(view: DrawnView) -> str:
    if view.reconstruction is None:
        return f"KL {fixed(view.kl)} nats"
    # Rounded before they are added, so that the sum as printed is right.
    reconstruction, kl = round(view.reconstruction, 1), round(view.kl, 1)
    total = fixed(reconstruction + kl, 1)
    return f"rec {fixed(reconstruction, 1)} + KL {fixed(kl, 1)} = −ELBO {total} nats"


def _vote(view: DrawnView) -> str:
    if view.vote is None:
        return "The training images near it are shown with the weights of now."
    name, votes, voters = view.vote
    return f"Nearest means: {votes} of {voters} are of class {name}"
