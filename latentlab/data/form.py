"""Into what form pictures of any size are brought, and how a name says it."""

import re
from dataclasses import dataclass
from typing import Literal

from latentlab.errors import InputError

Fit = Literal["fit", "crop"]
SIDE_RANGE = (8, 128)
DEFAULT_SIDE = 32

_MARK = "::"
_TEXT = re.compile(r"(\d{1,4})-(grey|rgb)-(fit|crop)(-inverted)?")


@dataclass(frozen=True, slots=True)
class Form:
    """The images that a network is given, all of one form.

    side: height and width in pixels, in SIDE_RANGE. rgb: three channels, else one (ITU-R BT.601
    luma). fit: "fit" shows the whole picture and fills what is left over with the median colour of
    its border; "crop" keeps the square in its middle. inverted: 255 − v in place of v. Raises
    InputError for another side.
    """

    side: int = DEFAULT_SIDE
    rgb: bool = False
    fit: Fit = "fit"
    inverted: bool = False

    def __post_init__(self) -> None:
        low, high = SIDE_RANGE
        if not low <= self.side <= high:
            raise InputError(f"images can have {low} to {high} pixels a side, not {self.side}")

    @property
    def shape(self) -> tuple[int, int, int]:
        """(channels, height, width)."""
        return (3 if self.rgb else 1, self.side, self.side)

    @property
    def text(self) -> str:
        """As it stands in a name, for example "32-rgb-crop-inverted"."""
        colour, end = "rgb" if self.rgb else "grey", "-inverted" if self.inverted else ""
        return f"{self.side}-{colour}-{self.fit}{end}"


def with_form(folder: str, form: Form) -> str:
    """The name that means the pictures of `folder` in this form: "photos::32-rgb-fit"."""
    return f"{folder}{_MARK}{form.text}"


def parted(name: str) -> tuple[str, Form | None]:
    """The folder and the form that `name` says; no form where it says none.

    Raises InputError where it says a form that no images can have.
    """
    folder, mark, text = name.rpartition(_MARK)
    found = _TEXT.fullmatch(text)
    if not mark or found is None:
        return name, None
    side, colour, fit, inverted = found.groups()
    try:
        form = Form(int(side), colour == "rgb", "fit" if fit == "fit" else "crop", bool(inverted))
    except InputError as error:
        raise InputError(f"{name} cannot be opened: {error}.") from error
    return folder, form
