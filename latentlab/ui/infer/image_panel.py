"""The image whose posterior is shown: which one it is, and its pictures."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from latentlab.app.drawn_view import DrawnView
from latentlab.app.point_view import PointView
from latentlab.ui.images import ImageView, Picture
from latentlab.ui.panel_style import ScaledLabel, make_card, named
from latentlab.ui.theme import LIGHT, Theme
from latentlab.ui.tip_text import wrapped

_SIDE = 78
_AMBIGUOUS_TIP = (
    "The next image whose true posterior has a second mode with a fifth of its mass or more, "
    "where most training images near the two modes are of two classes, its own among them (A)"
)

NOT_SEARCHED = (
    "Ambiguous images are found by their true posterior over the plane, for 2 latent dimensions "
    "alone."
)


class ImagePanel(QWidget):
    """x, decoder(μ) and decoder(z), and the way to other images."""

    stepWanted = Signal(int)
    ambiguousWanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("inferImagePanel")
        make_card(self)
        self._title = ScaledLabel("", self, bold=True)
        self._title.setObjectName("inferTitle")
        self._title.setMinimumWidth(1)
        self._x = ImageView("inferX", "Image x", _SIDE, "", self)
        self._x.setToolTip(
            "x, the image of every number here: binarised if the likelihood wants it"
        )
        self._mean = ImageView("inferMean", "Decoded mean of q", _SIDE, "", self)
        self._mean.setToolTip("What the decoder makes of μ, the mean of q(z|x)")
        self._z = ImageView("inferDecoded", "Decoded image at z", _SIDE, "", self)
        self._z.setToolTip("What the decoder makes of z, the cross-hair: click the plane or a mode")
        pictures = QGridLayout()
        pictures.setHorizontalSpacing(5)
        pictures.setVerticalSpacing(1)
        for column, (view, text) in enumerate(
            ((self._x, "x"), (self._mean, "decoder(μ)"), (self._z, "decoder(z)"))
        ):
            caption = ScaledLabel(text, self, "muted")
            caption.setAlignment(Qt.AlignmentFlag.AlignCenter)
            pictures.addWidget(view, 0, column)
            pictures.addWidget(caption, 1, column)
        buttons = QHBoxLayout()
        buttons.setSpacing(5)
        before = self._button("inferPrevious", "‹", "Previous image", "The image before (P, ←)")
        after = self._button("inferNext", "›", "Next image", "The image after (N, →)")
        self._ambiguous = self._button(
            "inferAmbiguous", "Next ambiguous", "Next ambiguous image", _AMBIGUOUS_TIP
        )
        before.clicked.connect(self._want_previous)
        after.clicked.connect(self._want_next)
        self._ambiguous.clicked.connect(self.ambiguousWanted)
        buttons.addWidget(before)
        buttons.addWidget(after)
        buttons.addWidget(self._ambiguous, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(5)
        layout.addWidget(self._title)
        layout.addLayout(pictures)
        layout.addLayout(buttons)
        self.set_theme(LIGHT)

    def show_point(self, view: PointView | None) -> None:
        """Show this image, or that there is none."""
        if view is None:
            self._title.setText("No image selected")
            self._x.set_image(None)
            self._mean.set_image(None)
            return
        self._title.setText(f"Image {view.number:,}, a “{view.class_name}”")
        self._x.set_image(view.grey if view.x is None else view.x)
        self._mean.set_image(view.reconstruction_shown)

    def show_drawn(self, view: DrawnView) -> None:
        """Show what the user drew."""
        self._title.setText("Your drawing")
        self._x.set_image(view.grey if view.x is None else view.x)
        self._mean.set_image(view.reconstruction_image)

    def show_decoded(self, image: Picture | None) -> None:
        """Show what z decodes to."""
        self._z.set_image(image)

    def set_searchable(self, searchable: bool) -> None:
        """Say whether ambiguous images can be found."""
        self._ambiguous.setEnabled(searchable)
        self._ambiguous.setToolTip(wrapped(_AMBIGUOUS_TIP if searchable else NOT_SEARCHED))

    def show_searching(self, on: bool) -> None:
        """Say that an ambiguous image is looked for."""
        self._ambiguous.setText("Searching…" if on else "Next ambiguous")

    def set_text_scale(self, scale: float) -> None:
        """For presentation mode."""
        for view in (self._x, self._mean, self._z):
            view.set_scale(scale)

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        for view in (self._x, self._mean, self._z):
            view.set_theme(theme)

    def _button(self, name: str, text: str, what: str, tip: str) -> QPushButton:
        return named(QPushButton(text, self), name, what, tip)

    def _want_previous(self) -> None:
        self.stepWanted.emit(-1)

    def _want_next(self) -> None:
        self.stepWanted.emit(1)
