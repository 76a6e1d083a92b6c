"""Films of what is kept of a run: from the question what is wanted to the file."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from latentlab.app.store import Store
from latentlab.app.timeline import Moment
from latentlab.ui.controller import Controller
from latentlab.ui.exports import Exports
from latentlab.ui.main_window import MainWindow
from latentlab.ui.past import Past
from latentlab.ui.presentation import Presentation

if TYPE_CHECKING:
    from latentlab.ui.film.dialog import FilmDialog
    from latentlab.ui.film.maker import FilmMaker, FilmSettings

_NOTHING_YET = "There is no history to make a film of yet: train, and try again."


class Film(QObject):
    """Opens the dialog, has the film made, and says how it went.

    What only a film needs is imported with the first one.
    """

    def __init__(
        self,
        window: MainWindow,
        *,
        store: Store,
        controller: Controller,
        past: Past,
        exports: Exports,
        presentation: Presentation,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._store = store
        self._controller = controller
        self._past = past
        self._exports = exports
        self._presentation = presentation
        self._folder = Path.home()
        self._dialog: FilmDialog | None = None
        self._maker: FilmMaker | None = None
        window.history_bar.filmWanted.connect(self.ask)

    def ask(self) -> None:
        """Ask what film is wanted of the run that is shown, as far as it is kept now."""
        opened, moments = self._controller.present, list(self._past.timeline.moments)
        if opened is None or len(moments) < 2:
            self._exports.failed.emit(_NOTHING_YET, "")
            return
        if self._dialog is not None:
            self._dialog.raise_()
            return
        from latentlab.ui.film.dialog import FilmDialog  # noqa: PLC0415

        maker = self._made_maker()
        name = f"{opened.file_stem.replace(' ', '-')}-history"
        self._dialog = dialog = FilmDialog(self._window, len(moments), name, self._folder)
        dialog.filmWanted.connect(
            lambda indices, settings, path: self._make(
                maker, [moments[index] for index in indices], settings, path
            )
        )
        maker.progress.connect(dialog.show_progress)
        dialog.rejected.connect(maker.cancel)
        dialog.finished.connect(self._dialog_closed)
        dialog.show()

    def stop(self) -> None:
        """Drop the film under way."""
        if self._maker is not None:
            self._maker.cancel()

    def _made_maker(self) -> "FilmMaker":
        from latentlab.ui.film.maker import FilmMaker  # noqa: PLC0415

        if self._maker is None:
            self._maker = maker = FilmMaker(self)
            maker.done.connect(self._exports.done)
            maker.failed.connect(self._exports.failed)
            maker.ended.connect(self._close_dialog)
        return self._maker

    def _make(
        self, maker: "FilmMaker", moments: list[Moment], settings: "FilmSettings", path: Path
    ) -> None:
        from latentlab.ui.film.frames import Story  # noqa: PLC0415

        opened = self._controller.present
        if opened is None:
            return
        self._folder = path.parent
        state = self._store.state
        pair = opened.pair
        story = Story(
            title=opened.title,
            moments=moments,
            pair=pair,
            curves=self._controller.curves,
            viewport=self._window.plane.viewport(),
            ellipse_scale=state.ellipse_scale,
            isolated=state.isolated_class,
            theme=self._presentation.theme,
            section=state.section,
        )
        maker.make(story, settings, path)

    def _close_dialog(self) -> None:
        if self._dialog is not None:
            self._dialog.close_down()

    def _dialog_closed(self) -> None:
        if self._dialog is not None:
            self._dialog.deleteLater()
            self._dialog = None
