"""Development-time script: `python -m latentlab.ui.make_formulas` redraws resources/formulas/.

The app itself draws the finished SVGs, so ziamath is no dependency of it.
"""

import json

from ziamath.config import config
from ziamath.zmath import Latex

from latentlab.paths import RESOURCES

SIZE = 20
"""Pixels per em in the SVGs; formula.py scales from it to the font of the moment."""

# name: (LaTeX, the formula in words for screen readers)
FORMULAS = {
    "reconstruction_bernoulli": (
        r"-E_q \textstyle\sum [\, x \log \hat{x} + (1-x) \log(1-\hat{x}) \,]",
        "minus the expectation under q of the sum over pixels of "
        "x log x-hat plus (1 minus x) log (1 minus x-hat)",
    ),
    "reconstruction_gaussian": (
        r"E_q \frac{\lVert x-\hat{x} \rVert^2}{2\sigma^2} + \frac{D}{2} \log 2\pi\sigma^2",
        "the expectation under q of the squared distance of x and x-hat over 2 sigma squared, "
        "plus D over 2 times log 2 pi sigma squared",
    ),
    "reconstruction_continuous_bernoulli": (
        r"\begin{aligned} -E_q \textstyle\sum [\, & x \log \hat{x} + (1-x) \log(1-\hat{x}) \\"
        r" & + \log C(\hat{x}) \,] \end{aligned}",
        "minus the expectation under q of the sum over pixels of "
        "x log x-hat plus (1 minus x) log (1 minus x-hat) plus log C of x-hat, "
        "the normalising constant",
    ),
    "kl": (
        r"\textstyle\frac{1}{2} \sum\nolimits_k ( e^{s_k} + \mu_k^2 - 1 - s_k ) ,"
        r"\;\; s = \log \sigma^2",
        "half the sum over k of e to the s k plus mu k squared minus 1 minus s k, "
        "with s the log of sigma squared",
    ),
}  # fmt: skip


def main() -> None:
    """Write every SVG, and words.json with the accessible names."""
    config.svg2 = False  # QtSvg draws no <symbol>
    folder = RESOURCES / "formulas"
    folder.mkdir(parents=True, exist_ok=True)
    for name, (latex, _) in FORMULAS.items():
        svg = Latex(latex, size=SIZE, color="currentColor").svg()
        (folder / f"{name}.svg").write_text(f"{svg}\n", encoding="utf-8")
    words = {name: words for name, (_, words) in FORMULAS.items()}
    (folder / "words.json").write_text(json.dumps(words, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
