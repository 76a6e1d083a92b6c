"""What the plane shows of the posteriors: magnified ellipses, the layer behind, and figures."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from latentlab.app.state import BY_CLASS, ELLIPSE_SCALES, LayerName
from latentlab.ui.choice_box import ChoiceBox
from latentlab.ui.layer_names import LAYERS
from latentlab.ui.number_text import fixed, significant
from latentlab.ui.panel_style import ScaledLabel, make_card
from latentlab.ui.segment import SegmentButton
from latentlab.ui.sigma_histogram import SigmaHistogram, collapsed_part
from latentlab.ui.switch import Switch
from latentlab.ui.theme import LIGHT, Theme
from latentlab.ui.tip_text import wrapped

# σ = exp(s / 2), so log₁₀ σ = s / (2 ln 10).
_TWICE_LN_10 = 2 * np.log(10.0)
_TIP = Qt.ItemDataRole.ToolTipRole


def _figure_text(value: float) -> str:
    # Three decimals keep their width while a model trains.
    return fixed(value, 3) if 0.001 <= value < 1e4 else significant(value)


class ViewPanel(QWidget):
    """Chooses ellipses' magnification, forces and layer; shows mean σ, mean |μ|, σ's spread."""

    ellipseScaleChosen = Signal(int)
    layerChosen = Signal(str)  # a LayerName
    colourChosen = Signal(str)  # BY_CLASS or a factor
    forcesSwitched = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("viewPanel")
        make_card(self)
        self._scale = ELLIPSE_SCALES[0]
        self._scales = {scale: self._scale_button(scale) for scale in ELLIPSE_SCALES}
        self._layer = ChoiceBox("layerChoice", "Layer", "", self)
        for layer, words in LAYERS.items():
            self._layer.addItem(words.name, layer)
            self._layer.setItemData(self._layer.count() - 1, wrapped(words.tip), _TIP)
        self._colour = ChoiceBox(
            "colourChoice",
            "Colour by",
            "What the points' colours say: the class of xₙ, or a factor that it was made with. The "
            "key says how far z₁ and z₂ order the images by that factor (rank correlation ρ)",
            self,
        )
        self._colour_label = ScaledLabel("Colour by", self, "muted")
        self._colour_label.setBuddy(self._colour)
        self._forces = Switch("forcesToggle", "Forces", self)
        self._forces.setToolTip(
            wrapped(
                "Where each term pulls some posteriors: minus its gradient, −∂KL/∂μ = −μ, "
                "−∂KL/∂ log σ² = ½(1 − σ²), and the reconstruction's through the decoder"
            )
        )
        self._sigma = self._figure("meanSigma", "Mean of σ over all posteriors and dimensions")
        self._mu = self._figure(
            "meanMu",
            "Mean of |μ| over all posteriors and dimensions. "
            "0.80 if the means were spread as N(0, 1)",
        )
        self._collapsed = ScaledLabel("", self, "muted", 0.88)
        self._collapsed.setObjectName("collapsedText")
        self._histogram = SigmaHistogram(self)
        self._lay_out()
        self._layer.activated.connect(self._choose_layer)
        self._colour.textActivated.connect(self.colourChosen)
        self._forces.clicked.connect(self.forcesSwitched)
        self.set_ellipse_scale(self._scale)
        self.set_layer("none")
        self.set_factors(())
        self.show_posterior_stats(np.zeros((0, 2)), np.zeros((0, 2)))
        self.set_theme(LIGHT)

    def set_ellipse_scale(self, scale: int) -> None:
        """Show this magnification as chosen."""
        self._scale = scale
        for value, button in self._scales.items():
            button.setChecked(value == scale)

    def set_layer(self, layer: LayerName) -> None:
        """Show this layer as chosen."""
        self._layer.setCurrentIndex(self._layer.findData(layer))
        self._layer.setToolTip(wrapped(f"What lies behind the points. {LAYERS[layer].tip}"))

    def set_factors(self, names: Sequence[str]) -> None:
        """Offer colours by these factors; the choice is there where there are any."""
        self._colour.clear()
        self._colour.addItems([BY_CLASS, *names])
        for part in (self._colour, self._colour_label):
            part.setVisible(bool(names))

    def set_colour(self, name: str) -> None:
        """Show this as chosen."""
        self._colour.setCurrentText(name)

    def set_forces(self, on: bool) -> None:
        """Show whether the forces are on."""
        self._forces.setChecked(on)

    def show_posterior_stats(
        self, mu: npt.NDArray[np.floating], logvar: npt.NDArray[np.floating]
    ) -> None:
        """Show figures of posteriors q = N(mu, exp(logvar)). mu, logvar: (N, K), N may be 0."""
        finite = np.isfinite(mu) & np.isfinite(logvar)
        means, logs = np.abs(mu[finite]), logvar[finite]
        log10_sigma = logs / _TWICE_LN_10
        known = means.size > 0
        self._sigma.setText(_figure_text(float(np.exp(logs / 2).mean())) if known else "–")
        self._mu.setText(_figure_text(float(means.mean())) if known else "–")
        part = collapsed_part(log10_sigma)
        collapsed = f"  ·  {part:.0%} collapsed (σ ≈ 1)" if part >= 0.005 else ""
        self._collapsed.setText(f"σ, log scale{collapsed}")
        self._histogram.show_values(log10_sigma)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._forces.set_theme(theme)
        self._histogram.set_theme(theme)

    def _scale_button(self, scale: int) -> SegmentButton:
        tip = "1σ ellipses to scale" if scale == 1 else f"1σ ellipses magnified {scale} times"
        button = SegmentButton(
            f"ellipseScale{scale}", f"×{scale}", f"Ellipses times {scale}", tip, self
        )
        button.clicked.connect(self._choose_scale)
        return button

    def _figure(self, name: str, tip: str) -> ScaledLabel:
        label = ScaledLabel("–", self, "", 1.08, bold=True)
        label.setObjectName(name)
        label.setToolTip(tip)
        return label

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 12)
        layout.setSpacing(7)
        top = QHBoxLayout()
        top.setSpacing(4)
        top.addWidget(ScaledLabel("View", self, "heading", 1.0, bold=True))
        top.addStretch(1)
        top.addWidget(self._forces)
        layout.addLayout(top)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(ScaledLabel("Ellipses", self, "muted"))
        row.addSpacing(4)
        for button in self._scales.values():
            row.addWidget(button, 1)
        layout.addLayout(row)
        behind = QHBoxLayout()
        behind.setSpacing(8)
        behind.addWidget(ScaledLabel("Layer", self, "muted"))
        behind.addWidget(self._layer, 1)
        layout.addLayout(behind)
        colours = QHBoxLayout()
        colours.setSpacing(8)
        colours.addWidget(self._colour_label)
        colours.addWidget(self._colour, 1)
        layout.addLayout(colours)
        figures = QGridLayout()
        figures.setHorizontalSpacing(6)
        for column, (text, label) in enumerate((("mean σ", self._sigma), ("mean |μ|", self._mu))):
            figures.addWidget(ScaledLabel(text, self, "muted"), 0, 3 * column)
            figures.addWidget(label, 0, 3 * column + 1)
        figures.setColumnStretch(2, 1)
        layout.addLayout(figures)
        layout.addWidget(self._histogram)
        layout.addWidget(self._collapsed)

    def _choose_layer(self, index: int) -> None:
        self.layerChosen.emit(self._layer.itemData(index))

    def _choose_scale(self) -> None:
        chosen = next(scale for scale, button in self._scales.items() if button is self.sender())
        changed = chosen != self._scale
        # Also undoes that a second click on the chosen button switches it off.
        self.set_ellipse_scale(chosen)
        if changed:
            self.ellipseScaleChosen.emit(chosen)
