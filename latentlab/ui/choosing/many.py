"""Puts together what can be done with many points."""

from PySide6.QtCore import QObject, Signal

from latentlab.app.store import Store
from latentlab.ui.arithmetic.keeper import Arithmetic
from latentlab.ui.bridge import Bridge
from latentlab.ui.choices import Choices
from latentlab.ui.choosing.exporter import PointExporter
from latentlab.ui.choosing.keeper import Choosing
from latentlab.ui.choosing.sheet_keeper import SheetKeeper
from latentlab.ui.controller import Controller
from latentlab.ui.exports import Exports
from latentlab.ui.looking import Looking
from latentlab.ui.main_window import MainWindow
from latentlab.ui.news import News
from latentlab.ui.past import Past
from latentlab.ui.turns import Turns
from latentlab.ui.workspaces import Workspaces


class ManyPoints(QObject):
    """What is chosen, its sheet, its files, and the arithmetic of its classes."""

    failed = Signal(str, str)  # a sentence, a report

    def __init__(
        self,
        window: MainWindow,
        *,
        store: Store,
        bridge: Bridge,
        choices: Choices,
        controller: Controller,
        looking: Looking,
        turns: Turns,
        news: News,
        past: Past,
        exports: Exports,
        workspaces: Workspaces,
    ) -> None:
        super().__init__(window)
        sheet = SheetKeeper(
            window,
            store=store,
            bridge=bridge,
            controller=controller,
            looking=looking,
            turns=turns,
        )
        sheet.failed.connect(self.failed)
        self._exporter = PointExporter(
            window,
            store=store,
            bridge=bridge,
            controller=controller,
            news=news,
            exports=exports,
        )
        arithmetic = Arithmetic(
            window,
            store=store,
            bridge=bridge,
            choices=choices,
            controller=controller,
            looking=looking,
            turns=turns,
            news=news,
        )
        Choosing(
            window,
            store=store,
            controller=controller,
            news=news,
            past=past,
            sheet=sheet,
            exporter=self._exporter,
            arithmetic=arithmetic,
            workspaces=workspaces,
        )

    def stop(self) -> None:
        """Give up what is being written."""
        self._exporter.stop()
