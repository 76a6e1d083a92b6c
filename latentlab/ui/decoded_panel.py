"""The image that the decoder makes of z, and the ways to choose z without the mouse."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from latentlab.app.state import Point
from latentlab.core.section import Section
from latentlab.ui.icons import icon
from latentlab.ui.images import ImageView, Picture
from latentlab.ui.number_field import NumberField
from latentlab.ui.number_text import brief_tuple, fixed_tuple
from latentlab.ui.panel_style import ScaledLabel, make_card
from latentlab.ui.theme import LIGHT, Theme


class DecodedPanel(QWidget):
    """The decoded image, z in numbers to type, samples from prior and posterior, and copies."""

    zTyped = Signal(float, float)
    samplePriorWanted = Signal()
    samplePosteriorWanted = Signal()
    copyZWanted = Signal()
    copyPythonWanted = Signal()
    copyImageWanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("decodedPanel")
        make_card(self)
        self._image = ImageView(
            "decodedImage", "Decoded image", 200, "The decoder is being loaded", self
        )
        self._image.setToolTip("decoder(z): the mean of p(x|z), pixel by pixel")
        self._step = self._muted_label("decodedStep")
        self._eps = self._muted_label("sampleEps")
        self._sample_prior = QPushButton("Sample prior", self)
        self._sample_posterior = QPushButton("Sample posterior", self)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(5)
        layout.addWidget(self._image, 1)
        layout.addWidget(self._step)
        layout.addLayout(self._z_row())
        layout.addLayout(self._sample_row())
        layout.addWidget(self._eps)
        self.show_section(Section())
        self.show_z((0.0, 0.0))
        self.show_eps(None)
        self.set_posterior_available(False)
        self.set_theme(LIGHT)

    def show_image(self, array: Picture | None) -> None:
        """Show uint8 (H, W) or (H, W, 3); None while there is no decoder."""
        self._image.set_image(array)

    def copy_image(self) -> bool:
        """Put the decoded image on the clipboard; False if there is none."""
        return self._image.copy_image()

    def show_z(self, z: Point) -> None:
        """Show the coordinates of z."""
        self._zx.set_value(z[0])
        self._zy.set_value(z[1])

    def show_section(self, section: Section) -> None:
        """Say which of the coordinates of z these are."""
        first, second = section.names
        texts = (first, second, "")
        if section.whole:
            texts = ("z = (", ",", ")")
        elif section.line:
            texts = ("z = ", "", "")
        self._zy.setHidden(section.line)
        for label, text in zip(self._around_z, texts, strict=True):
            label.setText(text)
        tips = (
            ("The point z that is decoded: the image is decoder(z). Enter takes it",) * 2
            if section.latent_dim <= 2
            else (
                f"{name} of the point z that is decoded; the slice has its other "
                f"{section.latent_dim - 2} coordinates. Enter takes it"
                for name in section.names
            )
        )
        for field, tip in zip((self._zx, self._zy), tips, strict=True):
            field.setToolTip(tip)

    def show_eps(self, eps: tuple[float, ...] | None) -> None:
        """Show the noise z was sampled with from the posterior, or (None) that it was not."""
        # The space keeps the line's height, so that nothing below moves.
        self._eps.setText(" " if eps is None else f"z = μ + σ·ε, ε = {brief_tuple(eps)}")
        self._eps.setToolTip("" if eps is None else f"ε = {fixed_tuple(eps)}")

    def show_step(self, text: str) -> None:
        """Show which weights decoded the image, such as "decoded with the weights of step 940"."""
        self._step.setText(text)
        self._step.setToolTip(text)

    def set_posterior_available(self, available: bool) -> None:
        """Say whether an image is selected, whose posterior can be sampled."""
        self._sample_posterior.setEnabled(available)
        self._sample_posterior.setToolTip(
            "z = μ + σ·ε with ε ~ N(0, I): a sample of q(z|x) of the selected image"
            if available
            else "z = μ + σ·ε. Select an image first: click one of the points"
        )

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._image.set_theme(theme)
        self._copy.setIcon(icon("copy", theme))

    def _muted_label(self, name: str) -> QLabel:
        label = ScaledLabel("", self, "muted")
        label.setObjectName(name)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        # A long text must not push the column wider.
        label.setMinimumWidth(1)
        return label

    def _z_row(self) -> QHBoxLayout:
        self._zx = NumberField("zxField", "z, first coordinate", self)
        self._zy = NumberField("zyField", "z, second coordinate", self)
        for field in (self._zx, self._zy):
            field.valueTyped.connect(self._emit_z)
        self._copy = copy = QToolButton(self)
        copy.setObjectName("copyButton")
        copy.setAccessibleName("Copy z or the image")
        copy.setToolTip("Copy z as numbers, or the decoded image")
        copy.setProperty("role", "flat")
        copy.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        copy.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        menu = QMenu(copy)
        for name, text, signal in (
            ("copyZ", "Copy &z", self.copyZWanted),
            ("copyImage", "Copy &image", self.copyImageWanted),
            ("copyPython", "Copy z as &Python", self.copyPythonWanted),
        ):
            action = QAction(text, menu)
            action.setObjectName(name)
            action.triggered.connect(signal)
            menu.addAction(action)
        copy.setMenu(menu)

        row = QHBoxLayout()
        row.setSpacing(3)
        self._around_z = tuple(QLabel(self) for _ in range(3))
        before, between, after = self._around_z
        row.addWidget(before)
        row.addWidget(self._zx, 1)
        row.addWidget(between)
        row.addWidget(self._zy, 1)
        row.addWidget(after)
        row.addSpacing(5)
        row.addWidget(copy)
        return row

    def _sample_row(self) -> QGridLayout:
        self._sample_prior.setObjectName("samplePrior")
        self._sample_prior.setAccessibleName("Sample z from the prior")
        self._sample_prior.setToolTip("z ~ N(0, I): a sample of the prior p(z)")
        self._sample_prior.clicked.connect(self.samplePriorWanted)
        self._sample_posterior.setObjectName("samplePosterior")
        self._sample_posterior.setAccessibleName("Sample z from the posterior of the selection")
        self._sample_posterior.clicked.connect(self.samplePosteriorWanted)
        row = QGridLayout()
        row.setSpacing(5)
        row.addWidget(self._sample_prior, 0, 0)
        row.addWidget(self._sample_posterior, 0, 1)
        row.setColumnStretch(0, 1)
        row.setColumnStretch(1, 1)
        return row

    def _emit_z(self) -> None:
        self.zTyped.emit(self._zx.value, self._zy.value)
