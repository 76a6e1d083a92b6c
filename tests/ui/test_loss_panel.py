import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit, QSlider
from pytestqt.qtbot import QtBot

from latentlab.core.spec import Likelihood, LossWeights
from latentlab.training.messages import Terms
from latentlab.ui.formula import FormulaLabel
from latentlab.ui.loss_panel import NOTHING, LossPanel
from latentlab.ui.theme import DARK, LIGHT
from tests.ui.themes import dress

LEFT = Qt.MouseButton.LeftButton
SIGNALS = (
    "reconstructionSwitched",
    "klSwitched",
    "betaChanged",
    "likelihoodChosen",
    "varianceChanged",
    "regimeChosen",
)


@pytest.fixture
def panel(qtbot: QtBot) -> LossPanel:
    panel = LossPanel()
    qtbot.addWidget(panel)
    panel.resize(270, panel.sizeHint().height())
    panel.show()
    return panel


def text(panel: LossPanel, name: str) -> str:
    label = panel.findChild(QLabel, name)
    assert label is not None
    return label.text()


@pytest.mark.parametrize(
    ("name", "signal"),
    [("reconstructionToggle", "reconstructionSwitched"), ("klToggle", "klSwitched")],
)
def test_switches_by_mouse_and_keyboard(
    qtbot: QtBot, panel: LossPanel, name: str, signal: str
) -> None:
    toggle = panel.findChild(QAbstractButton, name)
    assert toggle is not None
    with qtbot.waitSignal(getattr(panel, signal)) as said:
        qtbot.mouseClick(toggle, LEFT)
    assert said.args == [False]
    with qtbot.waitSignal(getattr(panel, signal)) as said:
        qtbot.keyClick(toggle, Qt.Key.Key_Space)
    assert said.args == [True]


def test_values_are_of_the_right_data(panel: LossPanel) -> None:
    panel.show_weights(LossWeights(beta=4.0))
    panel.show_terms(Terms(131.42, 6.31), Terms(133.01, 6.28))
    assert text(panel, "reconstructionToggleValue") == "131.42"
    assert text(panel, "reconstructionToggleSplit") == "train 131.42 · held-out 133.01 nats"
    assert text(panel, "klToggleSplit") == "train 6.31 · held-out 6.28 nats"
    # 131.42 + 4 · 6.31 and 131.42 + 6.31.
    assert text(panel, "objectiveText") == "minimising rec + 4·KL = 156.7 nats, training"
    assert text(panel, "elboText") == "−ELBO = 137.7 nats, training"


def test_a_warm_up_is_part_of_the_objective(panel: LossPanel) -> None:
    warm_up = panel.findChild(QLabel, "warmUpText")
    assert warm_up is not None
    panel.show_weights(LossWeights(beta=4.0))
    panel.show_terms(Terms(100.0, 10.0), None)
    panel.show_kl_factor(0.2468)
    # 100 + 0.2468 · 4 · 10, with the weight in two digits: 0.25 · 4.
    assert text(panel, "objectiveText") == "minimising rec + KL = 109.9 nats, training"
    assert warm_up.isVisible()
    assert warm_up.text() == "The long run warms KL up: 0.25·β is its weight now"
    assert text(panel, "elboText") == "−ELBO = 110.0 nats, training"
    panel.show_weights(LossWeights(kl_on=False))
    assert text(panel, "objectiveText") == "minimising rec = 100.0 nats, training"
    assert not warm_up.isVisible()
    panel.show_weights(LossWeights())
    assert text(panel, "objectiveText") == "minimising rec + 0.25·KL = 102.5 nats, training"
    assert warm_up.isVisible()
    panel.show_kl_factor(1.0)
    assert text(panel, "objectiveText") == "minimising rec + KL = 110.0 nats, training"
    assert not warm_up.isVisible()


def test_before_a_step_the_values_are_held_out_and_say_so(panel: LossPanel) -> None:
    panel.show_terms(None, Terms(133.0, 6.0))
    assert text(panel, "objectiveText") == "minimising rec + KL = 139.0 nats, held-out"
    assert text(panel, "elboText") == "−ELBO = 139.0 nats, held-out"


def test_both_off_says_that_there_is_nothing_to_minimise(panel: LossPanel) -> None:
    panel.show_terms(Terms(1.0, 2.0), None)
    panel.show_weights(LossWeights(reconstruction_on=False, kl_on=False))
    assert text(panel, "objectiveText") == NOTHING
    # −ELBO is what it was: its weights are always 1.
    assert text(panel, "elboText") == "−ELBO = 3.0 nats, training"


