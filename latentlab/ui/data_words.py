"""What is said of a data set."""

from latentlab.data.dataset import DataPair, VectorScale
from latentlab.ui.number_text import significant

_NAMED = 16  # columns in a tooltip


def described_data(pair: DataPair) -> tuple[str, str]:
    """How much there is, in a line or two, and its details."""
    train, test = pair.train, pair.test
    about = f"{train.source}\nLicence: {train.licence}"
    if train.vectors is None:
        line = f"{train.total:,} training, {test.counted} held-out images"
        line += f"\nThe plane shows a sample of {len(train):,}" if train.drawn else ""
        return line, about
    count, details = _vectors(train.vectors)
    line = f"{len(train):,} training, {len(test):,} held-out vectors of {count}"
    return line, f"{about}\n{details}"


def _vectors(scale: VectorScale) -> tuple[str, str]:
    """Their values, and how they were scaled."""
    values = len(scale.low)
    low, high = significant(float(scale.low[0])), significant(float(scale.high[0]))
    same = bool((scale.low == scale.low[0]).all() and (scale.high == scale.high[0]).all())
    count = f"{values:,} values" + (f", {low} to {high}" if same else "")
    each = "" if same else ", each column by its own"
    details = [f"x is scaled from least and largest to [0, 1]{each}, in 256 levels"]
    for name, bottom, top in list(zip(scale.names, scale.low, scale.high, strict=False))[:_NAMED]:
        details.append(f"{name}: {significant(float(bottom), 4)} to {significant(float(top), 4)}")
    if len(scale.names) > _NAMED:
        details.append(f"and {len(scale.names) - _NAMED:,} columns more")
    return count, "\n".join(details)
