"""The pages of the Learn workspace, read from Markdown: a page is added by adding a file.

A file is `NN-name.md` in a folder of a language. Its form:

    # Title

    A paragraph with **bold**, *italics* and the formula {f:kl_discrete} in the midst of it.

    ## A heading

    {formula: kl_discrete}
    {figure: discrete-kl}
    {try: compare | Try it in Compare}

    ## Questions
    ### A question?
    - [x] A right answer :: the reason why
    - [ ] A wrong answer :: the reason why not
    > A hint
"""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, get_args

from latentlab.app.state import Workspace
from latentlab.errors import InputError
from latentlab.paths import RESOURCES

_FILE = re.compile(r"([0-9]{2})-([a-z0-9-]+)\.md")
_BLOCK = re.compile(r"\{(formula|figure|try):(.*)\}")
INLINE = re.compile(r"\{f:([^{}]*)\}")
"""A formula in running text; its name."""
_NAME = re.compile(r"[a-z0-9_-]+")
_ANSWER = re.compile(r"- \[([x ])\] (.*)")
_QUESTIONS = "Questions"


@dataclass(frozen=True, slots=True)
class Text:
    """One paragraph, or lines of a list, in Markdown; {f:name} stands for a formula in it."""

    markdown: str

    @property
    def formulas(self) -> tuple[str, ...]:
        """The names of the formulas in it."""
        return tuple(INLINE.findall(self.markdown))


@dataclass(frozen=True, slots=True)
class Heading:
    """Of what follows."""

    text: str


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula on a line of its own, by its name in resources/formulas/."""

    name: str


@dataclass(frozen=True, slots=True)
class FigureName:
    """Where a figure stands, by its name in `FIGURES`."""

    name: str


@dataclass(frozen=True, slots=True)
class TryIt:
    """A way to the workspace where the idea lives."""

    workspace: Workspace
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One to choose. reason: why it is right, or why not."""

    text: str
    right: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Question:
    """With at least one right answer and one wrong one. hint: or ""."""

    text: str
    answers: tuple[Answer, ...]
    hint: str


Part: TypeAlias = Text | Heading | Formula | FigureName | TryIt


@dataclass(frozen=True, slots=True)
class Page:
    """A page that can be read. name: the file's, without the number, the same in all languages."""

    number: int
    name: str
    title: str
    parts: tuple[Part, ...]
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class BrokenPage:
    """A page with a mistake. sentence: which file and line, what is wrong, and what to do."""

    number: int
    name: str
    sentence: str

    @property
    def title(self) -> str:
        """What the contents list says."""
        return self.name.replace("-", " ")


def pages_folder() -> Path:
    """Where the pages are."""
    return RESOURCES / "learn" / "en"


def read_pages(
    folder: Path, formulas: Collection[str], figures: Collection[str]
) -> tuple[Page | BrokenPage, ...]:
    """All pages of a folder in their order; one with a mistake does not keep the others closed.

    formulas, figures: the names there are. Raises InputError where there is no page at all.
    """
    found: list[Page | BrokenPage] = []
    for path in sorted(folder.glob("*.md")):
        match = _FILE.fullmatch(path.name)
        if match is None:
            continue
        number, name = int(match[1]), match[2]
        try:
            found.append(read_page(path, formulas, figures))
        except InputError as error:
            found.append(BrokenPage(number, name, str(error)))
    if not found:
        raise InputError(f"{folder} has no page, such as 01-name.md: install latentlab again.")
    return tuple(found)


def read_page(path: Path, formulas: Collection[str], figures: Collection[str]) -> Page:
    """One page. Raises InputError, with the file and the line, for one that is not as it must be.

    Formulas and figures must be among the names given.
    """
    match = _FILE.fullmatch(path.name)
    if match is None:
        raise InputError(f"{path.name} is no page: call it NN-name.md.")
    try:
        source = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path.name} is not UTF-8: save it as that.") from error
    reader = _Reader(path.name, source, formulas, figures)
    return reader.page(int(match[1]), match[2])


