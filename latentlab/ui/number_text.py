"""Numbers as people read them: a real minus sign, ∞, powers of ten."""

import math
from collections.abc import Iterable, Sequence

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def _odd(value: float) -> str | None:
    if math.isnan(value):
        return "not a number"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    return None


def fixed(value: float, decimals: int = 2) -> str:
    """With this many decimals: "−1.20". Never "−0.00"."""
    # Adding 0.0 turns −0.0 into 0.0.
    return _odd(value) or f"{round(value, decimals) + 0.0:.{decimals}f}".replace("-", "−")


def signed(value: float) -> str:
    """With its sign unless it is 0, and decimals that leave it short: "+2.45", "−17.1"."""
    if not math.isfinite(value) or abs(value) >= 1e5:
        return significant(value)
    text = fixed(value, 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0)
    return text if text.startswith("−") or text == "0.00" else f"+{text}"


def coordinate(value: float) -> str:
    """A latent coordinate: three decimals, fewer for large ones, so that it is never long."""
    if not math.isfinite(value):
        return fixed(value)
    magnitude = math.floor(math.log10(max(abs(value), 1.0)))
    return fixed(value, max(0, 3 - magnitude))


def significant(value: float, digits: int = 3) -> str:
    """With this many significant digits: "0.0312", "1.2·10⁻⁶"."""
    odd = _odd(value)
    if odd is not None:
        return odd
    mantissa, _, exponent = f"{value + 0.0:.{digits}g}".partition("e")
    mantissa = mantissa.replace("-", "−")
    if not exponent:
        return mantissa
    return f"{mantissa}·10{str(int(exponent)).translate(_SUPERSCRIPTS)}"


def fixed_tuple(values: Iterable[float], decimals: int = 2) -> str:
    """For example "(0.41, −1.20)"."""
    return f"({', '.join(fixed(value, decimals) for value in values)})"


def brief_tuple(values: Sequence[float], most: int = 2) -> str:
    """The same, or with "…" in place of what is more than `most`: "(0.4, −1.2, …)"."""
    shown = [fixed(value, 2 if len(values) <= most else 1) for value in values[:most]]
    return f"({', '.join(shown)}{', …' if len(values) > most else ''})"


def signed_tuple(values: Iterable[float]) -> str:
    """For example "(+2.45, −17.1)"."""
    return f"({', '.join(signed(value) for value in values)})"


def coordinate_tuple(values: Iterable[float]) -> str:
    """For example "(0.412, −1.200)"."""
    return f"({', '.join(coordinate(value) for value in values)})"


def significant_tuple(values: Iterable[float], digits: int = 3) -> str:
    """For example "(0.0312, 0.024)"."""
    return f"({', '.join(significant(value, digits) for value in values)})"
