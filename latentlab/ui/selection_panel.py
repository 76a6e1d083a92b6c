"""One data point: its images, its posterior and its terms of the loss."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QSizePolicy,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from latentlab.app.point_view import PointView, VectorView
from latentlab.core.section import axis_name
from latentlab.ui.images import ImageView
from latentlab.ui.number_text import (
    coordinate,
    coordinate_tuple,
    fixed,
    significant,
    significant_tuple,
)
from latentlab.ui.panel_style import ScaledLabel, make_card, named
from latentlab.ui.terms_bar import TermsBar
from latentlab.ui.theme import LIGHT, Theme

_SIDE = 78
# Where there are more than two latent dimensions: in a line, and in its tooltip.
_AXES, _LISTED = 3, 16
_FEATURES = 6  # of a vector, that are told in words


class SelectionPanel(QWidget):
    """The hovered or selected image: x, its reconstruction, μ, σ, and the terms of its −ELBO."""

    setZ1Wanted = Signal()
    setZ2Wanted = Signal()
    zToMuWanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("selectionPanel")
        make_card(self)
        empty = ScaledLabel("Hover or click a point\nto see its images and numbers", self, "muted")
        empty.setObjectName("selectionEmpty")
        empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        empty.setWordWrap(True)
        self._content = QWidget(self)
        # One over the other: the panel keeps its size when the mouse leaves a point.
        self._pages = QStackedLayout(self)
        self._pages.addWidget(empty)
        self._pages.addWidget(self._content)

        layout = QVBoxLayout(self._content)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(5)
        layout.addLayout(self._heading())
        layout.addLayout(self._images(), 1)
        self._values = ScaledLabel("", self._content, "muted", 0.88)
        self._values.setObjectName("selectionValues")
        self._values.setWordWrap(True)
        layout.addWidget(self._values)
        layout.addLayout(self._posterior())
        self._terms = TermsBar(self._content)
        layout.addWidget(self._terms)
        layout.addLayout(self._buttons())
        self.set_theme(LIGHT)

    def show_point(self, view: PointView | None, hovered: bool) -> None:
        """Show a point, under the mouse or selected; None shows how to choose one."""
        self._pages.setCurrentIndex(0 if view is None else 1)
        if view is None:
            return
        what = "image" if view.vector is None else "vector"
        named = f"class {view.class_name}" if view.class_name.isdigit() else view.class_name
        self._title.setText(f"{named} · {what} {view.number}")
        self._manner.setText("under the mouse" if hovered else "selected")
        self._grey.set_image(view.grey)
        self._x.set_image(view.x)
        self._reconstruction.set_image(view.reconstruction_shown)
        binarised = view.x is not None
        self._x.setVisible(binarised)
        self._x_caption.setVisible(binarised)
        grey = view.grey.ndim == 2
        plain = "x (grey)" if grey else "x (colour)"
        self._show_vector(view.vector)
        plain = "x" if view.vector is not None else plain
        self._grey_caption.setText("original" if binarised else plain)
        mu, sigma, tip = _posterior(view)
        self._mu.setText(mu)
        self._sigma.setText(sigma)
        self._mu.setToolTip(tip)
        self._sigma.setToolTip(tip)
        self._terms.set_terms(view.reconstruction, view.kl, view.likelihood, view.samples)
        on_plane = "" if len(view.mu) <= 2 else ", on the plane's two axes"
        for end, what in (("z1", "begins"), ("z2", "ends")):
            self._ends[end].setToolTip(f"{end} = μ of this image{on_plane}, where the path {what}")

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        for part in (self._grey, self._x, self._reconstruction, self._terms):
            part.set_theme(theme)

    def _show_vector(self, vector: VectorView | None) -> None:
        """The values of a few features, in their own units, and what the decoder makes of them."""
        self._reconstruction_caption.setText(
            "decoder(μ)" if vector is None else "decoder(μ) over x"
        )
        rows = (
            [] if vector is None else list(zip(vector.names, vector.x, vector.x_hat, strict=True))
        )
        texts = [f"{name} {significant(x, 4)} → {significant(made, 4)}" for name, x, made in rows]
        self._values.setVisible(bool(rows))
        more = ", …" if len(texts) > _FEATURES else ""
        self._values.setText(", ".join(texts[:_FEATURES]) + more)
        self._values.setToolTip("x → decoder(μ), in the data's units\n" + "\n".join(texts))

    def _heading(self) -> QHBoxLayout:
        self._title = ScaledLabel("", self._content, bold=True)
        self._title.setObjectName("selectionTitle")
        self._title.setMinimumWidth(1)
        self._manner = ScaledLabel("", self._content, "muted")
        self._manner.setObjectName("selectionManner")
        row = QHBoxLayout()
        row.addWidget(self._title, 1)
        row.addWidget(self._manner)
        return row

    def _images(self) -> QGridLayout:
        self._grey = ImageView("greyImage", "Original image", _SIDE, "", self._content)
        self._grey.setToolTip("The image as it is in the data")
        self._x = ImageView("xImage", "Binarised image x", _SIDE, "", self._content)
        self._x.setToolTip("x: the image binarised once with a fixed seed; the x of every number")
        self._reconstruction = ImageView(
            "reconstructionImage", "Reconstruction", _SIDE, "", self._content
        )
        self._reconstruction.setToolTip("What the decoder makes of μ, the mean of q(z|x)")
        grid = QGridLayout()
        grid.setHorizontalSpacing(5)
        grid.setVerticalSpacing(1)
        columns = (
            (self._grey, "original"),
            (self._x, "x (binary)"),
            (self._reconstruction, "decoder(μ)"),
        )
        captions = []
        for column, (view, text) in enumerate(columns):
            caption = ScaledLabel(text, self._content, "muted")
            caption.setAlignment(Qt.AlignmentFlag.AlignCenter)
            caption.setToolTip(view.toolTip())
            captions.append(caption)
            grid.addWidget(view, 0, column)
            grid.addWidget(caption, 1, column)
        grid.setRowStretch(0, 1)
        self._grey_caption, self._x_caption, self._reconstruction_caption = captions
        return grid

    def _posterior(self) -> QVBoxLayout:
        self._mu = ScaledLabel("", self._content)
        self._mu.setObjectName("selectionMu")
        self._sigma = ScaledLabel("", self._content)
        self._sigma.setObjectName("selectionSigma")
        for label in (self._mu, self._sigma):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        # One below the other: side by side, "(−1.234, −0.567)" twice is wider than the column.
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(self._mu)
        column.addWidget(self._sigma)
        return column

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(5)
        self._ends: dict[str, QToolButton] = {}
        for name, text, tip, signal in (
            ("setZ1", "Set z1", "", self.setZ1Wanted),
            ("setZ2", "Set z2", "", self.setZ2Wanted),
            (
                "zToMu",
                "z to μ",
                "z = μ of this image, so the decoded image is decoder(μ)",
                self.zToMuWanted,
            ),
        ):
            button = named(QToolButton(self._content), name, f"{text} of the shown image", tip)
            button.setText(text)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.clicked.connect(signal)
            self._ends[text.removeprefix("Set ")] = button
            row.addWidget(button, 1)
        return row


def _posterior(view: PointView) -> tuple[str, str, str]:
    """μ and σ, each in a line, and a tooltip: of all dimensions where there are few."""
    if len(view.mu) <= 2:
        tip = (
            "The posterior of this image: q(z|x) = N(μ, diag σ²), "
            f"μ = {significant_tuple(view.mu, 6)}, σ = {significant_tuple(view.sigma, 6)}"
        )
        return f"μ = {coordinate_tuple(view.mu)}", f"σ = {significant_tuple(view.sigma)}", tip
    kl = view.kl_per_axis
    order = sorted(range(len(kl)), key=lambda axis: -kl[axis])
    first = order[:_AXES]
    mu = "  ".join(f"{axis_name(axis, 'μ')} {fixed(view.mu[axis])}" for axis in first)
    sigma = "  ".join(
        f"{axis_name(axis, 'σ')} {significant(view.sigma[axis], 2)}" for axis in first
    )
    rows = "".join(
        f"<tr><td>{axis_name(axis)}</td><td align=right>{coordinate(view.mu[axis])}</td>"
        f"<td align=right>&nbsp;{significant(view.sigma[axis])}</td>"
        f"<td align=right>&nbsp;{fixed(kl[axis])}</td></tr>"
        for axis in order[:_LISTED]
    )
    more = f"<br>and {len(order) - _LISTED} more" if len(order) > _LISTED else ""
    tip = (
        f"q(z|x) = N(μ, diag σ²) of this image, the axes with the largest KL first:<table>"
        f"<tr><td></td><td>μ</td><td>&nbsp;σ</td><td>&nbsp;KL</td></tr>{rows}</table>{more}"
    )
    return f"{mu}  …", f"{sigma}  …", tip
