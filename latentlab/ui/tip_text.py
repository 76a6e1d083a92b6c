"""Tooltips that a screen can hold."""

import textwrap

_MOST = 90  # characters


def wrapped(text: str) -> str:
    """Plain `text` in lines of at most 90 characters.

    Qt breaks lines in rich text alone: of a long plain tooltip a laptop shows the beginning.
    """
    return "\n".join(textwrap.fill(line, _MOST) for line in text.split("\n"))
