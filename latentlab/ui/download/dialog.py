"""Which set to download, and how far it is."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from latentlab.data.remote import REMOTE, RemoteSet, folder_of, is_here
from latentlab.ui.panel_style import named

_STEPS = 1_000  # of the progress bar


class DownloadDialog(QDialog):
    """Offers the sets that have a name. downloadWanted: a name; cancelWanted; openWanted: a name.

    It can be closed while a set is on its way, and shows it again when it is opened.
    """

    downloadWanted = Signal(str)
    cancelWanted = Signal()
    openWanted = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("downloadDialog")
        self.setWindowTitle("Download data")
        self._coming: RemoteSet | None = None
        self._choice = QComboBox(self)
        self._choice.setObjectName("downloadChoice")
        self._choice.setAccessibleName("Data set")
        self._choice.setToolTip("A whole set of images x, with its labels")
        self._choice.addItems(list(REMOTE))
        self._about = self._label("downloadAbout")
        self._says = self._label("downloadSays")
        self._bar = QProgressBar(self)
        self._bar.setObjectName("downloadProgress")
        self._bar.setAccessibleName("How much of it is there")
        self._bar.setRange(0, _STEPS)
        self._download = self._button("downloadStart", "Download", "Fetch it, checked by SHA-256")
        self._cancel = self._button(
            "downloadCancel", "Cancel", "Stop; the next time it goes on from there"
        )
        self._open = self._button("downloadOpen", "Open", "Show these images")
        close = self._button("downloadClose", "Close", "Close this (Esc); a download goes on")
        buttons = QHBoxLayout()
        for button in (self._download, self._cancel, self._open):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.addWidget(self._choice)
        layout.addWidget(self._about)
        layout.addWidget(self._bar)
        layout.addWidget(self._says)
        layout.addStretch(1)
        layout.addLayout(buttons)
        self.resize(520, 300)
        self._choice.currentIndexChanged.connect(self._show_choice)
        self._download.clicked.connect(self._want_download)
        self._cancel.clicked.connect(self.cancelWanted)
        self._open.clicked.connect(self._want_open)
        close.clicked.connect(self.reject)
        self._show_choice()

    def show_coming(self, remote: RemoteSet | None) -> None:
        """This set is on its way; None: none is, any more."""
        self._coming = remote
        if remote is not None:
            self._choice.setCurrentText(remote.name)
        self._choice.setEnabled(remote is None)
        self._show_choice()

    def show_progress(self, done: int) -> None:
        """So many bytes of it are there."""
        if self._coming is not None:
            self._bar.setValue(round(_STEPS * done / self._coming.size))
            self._says.setText(f"{done / 1e6:.1f} of {self._coming.megabytes}")

    def say(self, text: str) -> None:
        """A sentence beneath the bar."""
        self._says.setText(text)

    @property
    def _chosen(self) -> RemoteSet:
        return REMOTE[self._choice.currentText()]

    def _show_choice(self) -> None:
        remote, here = self._chosen, is_here(self._chosen)
        self._about.setText(
            f"{remote.source}\nLicence: {remote.licence}\nSize: {remote.megabytes}\n"
            f"From: {remote.host}\nTo: {folder_of(remote)}"
        )
        coming = self._coming is not None
        self._bar.setValue(_STEPS if here and not coming else 0)
        self._says.setText("It is here." if here and not coming else "")
        self._download.setEnabled(not (here or coming))
        self._cancel.setEnabled(coming)
        self._open.setEnabled(here and not coming)

    def _want_download(self) -> None:
        self.downloadWanted.emit(self._chosen.name)

    def _want_open(self) -> None:
        self.openWanted.emit(self._chosen.name)
        self.accept()

    def _label(self, name: str) -> QLabel:
        label = QLabel(self)
        label.setObjectName(name)
        label.setWordWrap(True)
        return label

    def _button(self, name: str, text: str, tip: str) -> QPushButton:
        button = named(QPushButton(text, self), name, text, tip)
        button.setAutoDefault(False)
        return button
