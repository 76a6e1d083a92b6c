"""The course as it is shipped."""

import pytest

from latentlab.app.lesson import FigureName, Page, TryIt, pages_folder, read_pages
from latentlab.ui.formula import formula_names
from latentlab.ui.learn.figures import FIGURES

PAGES = read_pages(pages_folder(), formula_names(), FIGURES)


def test_it_has_its_twelve_pages() -> None:
    assert [page.number for page in PAGES] == list(range(1, 13))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_page_has_a_figure_a_way_on_and_questions(page: object) -> None:
    assert isinstance(page, Page)
    assert any(isinstance(part, FigureName) for part in page.parts)
    assert any(isinstance(part, TryIt) for part in page.parts)
    assert 2 <= len(page.questions) <= 3
    for question in page.questions:
        assert question.hint
        assert sum(answer.right for answer in question.answers) == 1
        assert all(answer.reason for answer in question.answers)
