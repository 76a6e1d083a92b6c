import pytest
from PySide6.QtWidgets import QApplication

from latentlab.ui.style_sheet import apply_theme
from latentlab.ui.theme import LIGHT


@pytest.fixture(autouse=True)
def styled(qapp: QApplication) -> None:
    """Panels under the application's style sheet, as in the window."""
    apply_theme(qapp, LIGHT)
