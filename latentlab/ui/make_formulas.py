"""Development-time script: `python -m latentlab.ui.make_formulas` redraws resources/formulas/.

The app itself draws the finished SVGs, so ziamath is no dependency of it. The formulas are in
formulas.toml there.
"""

import json
import tomllib
from collections.abc import Mapping

from latentlab.paths import RESOURCES

SIZE = 20
"""Pixels per em in the SVGs; formula.py scales from it to the font of the moment."""

FOLDER = RESOURCES / "formulas"


def formulas() -> dict[str, Mapping[str, str]]:
    """By name: "latex", and "words" for screen readers."""
    source = (FOLDER / "formulas.toml").read_text(encoding="utf-8")
    return {name: {key: entry[key] for key in ("latex", "words")}
            for name, entry in tomllib.loads(source).items()}  # fmt: skip


def drawn(latex: str) -> str:
    """The formula as SVG in currentColor, its baseline at y = 0."""
    from ziamath.config import config  # noqa: PLC0415
    from ziamath.zmath import Latex  # noqa: PLC0415

    config.svg2 = False  # QtSvg draws no <symbol>
    svg: str = Latex(latex, size=SIZE, color="currentColor").svg()
    return f"{svg}\n"


def main() -> None:
    """Write every SVG, drop those of no formula, and write words.json."""
    found = formulas()
    for path in FOLDER.glob("*.svg"):
        if path.stem not in found:
            path.unlink()
    for name, entry in found.items():
        (FOLDER / f"{name}.svg").write_text(drawn(entry["latex"]), encoding="utf-8")
    words = {name: entry["words"] for name, entry in found.items()}
    (FOLDER / "words.json").write_text(json.dumps(words, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
