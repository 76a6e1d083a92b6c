from latentlab.ui.tip_text import wrapped


def test_long_lines_are_broken_between_words_and_short_ones_kept() -> None:
    text = "Drag around points to choose them. " * 10
    lines = wrapped(text).split("\n")
    assert len(lines) > 3
    assert max(map(len, lines)) <= 90
    assert " ".join(lines) == text.strip()
    assert wrapped("One line\nand another") == "One line\nand another"
