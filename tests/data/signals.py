"""Vectors for tests, made anew: sines with noise, and a table of features."""

from pathlib import Path

import numpy as np

FEATURES = ("sepal length", "sepal width", "height", "petals")


def sines(count: int, values: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """(count, values) of one to three periods, and how many each has."""
    rng = np.random.default_rng(seed)
    periods, phase = rng.integers(1, 4, count), rng.uniform(0, 2 * np.pi, count)
    angle = 2 * np.pi * np.outer(periods, np.linspace(0, 1, values)) + phase[:, None]
    return np.sin(angle) + rng.normal(0, 0.1, (count, values)), periods


def write_sines(path: Path, count: int = 120, values: int = 70) -> np.ndarray:
    """Sines as CSV without a heading."""
    rows, _ = sines(count, values)
    np.savetxt(path, rows, "%.6f", ",")
    return rows


def write_table(path: Path, count: int = 90) -> tuple[np.ndarray, list[str]]:
    """Four features of different units, and a column of text at the end that nothing names."""
    rng = np.random.default_rng(1)
    kinds = [("setosa", "virginica", "猫")[n % 3] for n in range(count)]
    rows = rng.normal([5.0, 0.3, 4000.0, 5.0], [0.4, 0.02, 900.0, 0.0], (count, 4))
    lines = [",".join((*FEATURES, "species"))]
    lines += [
        ",".join([*(f"{value:.6g}" for value in row), kind])
        for row, kind in zip(rows, kinds, strict=True)
    ]
    path.write_text("\n".join(lines), "utf-8")
    return rows, kinds
