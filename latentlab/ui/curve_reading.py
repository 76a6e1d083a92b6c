"""What the curves' read-out says of a step."""

from collections.abc import Sequence

from latentlab.training.messages import Curves
from latentlab.ui.curve_lines import PARTS, Kind, Part, nearest, part_of
from latentlab.ui.number_text import fixed
from latentlab.ui.theme import Theme

_NAMES: dict[Part, str] = {"train": "training", "heldout": "held-out"}


def read_off(
    curves: Curves, at: float, kinds: Sequence[Kind], theme: Theme
) -> tuple[str, int] | None:
    """The values of `kinds` nearest to step `at` as rich text, and that step.

    A column for training and one for held-out data, each with the step it is of; None where there
    are no points at all.
    """
    columns: list[tuple[Part, int]] = []
    for part in PARTS:
        index = nearest(part_of(curves, part), at)
        if index is not None:
            columns.append((part, index))
    if not columns:
        return None
    steps = [int(part_of(curves, part).step[index]) for part, index in columns]
    head = "".join(
        f"<td align='right' style='padding-left: 12px'>{_NAMES[part]}, step {step:,}</td>"
        for (part, _), step in zip(columns, steps, strict=True)
    )
    rows = [f"<tr><td></td>{head}</tr>"]
    for kind in kinds:
        colour: str = getattr(theme, kind.colour)
        values = [float(getattr(part_of(curves, part), kind.key)[i]) for part, i in columns]
        cells = "".join(f"<td align='right'>{fixed(value)}</td>" for value in values)
        rows.append(f"<tr><td style='color:{colour}'>{kind.text}</td>{cells}</tr>")
    return f"<table cellspacing='1'>{''.join(rows)}</table>", steps[0]