class _Reader:
    """Reads one file block by block; a block is what stands between empty lines."""

    def __init__(
        self, file: str, source: str, formulas: Collection[str], figures: Collection[str]
    ) -> None:
        self._file = file
        self._formulas = formulas
        self._figures = figures
        self._title = ""
        self._parts: list[Part] = []
        self._questions: list[Question] = []
        self._asking = False
        self._lines = list(enumerate(source.splitlines(), start=1))

    def page(self, number: int, name: str) -> Page:
        for block in _blocks(self._lines):
            self._take(block)
        if not self._title:
            raise self._wrong(1, "the page has no title", "begin it with # Title")
        if not self._parts:
            raise self._wrong(len(self._lines) or 1, "the page is empty", "write something")
        return Page(number, name, self._title, tuple(self._parts), tuple(self._questions))

    def _take(self, block: list[tuple[int, str]]) -> None:
        line, first = block[0]
        single = len(block) == 1
        if first.startswith("# "):
            if self._title or not single:
                raise self._wrong(line, "there may be one title", "use ## for a heading")
            self._title = self._checked(line, first[2:])
        elif not self._title:
            raise self._wrong(line, "something stands before the title", "begin with # Title")
        elif first.startswith("## "):
            self._head(line, first[3:].strip())
            if not single:
                self._take(block[1:])
        elif self._asking:
            self._ask(block)
        elif single and (match := _BLOCK.fullmatch(first)) is not None:
            self._parts.append(self._block(line, match[1], match[2].strip()))
        else:
            for each, text in block:
                if text.startswith(("{formula", "{figure", "{try")):
                    raise self._wrong(
                        each, f"{text} is not closed or not alone", "put empty lines around it"
                    )
                self._checked(each, text)
            self._parts.append(Text("\n".join(text for _, text in block)))

    def _head(self, line: int, text: str) -> None:
        if text == _QUESTIONS:
            self._asking = True
        elif self._asking:
            raise self._wrong(line, "a heading follows the questions", "put the questions last")
        else:
            self._parts.append(Heading(self._checked(line, text)))

    def _block(self, line: int, kind: str, rest: str) -> Part:
        if kind == "formula":
            return Formula(self._known(line, "formula", rest, self._formulas))
        if kind == "figure":
            return FigureName(self._known(line, "figure", rest, self._figures))
        workspace, bar, text = (part.strip() for part in rest.partition("|"))
        if not bar or not text:
            raise self._wrong(line, "the link has no text", "write {try: explore | Try it}")
        for known in get_args(Workspace):
            if workspace == known:
                return TryIt(known, text)
        names = ", ".join(get_args(Workspace))
        raise self._wrong(line, f"there is no workspace {workspace!r}", f"choose of {names}")

    def _ask(self, block: list[tuple[int, str]]) -> None:
        line, first = block[0]
        if not first.startswith("### "):
            raise self._wrong(line, "this belongs to no question", "begin one with ### Question?")
        answers: list[Answer] = []
        hint: list[str] = []
        for each, text in block[1:]:
            match = _ANSWER.fullmatch(text)
            if match is not None:
                answer, colons, reason = (part.strip() for part in match[2].partition("::"))
                if not colons or not answer or not reason:
                    raise self._wrong(each, "the answer has no reason", "write: answer :: reason")
                self._checked(each, text)
                answers.append(Answer(answer, match[1] == "x", reason))
            elif text.startswith("> "):
                hint.append(self._checked(each, text[2:]))
            else:
                raise self._wrong(
                    each, "this is neither answer nor hint", "begin it with - [x], - [ ] or >"
                )
        if {answer.right for answer in answers} != {True, False}:
            raise self._wrong(
                line, "the question needs a right and a wrong answer", "add - [x] and - [ ]"
            )
        question = self._checked(line, first[4:])
        self._questions.append(Question(question, tuple(answers), " ".join(hint)))

    def _checked(self, line: int, text: str) -> str:
        """The text, whose formulas are all there."""
        for name in INLINE.findall(text):
            self._known(line, "formula", name, self._formulas)
        if "{" in INLINE.sub("", text):
            raise self._wrong(line, f"a brace begins nothing known in {text!r}", "use {f:name}")
        return text.strip()

    def _known(self, line: int, what: str, name: str, names: Collection[str]) -> str:
        if _NAME.fullmatch(name) is None or name not in names:
            raise self._wrong(line, f"there is no {what} {name!r}", f"check the {what}'s name")
        return name

    def _wrong(self, line: int, what: str, remedy: str) -> InputError:
        return InputError(f"{self._file}, line {line}: {what}; {remedy}.")


def _blocks(lines: Iterable[tuple[int, str]]) -> Iterable[list[tuple[int, str]]]:
    block: list[tuple[int, str]] = []
    for number, line in lines:
        if line.strip():
            block.append((number, line.rstrip()))
        elif block:
            yield block
            block = []
    if block:
        yield block


def with_formulas(markdown: str, spoken: Callable[[str], str]) -> str:
    """The text with each {f:name} replaced by what `spoken` makes of the name."""
    return INLINE.sub(lambda match: spoken(match[1]), markdown)
