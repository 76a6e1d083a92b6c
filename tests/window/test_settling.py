"""When the window says that it shows all that it is going to show."""

from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtWidgets import QScrollArea
from pytestqt.qtbot import QtBot

from latentlab.ui.shell import WindowOptions
from tests.window.lab import Lab


def test_there_is_room_for_what_has_come(qtbot: QtBot, tmp_path: Path) -> None:
    """In a low window, with a likelihood and numbers that need more lines than it began with."""
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for number in range(200):
        picture = np.zeros((32, 32, 3), np.uint8)
        picture[8:24, number % 20 : number % 20 + 10] = 255
        Image.fromarray(picture).save(pictures / f"{number}.png")
    path = f"{pictures}::32-rgb-fit"
    options = WindowOptions(path=path, size=(1280, 720), screenshot=tmp_path / "shot.png")
    lab = Lab(qtbot, tmp_path / "profile", options)
    column = lab.child("leftColumn", QScrollArea).widget()
    found: list[tuple[int, int]] = []
    lab.shell.settled.connect(
        lambda: found.append((column.height(), column.layout().heightForWidth(column.width())))
    )
    try:
        lab.start()
    finally:
        lab.end()
    height, needed = found[0]
    assert height == needed
