"""The figures of the Learn workspace, by the names that pages call them; sorted by page."""

from latentlab.ui.learn.figure import Figure
from latentlab.ui.learn.figures.die import DieFigure
from latentlab.ui.learn.figures.joint_table import JointTable

FIGURES: dict[str, type[Figure]] = {
    # page 1
    "joint-table": JointTable,
    "die": DieFigure,
}
