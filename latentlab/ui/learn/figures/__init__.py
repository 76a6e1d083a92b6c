"""The figures of the Learn workspace, by the names that pages call them; sorted by page."""

from latentlab.ui.learn.figure import Figure

FIGURES: dict[str, type[Figure]] = {}
