"""What all figures of the Learn workspace have in common."""

from collections.abc import Callable, Iterable
from typing import Protocol, runtime_checkable

from PySide6.QtWidgets import QWidget

from latentlab.ui.learn.classroom import Classroom
from latentlab.ui.theme import LIGHT, Theme, Themed

WIDTH, HEIGHT = 700, 420
"""Pixels in which a figure fits without scrolling, at text scale 1."""


@runtime_checkable
class _Scaled(Protocol):
    def set_text_scale(self, factor: float) -> None: ...


class Figure(QWidget):
    """An interactive figure of a page; derived classes are registered in `FIGURES`.

    Its `minimumSizeHint` is honest and at most WIDTH × HEIGHT times the text scale; it grows with
    the room there is. Numbers on it are never NaN, and infinity is "∞". Timers run only while it is
    visible. One that looks at the model asks the classroom when it is made and when `changed`
    comes, and says that the model is being loaded until there is an answer.
    """

    grows = True
    """Whether more height than it needs is of use to it; else it stands at the top."""

    def __init__(self, classroom: Classroom, parent: QWidget) -> None:
        super().__init__(parent)
        self.classroom = classroom
        self.theme = LIGHT

    def set_theme(self, theme: Theme) -> None:
        """Take these colours, and hand them on to every part that has some."""
        self.theme = theme
        for part in self.children():
            if isinstance(part, Themed):
                part.set_theme(theme)
        self.update()

    def set_text_scale(self, factor: float) -> None:
        """In lecture mode: sizes in pixels of the parts are this many times the usual.

        The application's font, in which labels, controls and what is painted in `font()` are, is
        that much larger already.
        """
        for part in self.children():
            if isinstance(part, _Scaled):
                part.set_text_scale(factor)
        self.updateGeometry()
        self.update()

    def reset(self) -> None:
        """Back to how it was first."""
        raise NotImplementedError(f"{type(self).__name__} cannot be reset")

    def extremes(self) -> Iterable[Callable[[], None]]:
        """The ends of what is dragged on it, each set by a call: a test of all pages tries them.

        Not those of sliders, spin boxes, buttons and lists, which it finds by itself.
        """
        return ()

    def step_forward(self) -> bool:
        """Show the next of the figure's steps; False where there is none left."""
        return False

    def step_back(self) -> bool:
        """Show the step before; False where there is none."""
        return False
