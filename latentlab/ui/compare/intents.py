"""Which intent of the Compare workspace goes where."""

from PySide6.QtCore import QObject

from latentlab.ui.choices import Choices
from latentlab.ui.compare.controller import CompareController
from latentlab.ui.compare.news import CompareNews
from latentlab.ui.compare.panel import ComparePanel
from latentlab.ui.compare.workspace import CompareWorkspace
from latentlab.ui.controller import Controller


class CompareIntents(QObject):
    """Hands what the user wants of a panel to whoever does it: of one plane, it is for all."""

    def __init__(
        self,
        workspace: CompareWorkspace,
        *,
        choices: Choices,
        controller: Controller,
        compare: CompareController,
        news: CompareNews,
    ) -> None:
        super().__init__(workspace)
        self._choices = choices
        self._controller = controller
        self._news = news
        workspace.presetChosen.connect(compare.choose_preset)
        workspace.regimeChanged.connect(compare.set_regime)
        workspace.removeWanted.connect(compare.remove)
        workspace.addWanted.connect(compare.add)
        workspace.classIsolated.connect(choices.isolate)
        workspace.panelAdded.connect(self._connect)
        for panel in workspace.panels.values():
            self._connect(panel)

    def _connect(self, panel: ComparePanel) -> None:
        plane = panel.plane
        plane.zMoved.connect(self._choices.move_z)
        plane.pointHovered.connect(self._news.hover)
        plane.pointSelected.connect(self._controller.select)
        plane.viewportChanged.connect(self._choices.set_compare_view)
