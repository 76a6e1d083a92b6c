"""Handles on a plane of Gaussians, by the mouse and by keys."""

import math

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from latentlab.core.ellipse import LEAST, MOST, REACH, Ellipse
from latentlab.ui.learn.gaussians.pair import GaussianPair
from latentlab.ui.learn.gaussians.plane import GaussianPlane
from latentlab.ui.learn.gaussians.shapes import shapes_of

P = Ellipse((-1.0, 0.5), (1.2, 0.6), 0.4)
Q = Ellipse((1.0, -0.5), (0.8, 0.5), -0.7)


class Board:
    """A plane that shows a pair, between two lines to Tab from and to."""

    def __init__(self, qtbot):
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.pair = GaussianPair(self.window)
        self.before = QLineEdit(self.window)
        self.plane = GaussianPlane("plane", "a plane", self.window)
        self.after = QLineEdit(self.window)
        layout = QVBoxLayout(self.window)
        for widget in (self.before, self.plane, self.after):
            layout.addWidget(widget)
        self.pair.changed.connect(self.show)
        self.plane.dragged.connect(self.pair.drag)
        self.pair.show(P, Q)
        self.window.resize(460, 520)
        self.window.show()
        self.window.activateWindow()
        qtbot.waitUntil(self.window.isActiveWindow)
        self.qtbot = qtbot

    def show(self):
        self.plane.show_shapes(*shapes_of(self.pair.p, self.pair.q))

    @property
    def unit(self):
        """Pixels of one unit of the plane."""
        self.pair.show(Ellipse((0.0, 0.0), P.sigmas), Ellipse((1.0, 0.0), Q.sigmas))
        apart = self.plane.handle_at("q", 0) - self.plane.handle_at("p", 0)
        self.pair.show(P, Q)
        return apart.x()

    def drag(self, name, part, by):
        start = self.plane.handle_at(name, part)
        self.qtbot.mousePress(self.plane, Qt.MouseButton.LeftButton, pos=start.toPoint())
        for share in (0.5, 1.0):
            at = (start + share * QPointF(*by)).toPoint()
            self.qtbot.mouseMove(self.plane, at)
        self.qtbot.mouseRelease(self.plane, Qt.MouseButton.LeftButton, pos=at)

    def key(self, key, modifier=Qt.KeyboardModifier.NoModifier):
        self.qtbot.keyClick(self.plane, key, modifier)


@pytest.fixture
def board(qtbot):
    return Board(qtbot)


def test_a_mean_goes_with_the_mouse(board):
    unit = board.unit
    board.drag("p", 0, (40, -25))
    assert board.pair.p.mean == pytest.approx((-1 + 40 / unit, 0.5 + 25 / unit), abs=1.1 / unit)
    assert (board.pair.p.sigmas, board.pair.p.angle) == (P.sigmas, P.angle)
    assert board.pair.q == Q


@pytest.mark.parametrize(("name", "side"), [("p", 1), ("q", -1)])
def test_an_axis_is_stretched_and_turned(board, name, side):
    ellipse = P if name == "p" else Q
    unit = board.unit
    dx, dy = ellipse.direction(0)
    board.drag(name, 1, (side * 20 * dx, -side * 20 * dy))
    longer = getattr(board.pair, name)
    assert longer.sigmas[0] == pytest.approx(ellipse.sigmas[0] + 20 / unit, abs=2 / unit)
    assert longer.sigmas[1] == ellipse.sigmas[1]
    assert longer.angle == pytest.approx(ellipse.angle, abs=0.05)
    board.drag(name, 1, (-side * 30 * dy, -side * 30 * dx))
    assert getattr(board.pair, name).angle > longer.angle + 0.2


def test_the_second_axis_is_perpendicular(board):
    x, y = P.direction(1)
    board.drag("p", 2, (18 * x, -18 * y))
    assert board.pair.p.sigmas[1] > P.sigmas[1] + 0.2
    assert board.pair.p.sigmas[0] == P.sigmas[0]


