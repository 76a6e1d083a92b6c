"""Pages from Markdown: what they hold, and one clear sentence for each mistake."""

from pathlib import Path

import pytest

from latentlab.app.lesson import (
    Answer,
    BrokenPage,
    FigureName,
    Formula,
    Heading,
    Page,
    Question,
    Text,
    TryIt,
    pages_folder,
    read_page,
    read_pages,
)
from latentlab.errors import InputError

GOOD = """# A title

A paragraph with **bold** and {f:kl}
over two lines.

## A heading

{formula: kl}

{figure: bars}

- one
- two

{try: compare | Try it in Compare}

## Questions

### Is it {f:kl}?
- [x] Yes :: Because of {f:kl}.
- [ ] No :: Look again.
> Look at
> the figure.

### And this?
- [ ] No :: No.
- [x] Yes :: Yes.
"""


def read(folder: Path, source: str, name: str = "02-kl.md") -> Page:
    path = folder / name
    path.write_text(source, encoding="utf-8")
    return read_page(path, {"kl"}, {"bars"})


def test_a_page_has_all_its_parts_in_their_order(tmp_path: Path) -> None:
    page = read(tmp_path, GOOD)
    assert (page.number, page.name, page.title) == (2, "kl", "A title")
    assert page.parts == (
        Text("A paragraph with **bold** and {f:kl}\nover two lines."),
        Heading("A heading"),
        Formula("kl"),
        FigureName("bars"),
        Text("- one\n- two"),
        TryIt("compare", "Try it in Compare"),
    )
    yes = Answer("Yes", True, "Because of {f:kl}.")
    no = Answer("No", False, "Look again.")
    assert page.questions[0] == Question("Is it {f:kl}?", (yes, no), "Look at the figure.")
    assert page.questions[1].hint == ""


@pytest.mark.parametrize(
    ("source", "line", "what"),
    [
        ("A text.\n", 1, "before the title"),
        ("", 1, "no title"),
        ("# T\n", 1, "empty"),
        ("# T\n\n# T\n", 3, "one title"),
        ("# T\n\nText.\n\n{formula: lk}\n", 5, "no formula 'lk'"),
        ("# T\n\n{figure: lk}\n", 3, "no figure 'lk'"),
        ("# T\n\nOne line\nand {f:lk}.\n", 4, "no formula 'lk'"),
        ("# T\n\nText {g:kl}.\n", 3, "nothing known"),
        ("# T\n\nText\n{figure: bars}\n", 4, "not alone"),
        ("# T\n\n{figure: bars\n", 3, "not closed"),
        ("# T\n\n{try: explore}\n", 3, "no text"),
        ("# T\n\n{try: exlpore | Go}\n", 3, "no workspace 'exlpore'"),
        ("# T\n\nText\n\n## Questions\n\nText\n", 7, "no question"),
        ("# T\n\nText\n\n## Questions\n\n### Q?\n- [x] Yes\n", 8, "no reason"),
        ("# T\n\nText\n\n## Questions\n\n### Q?\n- [x] Yes :: Yes\n", 7, "a wrong answer"),
        ("# T\n\nText\n\n## Questions\n\n### Q?\nYes :: Yes\n", 8, "neither answer nor hint"),
        ("# T\n\nText\n\n## Questions\n\n## More\n", 7, "follows the questions"),
    ],
)
def test_a_mistake_is_one_sentence_with_file_and_line(
    tmp_path: Path, source: str, line: int, what: str
) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, source)
    sentence = str(caught.value)
    assert sentence.startswith(f"02-kl.md, line {line}: ")
    assert what in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_a_page_with_a_mistake_does_not_keep_the_others_closed(tmp_path: Path) -> None:
    (tmp_path / "01-good.md").write_text("# Good\n\nText.\n", encoding="utf-8")
    (tmp_path / "02-bad-one.md").write_text("Text.\n", encoding="utf-8")
    (tmp_path / "03-latin.md").write_bytes("# Grün\n\nText.\n".encode("latin-1"))
    (tmp_path / "README.md").write_text("no page\n", encoding="utf-8")
    pages = read_pages(tmp_path, (), ())
    assert [page.number for page in pages] == [1, 2, 3]
    assert isinstance(pages[0], Page)
    assert isinstance(pages[1], BrokenPage)
    assert pages[1].title == "bad one"
    assert "02-bad-one.md, line 1" in pages[1].sentence
    assert isinstance(pages[2], BrokenPage)
    assert "03-latin.md is not UTF-8" in pages[2].sentence


def test_a_folder_without_pages_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no page"):
        read_pages(tmp_path, (), ())


def test_the_shipped_pages_are_numbered_once_each() -> None:
    names = [path.name for path in sorted(pages_folder().glob("*.md"))]
    numbers = [name[:2] for name in names]
    assert numbers
    assert len(set(numbers)) == len(numbers)
