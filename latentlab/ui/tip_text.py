"""Tooltips that a screen can hold."""

import textwrap

from PySide6.QtGui import Qt

_MOST = 90  # characters


def wrapped(text: str) -> str:
    """Plain `text` in lines of at most 90 characters; rich text as it is.

    Qt breaks lines in rich text alone: of a long plain tooltip a laptop shows the beginning.
    """
    if Qt.mightBeRichText(text):
        return text
    return "\n".join(textwrap.fill(line, _MOST) for line in text.split("\n"))
