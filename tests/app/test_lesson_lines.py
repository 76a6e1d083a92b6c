"""Derivations as they are written."""

import pytest

from latentlab.app.lesson import pages_folder
from latentlab.app.lesson_lines import Line, Side, read_lines
from latentlab.errors import InputError


def written(tmp_path, text):
    path = tmp_path / "lines.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_line_has_a_formula_and_a_reason_and_may_have_more(tmp_path):
    path = written(
        tmp_path,
        """
        [[line]]
        formula = "a"
        why = "so"

        [[line]]
        formula = "b"
        why = "hence"
        title = "B"
        value = "bee"
        enters = "there"
        [[line.side]]
        formula = "c"
        value = "sea"
        """,
    )
    assert read_lines(path) == (
        Line("a", "so"),
        Line("b", "hence", "B", "bee", (Side("c", "sea"),), "there"),
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "line = 3",
        "[[line]]\nformula = 'a'",
        "[[line]]\nformula = 'a'\nwhy = 'b'\n[[line.side]]\nformula = 'c'",
        "[[line]]\nformula = 'a'\nwhy = 'b'\nside = 3",
        "[[line",
    ],
)
def test_what_is_no_derivation_is_told_in_a_sentence(tmp_path, text):
    with pytest.raises(InputError, match=r"lines\.toml has no lines of a derivation"):
        read_lines(written(tmp_path, text))


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match=r"nothing\.toml"):
        read_lines(tmp_path / "nothing.toml")


def test_all_that_are_shipped_can_be_read():
    found = sorted((pages_folder() / "lines").glob("*.toml"))
    assert found
    for path in found:
        assert len(read_lines(path)) > 1
