"""Numbers and names as people read them."""

from __future__ import annotations

import math


def number(value: float, digits: int = 4) -> str:
    """Return a number with so many significant digits, without an exponent where that is short."""
    if not math.isfinite(value):
        return "-" if math.isnan(value) else str(value)
    if value == 0.0:
        return "0"
    magnitude = math.floor(math.log10(abs(value)))
    if not -4 <= magnitude < 7:
        return f"{value:.{digits - 1}e}"
    rounded = round(value, digits - 1 - magnitude)
    return f"{rounded:.{max(digits - 1 - magnitude, 0)}f}"


def with_error(value: float, std: float) -> str:
    """Return a value and its standard deviation, as many digits as the latter makes sensible."""
    if not (math.isfinite(std) and std > 0.0 and math.isfinite(value)):
        return number(value)
    last = math.floor(math.log10(std)) - 1
    if not -6 <= last < 6:
        return f"{value:.3g} ± {std:.2g}"
    places = max(-last, 0)
    return f"{round(value, -last):.{places}f} ± {round(std, -last):.{places}f}"


def interval(lower: float, upper: float) -> str:
    """Return the ends of an interval, with digits to tell them apart."""
    return f"{number(lower, 3)} to {number(upper, 3)}"


def percent(share: float) -> str:
    """Return a share between 0 and 1 in per cent; all and nothing only where it is so."""
    if math.isnan(share):
        return "-"
    rounded = round(100.0 * share)
    if rounded == 100 and share < 1.0:
        return "> 99 %"
    if rounded == 0 and share > 0.0:
        return "< 1 %"
    return f"{rounded} %"


def level_in_percent(level: float) -> str:
    """Return the probability of an interval, as in "90 %" or "97.5 %"."""
    return f"{100.0 * level:.6g} %"


def duration(seconds: float) -> str:
    """Return a time in seconds, or in minutes where it is long."""
    if seconds < 10.0:
        return f"{seconds:.1f} s"
    if seconds < 120.0:
        return f"{seconds:.0f} s"
    return f"{int(seconds) // 60} min {int(seconds) % 60} s"


def material(name: str, formula: str) -> str:
    """Return a name and a formula, unless the name has the formula in it.

    Examples
    --------
    >>> material("Gallium nitride", "GaN")
    'Gallium nitride (GaN)'
    """
    return name if formula in name else f"{name} ({formula})"
