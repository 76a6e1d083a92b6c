"""The sentence under a network follows from its figures alone."""

import math
import re
from dataclasses import replace

import pytest

from latentlab.core.regime import Regime
from latentlab.training.messages import Figures
from latentlab.ui.compare.words import objective, readings, seen

BOTH = Figures(
    step=500, count=10_000, reconstruction=150.0, kl=5.6, mean_sigma=0.12, kl_aggregate=0.7,
    mutual_information=4.9, holes=0.01, active_units=2, decoded_spread=0.08,
)  # fmt: skip
ALONE = replace(BOTH, kl=66.0, mean_sigma=0.004, kl_aggregate=57.0, holes=0.94)
COLLAPSED = replace(BOTH, kl=0.0, mean_sigma=1.0, kl_aggregate=0.0, mutual_information=0.0)


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        (BOTH, ["Near the prior (0.7 nats) and informative", "4.9 nats about x"]),
        (ALONE, ["σ narrows (mean 0.004)", "57.0 nats from the prior", "94 % of the prior is"]),
        (
            replace(ALONE, mean_sigma=0.15, kl_aggregate=1.7),
            ["It tells images apart, but q(z) is 1.7 nats"],
        ),
        (COLLAPSED, ["matches perfectly", "Matching the prior alone is not enough"]),
        (replace(COLLAPSED, decoded_spread=0.004), ["every z decodes to the same image"]),
        (
            replace(ALONE, kl=math.inf, kl_aggregate=math.inf, mean_sigma=0.0, holes=1.0),
            ["Codes are points", "100 % of the prior is holes"],
        ),
        (replace(BOTH, mutual_information=0.4), ["but z tells only 0.4 nats about x"]),
        (replace(COLLAPSED, step=0), ["lie on the prior", "no step has been taken yet"]),
        (replace(COLLAPSED, step=12), ["lie on the prior", "it is only at step 12"]),
        (
            replace(ALONE, step=0, kl=math.inf, kl_aggregate=math.inf, mean_sigma=0.0),
            ["Codes are points", "no step has been taken yet"],
        ),
        (None, ["being computed"]),
    ],
)
def test_the_sentence(figures: Figures | None, words: list[str]) -> None:
    for part in words:
        assert part in seen(figures)


def test_every_figure_says_what_it_is_and_of_how_many_images() -> None:
    shown = {reading.name: reading for reading in readings(BOTH)}
    assert shown["KL"].value == "5.60"
    assert shown["I(x; z)"].value == "4.90"
    assert shown["N"].value == "10,000"
    assert "at most log N = 9.21" in shown["I(x; z)"].tip
    for reading in shown.values():
        assert reading.tip
        of = re.search(r"10,000 (training )?images|N = 10,000", reading.tip)
        assert of or reading.name == "N"
    infinite = {r.name: r.value for r in readings(replace(BOTH, kl=math.inf))}
    assert infinite["KL"] == "∞"


def test_no_figures_are_dashes() -> None:
    assert {reading.value for reading in readings(None)} == {"–"}


def test_figures_of_the_past_say_of_which_images_they_are_and_what_is_not_kept() -> None:
    then = replace(BOTH, count=2_000, split="test", reconstruction=None, decoded_spread=None)
    shown = {reading.name: reading for reading in readings(then)}
    assert shown["reconstruction"].value == "–"
    assert shown["N"].value == "2,000 test"
    for name in ("reconstruction", "KL"):
        assert "N = 2,000 test images" in shown[name].tip
    # Whether all z decode to the same is not told by posteriors alone.
    assert seen(replace(COLLAPSED, decoded_spread=None)) == (
        "Collapsed onto the prior, knowing nothing of x."
    )


@pytest.mark.parametrize(
    ("noise", "words"), [(1.0, "rec + KL"), (0.0, "rec + KL, z = μ"), (0.5, "z = μ + 0.5·σ·ε")]
)
def test_the_objective_says_how_z_comes_about(noise: float, words: str) -> None:
    assert words in objective(Regime(noise=noise))