def test_beta_slider_and_field_say_the_same(qtbot: QtBot, panel: LossPanel) -> None:
    slider = panel.findChild(QSlider, "betaSlider")
    field = panel.findChild(QLineEdit, "betaValue")
    assert slider is not None
    assert field is not None
    with qtbot.waitSignal(panel.betaChanged) as said:
        qtbot.keyClick(slider, Qt.Key.Key_PageUp)
    assert said.args == [pytest.approx(10.0), True]
    assert field.text() == "10"
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "5000")
    with qtbot.waitSignal(panel.betaChanged) as said:
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert said.args == [5000.0, True]
    assert slider.value() == slider.maximum()


def test_the_likelihood_brings_its_formula_and_its_variance(qtbot: QtBot, panel: LossPanel) -> None:
    choice = panel.findChild(QComboBox, "likelihoodChoice")
    variance = panel.findChild(QSlider, "varianceSlider")
    assert choice is not None
    assert variance is not None
    assert not variance.isEnabled()
    with qtbot.waitSignal(panel.likelihoodChosen) as said:
        qtbot.keyClick(choice, Qt.Key.Key_Down)
    assert said.args == ["gaussian"]
    panel.show_likelihood(Likelihood("gaussian", 0.1))
    assert variance.isEnabled()
    formulas = [label.formula for label in panel.findChildren(FormulaLabel)]
    assert formulas == ["reconstruction_gaussian", "kl"]
    with qtbot.waitSignal(panel.varianceChanged) as said:
        qtbot.keyClick(variance, Qt.Key.Key_PageDown)
    assert said.args == [pytest.approx(0.01), True]


@pytest.mark.parametrize("key", ["reconstruction", "kl", "both"])
def test_regimes(qtbot: QtBot, panel: LossPanel, key: str) -> None:
    button = panel.findChild(QAbstractButton, f"regime_{key}")
    assert button is not None
    with qtbot.waitSignal(panel.regimeChosen) as said:
        qtbot.mouseClick(button, LEFT)
    assert said.args == [key]
    panel.show_weights(LossWeights(reconstruction_on=key != "kl", kl_on=key != "reconstruction"))
    chosen = [b.objectName() for b in panel.findChildren(QAbstractButton) if b.isChecked()]
    assert [name for name in chosen if name.startswith("regime_")] == [f"regime_{key}"]


def test_showing_says_nothing(qtbot: QtBot, panel: LossPanel) -> None:
    said: list[str] = []
    for name in SIGNALS:
        getattr(panel, name).connect(lambda *_, name=name: said.append(name))
    panel.show_weights(LossWeights(False, False, 1.0, 0.3))
    panel.show_likelihood(Likelihood("gaussian", 3.0))
    panel.show_likelihood(Likelihood("continuous_bernoulli"))
    panel.show_terms(Terms(float("nan"), float("inf")), None)
    dress(panel, DARK)
    assert said == []


def test_each_term_has_its_colour_and_loses_it_when_off(panel: LossPanel) -> None:
    for theme in (LIGHT, DARK):
        dress(panel, theme)
        for name, role in (("reconstructionToggle", "reconstruction"), ("klToggle", "kl")):
            toggle = panel.findChild(QAbstractButton, name)
            assert toggle is not None
            for on in (True, False):
                panel.show_weights(LossWeights(reconstruction_on=on, kl_on=on))
                image = toggle.grab().toImage()
                points = ((x, y) for x in range(image.width()) for y in range(image.height()))
                colours = {image.pixelColor(x, y).name() for x, y in points}
                assert (getattr(theme, role) in colours) == on


def test_it_fits_the_column(panel: LossPanel) -> None:
    panel.show_terms(Terms(-12345.678, 12345.678), Terms(-12345.678, 12345.678))
    for name in ("bernoulli", "gaussian", "continuous_bernoulli"):
        panel.show_likelihood(Likelihood(name))
        assert panel.minimumSizeHint().width() <= 280


def test_where_nothing_trains_the_elbo_says_by_which_likelihood(panel: LossPanel) -> None:
    panel.set_trains(False)
    panel.show_terms(None, Terms(100.0, 10.0))
    assert text(panel, "elboText") == "−ELBO = 110.0 nats, held-out; p(x|z): Bernoulli"
    panel.show_likelihood(Likelihood("gaussian", 0.05))
    assert text(panel, "elboText").endswith("; p(x|z): Gaussian, σ² = 0.05")
    assert panel.findChild(QLabel, "objectiveText").isHidden()
    panel.set_trains(True)
    assert not panel.findChild(QLabel, "objectiveText").isHidden()
