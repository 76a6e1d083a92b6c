"""What a network makes of z, of the selected image, and of samples of the prior."""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from latentlab.ui.images import ImageView, Picture, tiled
from latentlab.ui.panel_style import ScaledLabel
from latentlab.ui.theme import Theme

_SIDE = 84
_COLUMNS = 4


class Pictures(QWidget):
    """Three pictures in a row, each with what it is beneath."""

    def __init__(self, number: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._decoded, self._pair, self._samples = (
            ImageView(f"compared{name}{number}", label, _SIDE, "", self)
            for name, label in (
                ("Decoded", "Decoded image"),
                ("Pair", "Selected image and reconstruction"),
                ("Samples", "Samples of the prior, decoded"),
            )
        )
        self._decoded.setToolTip("decoder(z) at the cross-hair, the same z in every plane")
        self._pair.setToolTip("The selected image, and what this network makes of its mean μ")
        self._samples.setToolTip(
            "decoder(z) for z ~ N(0, I), the same z for every network: what a generator would get"
        )
        self._captions = [ScaledLabel("", self, "muted", 0.85) for _ in range(3)]
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(6)
        layout.setVerticalSpacing(1)
        for column, (view, share) in enumerate(
            ((self._decoded, 1), (self._pair, 2), (self._samples, 2))
        ):
            layout.addWidget(view, 0, column)
            layout.addWidget(self._captions[column], 1, column, Qt.AlignmentFlag.AlignHCenter)
            layout.setColumnStretch(column, share)
        self._caption(0, "decoder(z)")
        self._caption(1, "no image selected")
        self._caption(2, "z ~ N(0, I)")

    def show_decoded(self, image: Picture | None) -> None:
        """decoder(z), (H, W) or (H, W, 3)."""
        self._decoded.set_image(image)

    def show_pair(self, x: Picture | None, decoded: Picture | None, caption: str) -> None:
        """The selected image and its reconstruction; None for none."""
        both = None if x is None or decoded is None else tiled(np.stack([x, decoded]), 2)
        self._pair.set_image(both)
        self._caption(1, caption)

    def show_samples(self, images: Picture | None) -> None:
        """(S, H, W) or (S, H, W, 3)."""
        self._samples.set_image(None if images is None else tiled(images, _COLUMNS))

    def clear(self) -> None:
        """Show nothing: what was there is of other networks."""
        self.show_decoded(None)
        self.show_pair(None, None, "")
        self.show_samples(None)

    def set_text_scale(self, scale: float) -> None:
        """For presentation mode."""
        for view in (self._decoded, self._pair, self._samples):
            view.set_scale(scale)

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        for view in (self._decoded, self._pair, self._samples):
            view.set_theme(theme)

    def _caption(self, place: int, text: str) -> None:
        label: QLabel = self._captions[place]
        label.setText(text)