def test_nothing_becomes_singular_or_leaves(board):
    centre = board.plane.handle_at("p", 0)
    away = centre - board.plane.handle_at("p", 1)
    board.drag("p", 1, (away.x(), away.y()))
    assert board.pair.p.sigmas[0] == LEAST
    # Its handle is still beside the mean, where it can be taken again.
    apart = board.plane.handle_at("p", 1) - board.plane.handle_at("p", 0)
    assert math.hypot(apart.x(), apart.y()) > 10
    board.drag("p", 1, (300, 300))
    assert board.pair.p.sigmas[0] == MOST
    board.drag("q", 0, (2000, -2000))
    assert board.pair.q.mean == (REACH, REACH)


def test_equals_have_handles_apart(board):
    board.pair.show(P, P)
    x, y = P.direction(0)
    board.drag("q", 1, (-15 * x, 15 * y))
    assert board.pair.p == P
    assert board.pair.q.sigmas[0] > P.sigmas[0]


def test_beside_the_handles_nothing_is_dragged(board):
    board.qtbot.mousePress(board.plane, Qt.MouseButton.LeftButton, pos=QPoint(6, 6))
    board.qtbot.mouseMove(board.plane, QPoint(60, 60))
    board.qtbot.mouseRelease(board.plane, Qt.MouseButton.LeftButton, pos=QPoint(60, 60))
    assert (board.pair.p, board.pair.q) == (P, Q)


def test_the_arrows_move_what_is_ringed(board):
    board.plane.setFocus(Qt.FocusReason.TabFocusReason)
    board.key(Qt.Key.Key_Right)
    board.key(Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert board.pair.p.mean == pytest.approx((-0.9, 0.51))
    board.key(Qt.Key.Key_Tab)
    before = board.pair.p
    x, y = before.direction(0)
    board.key(Qt.Key.Key_Left)
    end = (before.sigmas[0] * x - 0.1, before.sigmas[0] * y)
    assert board.pair.p.sigmas[0] == pytest.approx(math.hypot(*end))
    assert board.pair.p.mean == before.mean
    assert board.pair.q == Q


def test_tab_goes_through_all_handles_and_on(board):
    board.before.setFocus()
    board.qtbot.waitUntil(board.before.hasFocus)
    board.qtbot.keyClick(board.before, Qt.Key.Key_Tab)
    moved = []
    while board.plane.hasFocus():
        board.pair.show(P, Q)
        board.key(Qt.Key.Key_Up)
        moved.append(
            (
                "p" if board.pair.p != P else "q",
                (board.pair.p.mean, board.pair.q.mean) != (P.mean, Q.mean),
            )
        )
        board.key(Qt.Key.Key_Tab)
    assert moved == [(name, mean) for name in "pq" for mean in (True, False, False)]
    assert board.after.hasFocus()
    board.qtbot.keyClick(board.after, Qt.Key.Key_Backtab)
    board.pair.show(P, Q)
    board.key(Qt.Key.Key_Up)
    assert (board.pair.p, board.pair.q.mean) == (P, Q.mean)
    assert board.pair.q != Q


def test_it_is_told_in_words(board):
    assert board.plane.accessibleDescription() == (
        "p: mean (−1.00, 0.50), σ (1.2, 0.6), turned by 23°; "
        "q: mean (1.00, −0.50), σ (0.8, 0.5), turned by 140°"
    )


def test_a_density_is_shaded_where_it_is(board):
    board.pair.show(Ellipse((-2.0, 0.0), (0.5, 0.5)), Ellipse((2.0, 0.0), (0.02, 0.02)))
    image = board.plane.grab().toImage()
    centre = board.plane.handle_at("p", 0)
    near = image.pixelColor((centre + QPointF(11, 3)).toPoint())
    far = image.pixelColor((centre + QPointF(3, 110)).toPoint())
    assert near.lightness() < far.lightness() - 20


def test_in_a_lecture_a_drag_leaves_the_arrows_alone(board):
    board.plane.set_text_scale(1.3)
    board.before.setFocus()
    board.drag("p", 0, (20, 0))
    assert board.pair.p != P
    assert board.before.hasFocus()
    board.plane.set_text_scale(1.0)
    board.drag("p", 0, (20, 0))
    assert board.plane.hasFocus()
