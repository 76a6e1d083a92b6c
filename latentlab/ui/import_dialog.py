"""In which form a folder of pictures is opened, seen on some of them."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from latentlab.data.form import SIDE_RANGE, Form
from latentlab.data.image_folder import Preview
from latentlab.ui.images import ImageView, picture_of

_COLOURS = {"grey: one channel (BT.601 luma)": False, "RGB: three channels": True}
_FITS = {"fit: the whole picture": "fit", "crop: the square in its middle": "crop"}
_SIDE = 96  # of a picture shown, in pixels


class ImportDialog(QDialog):
    """Asks for size, channels and cut, with some pictures before and after; then shows progress.

    form_changed: the Form as chosen now, for `show_preview`. form_chosen: open the folder in it.
    Cancel, or closing the dialog, emits `rejected`.
    """

    form_changed = Signal(object)
    form_chosen = Signal(object)

    def __init__(self, parent: QWidget, preview: Preview) -> None:
        super().__init__(parent)
        self.setObjectName("importDialog")
        self.setWindowTitle("Open a folder of pictures")
        self._says = QLabel(_summary(preview), self)
        self._says.setObjectName("importSays")
        self._says.setTextFormat(Qt.TextFormat.PlainText)
        self._says.setWordWrap(True)
        self._side = QSpinBox(self)
        self._side.setRange(*SIDE_RANGE)
        self._side.setSuffix(" pixels a side")
        self._side.setKeyboardTracking(False)
        self._colour = self._box(list(_COLOURS))
        self._fit = self._box(list(_FITS))
        self._invert = QCheckBox("&Invert", self)
        self._name()
        self._show_form(preview.form)
        self._before = [self._view("before", i) for i in range(len(preview.before))]
        self._after = [self._view("after", i) for i in range(len(preview.after))]
        self._pictures = QWidget(self)
        self._progress = QProgressBar(self)
        self._progress.setObjectName("importProgress")
        self._progress.setFormat("%v of %m files")
        self._progress.hide()
        self._skipped = QPlainTextEdit(self)
        self._skipped.setObjectName("importSkipped")
        self._skipped.setAccessibleName("Files that were skipped")
        self._skipped.setReadOnly(True)
        self._skipped.hide()
        buttons = QDialogButtonBox.StandardButton
        self._buttons = QDialogButtonBox(buttons.Open | buttons.Cancel, self)
        self._buttons.setObjectName("importButtons")
        self._buttons.accepted.connect(self._begin)
        self._buttons.rejected.connect(self.reject)
        self._lay_out()
        self.show_preview(preview)
        self._side.valueChanged.connect(self._changed)
        self._colour.currentIndexChanged.connect(self._changed)
        self._fit.currentIndexChanged.connect(self._changed)
        self._invert.toggled.connect(self._changed)

    @property
    def form(self) -> Form:
        """As chosen now."""
        return Form(
            self._side.value(),
            rgb=_COLOURS[self._colour.currentText()],
            fit="crop" if _FITS[self._fit.currentText()] == "crop" else "fit",
            inverted=self._invert.isChecked(),
        )

    def show_preview(self, preview: Preview) -> None:
        """Show the pictures in this form, unless another has been chosen meanwhile."""
        if preview.form != self.form:
            return
        for view, before in zip(self._before, preview.before, strict=False):
            view.set_image(before)
        for view, after in zip(self._after, preview.after, strict=False):
            view.set_image(picture_of(after))

    def show_progress(self, done: int, total: int) -> None:
        """So many files are read; of none, they are still being counted."""
        self._progress.setRange(0, total if done else 0)
        self._progress.setValue(done)

    def show_skipped(self, opened: str, sentences: tuple[str, ...]) -> None:
        """List the files that could not be read; `opened` says what was."""
        self._says.setText(opened)
        self._pictures.hide()
        self._progress.hide()
        self._skipped.setPlainText("\n".join(sentences))
        self._skipped.show()
        self._buttons.setStandardButtons(QDialogButtonBox.StandardButton.Close)

    def _begin(self) -> None:
        for control in (self._side, self._colour, self._fit, self._invert):
            control.setEnabled(False)
        self._buttons.button(QDialogButtonBox.StandardButton.Open).setEnabled(False)
        self._progress.setRange(0, 0)
        self._progress.show()
        self.form_chosen.emit(self.form)

    def _changed(self) -> None:
        self.form_changed.emit(self.form)

    def _show_form(self, form: Form) -> None:
        self._side.setValue(form.side)
        self._colour.setCurrentIndex(list(_COLOURS.values()).index(form.rgb))
        self._fit.setCurrentIndex(list(_FITS.values()).index(form.fit))
        self._invert.setChecked(form.inverted)

    def _box(self, items: list[str]) -> QComboBox:
        box = QComboBox(self)
        box.addItems(items)
        return box

    def _name(self) -> None:
        low, high = SIDE_RANGE
        for control, name, title, tip in (
            (self._side, "importSide", "Size", f"Height and width of x, from {low} to {high}"),
            (self._colour, "importColour", "Channels", "Values of x for each pixel: one, or three"),
            (
                self._fit,
                "importFit",
                "Cut",
                "What is left over beside a whole picture takes the median colour of its border",
            ),
            (self._invert, "importInvert", "Invert", "255 − v in place of v: black becomes white"),
        ):
            control.setObjectName(name)
            control.setAccessibleName(title)
            control.setToolTip(tip)

    def _view(self, which: str, index: int) -> ImageView:
        name = f"Picture {index + 1}, {which}"
        return ImageView(f"{which}{index}", name, _SIDE, "", self)

    def _lay_out(self) -> None:
        form = QGridLayout()
        for row, (text, control) in enumerate(
            (("&Size", self._side), ("C&hannels", self._colour), ("C&ut", self._fit))
        ):
            label = QLabel(text, self)
            label.setBuddy(control)
            form.addWidget(label, row, 0)
            form.addWidget(control, row, 1)
        form.addWidget(self._invert, 3, 1)
        form.setColumnStretch(1, 1)
        rows = QGridLayout(self._pictures)
        rows.setContentsMargins(0, 0, 0, 0)
        for row, (text, views) in enumerate((("before", self._before), ("after", self._after))):
            rows.addWidget(QLabel(text, self._pictures), row, 0)
            for column, view in enumerate(views):
                rows.addWidget(view, row, column + 1)
        layout = QVBoxLayout(self)
        layout.addWidget(self._says)
        layout.addWidget(self._pictures)
        layout.addLayout(form)
        layout.addWidget(self._progress)
        layout.addWidget(self._skipped)
        bottom = QHBoxLayout()
        bottom.addWidget(self._buttons)
        layout.addLayout(bottom)


def _summary(preview: Preview) -> str:
    names = preview.class_names
    listed = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
    classes = f"{len(names)} classes: {listed}" if len(names) > 1 else f"one class: {listed}"
    return (
        f"{preview.folder}\n{preview.count:,} files in {classes}.\n"
        "Every picture is brought to one form; these are some of them."
    )
