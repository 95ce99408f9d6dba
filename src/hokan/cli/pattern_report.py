"""What ``hokan describe`` tells about the pattern of holes, and what nesting would cost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from hokan.cli.console import Screen
from hokan.cli.reports import count
from hokan.cli.wording import percent
from hokan.graph import PropertyGraph
from hokan.table import MissingPattern, Nesting
from hokan.table.best_order import MOST_EXACT

_MOST_PATTERNS = 10
#: More signs than this in a row are not told apart any more.
_MOST_SIGNS = 40
_MOST_NAMES = 3
#: Up to so many properties, all pairs are shown; of more, the extremes.
_MOST_IN_MATRIX = 12
_MOST_PAIRS = 5


@dataclass(frozen=True)
class AskedOrder:
    """An order of properties to judge.

    Attributes
    ----------
    names : tuple of str
        The properties, in order.
    source : str
        Who asked for it, as in "given with --order" or "of graph.toml".
    """

    names: tuple[str, ...]
    source: str


def chain_of(graph: PropertyGraph) -> tuple[str, ...] | None:
    """Return the order of a graph that is a chain, such as a fidelity ladder; None if it is none.

    In a chain each property but the first depends directly on the one before it, and perhaps on
    others before that.
    """
    order = [graph.names[j] for j in graph.order]
    linked = all(lower in graph.parents_of(upper) for lower, upper in pairwise(order))
    return tuple(order) if linked and len(order) > 1 else None


def show_pattern(screen: Screen, pattern: MissingPattern, asked: AskedOrder | None) -> None:
    """Tell which values are known together, what they can fill, and what nesting would cost.

    Nothing is told of a table with one property or without holes: there is nothing to it.
    """
    if pattern.n_properties < 2 or pattern.observed.all():
        return
    _show_patterns(screen, pattern)
    _show_pairs(screen, pattern)
    _show_flux(screen, pattern)
    _show_nesting(screen, pattern, asked)


def _show_patterns(screen: Screen, pattern: MissingPattern) -> None:
    distinct = len(pattern.counts)
    screen.heading(f"Pattern of holes: {count(distinct, 'distinct pattern')}")
    order = pattern.monotone_order
    if order is None:
        screen.say(
            "Not monotone (not nested): in no order of the properties does each row that knows one "
            "know all before it."
        )
    else:
        screen.say(
            "Monotone (nested): each row that knows a property knows all before it in the order "
            f"{_arrows(order)}."
        )
    signs = pattern.n_properties <= _MOST_SIGNS
    if signs:
        screen.say("One sign for each property, in the order above: x known, . a hole.")
    rows = [
        (
            str(n),
            percent(n / pattern.n_rows),
            *(("".join("x" if known else "." for known in row),) if signs else ()),
            _in_words(row, pattern.names),
        )
        for row, n in zip(pattern.patterns, pattern.counts.tolist(), strict=True)
    ]
    screen.table(
        ("rows", "share", *(("pattern",) if signs else ()), "known"),
        rows[:_MOST_PATTERNS],
        numbers=("rows", "share"),
    )
    if distinct > _MOST_PATTERNS:
        others = int(pattern.counts[_MOST_PATTERNS:].sum())
        screen.say(
            f"and {count(distinct - _MOST_PATTERNS, 'more pattern')} in {count(others, 'row')}"
        )


def _show_pairs(screen: Screen, pattern: MissingPattern) -> None:
    together = pattern.pairs().rr.to_numpy()
    names = pattern.names
    screen.heading("Known together: rows where both are known")
    upper = np.triu_indices(len(names), k=1)
    if len(names) <= _MOST_IN_MATRIX:
        numbers = [str(column + 1) for column in range(len(names))]
        screen.table(
            ("", "property", *numbers),
            [
                (numbers[j], name, *(str(n) if k <= j else "" for k, n in enumerate(together[j])))
                for j, name in enumerate(names)
            ],
            numbers=("", *numbers),
        )
    else:
        rarest_first = np.argsort(together[upper], kind="stable")
        for title, chosen in (
            ("least often", rarest_first[:_MOST_PAIRS]),
            ("most often", rarest_first[::-1][:_MOST_PAIRS]),
        ):
            pairs = [(int(upper[0][i]), int(upper[1][i])) for i in chosen]
            screen.table(
                (title, "and", "rows"),
                [(names[j], names[k], str(together[j, k])) for j, k in pairs],
                numbers=("rows",),
            )
    never = [
        f"{names[j]} and {names[k]}" for j, k in zip(*upper, strict=True) if together[j, k] == 0
    ]
    if never:
        screen.say(
            f"Never known in one row: {_listed(never, '; ')}. What links such properties must come "
            "through others, or from what describes the materials."
        )


def _show_flux(screen: Screen, pattern: MissingPattern) -> None:
    flux = pattern.flux()
    screen.heading("Influx and outflux: how holes and known values connect")
    screen.table(
        ("property", "known", "influx", "outflux"),
        [
            (name, *map(percent, shares))
            for name, *shares in flux[["pobs", "influx", "outflux"]].itertuples()
        ],
        numbers=("known", "influx", "outflux"),
    )
    screen.say(
        "Influx: of all known values, the share in rows where the property has a hole, so what its "
        "holes can be filled from. Outflux: of all holes, the share in rows where the property is "
        "known, so what it can help to fill. Of two properties with equally many holes, the one "
        "with more influx is easier to fill, the one with more outflux is more helpful."
    )


def _show_nesting(screen: Screen, pattern: MissingPattern, asked: AskedOrder | None) -> None:
    screen.heading("What nesting would cost")
    screen.say(
        "A chain of models fitted one by one (recursive cokriging) can use a value only where its "
        "row knows all before it in the chain. hokan fill has no such need: it uses every value."
    )
    best = pattern.best_nesting(None if asked is None else asked.names)
    superlative = "best order" if len(best.order) <= MOST_EXACT else "best order that was found"
    if asked is None:
        if best.n_dropped == 0:
            screen.say("It would cost nothing here: the table is nested.")
            return
        screen.say(f"In the {superlative} of the properties, {_cost(best)}:")
        _show_dropped(screen, best)
        return
    nesting = pattern.nesting(asked.names)
    some = len(asked.names) < pattern.n_properties
    part = f" ({len(asked.names)} of {pattern.n_properties} properties)" if some else ""
    screen.say(f"In the order {asked.source}{part}, {_cost(nesting)}:")
    _show_dropped(screen, nesting)
    if best.n_dropped < nesting.n_dropped:
        screen.say(f"In the {superlative}, {_arrows(best.order)}, {_cost(best)}.")
    elif nesting.n_dropped:
        screen.say(f"No other order {'of these ' if some else ''}drops fewer.")


def _show_dropped(screen: Screen, nesting: Nesting) -> None:
    kept, dropped = nesting.kept_by_property, nesting.dropped_by_property
    screen.table(
        ("in this order", "known", "kept", "dropped", "share dropped"),
        [
            (
                name,
                str(known),
                str(kept[name]),
                str(dropped[name]),
                percent(dropped[name] / known if known else np.nan),
            )
            for name, known in nesting.known_by_property.items()
        ],
        numbers=("known", "kept", "dropped", "share dropped"),
    )


def _cost(nesting: Nesting) -> str:
    dropped = nesting.n_dropped
    if dropped == 0:
        return f"all {nesting.n_known} known values can stay"
    return (
        f"{dropped} of {nesting.n_known} known values ({percent(nesting.share_dropped)}) "
        f"would be dropped"
    )


def _in_words(row: Iterable[bool], names: Sequence[str]) -> str:
    """Return what a row knows, or what it does not where that is shorter."""
    pairs = list(zip(names, row, strict=True))
    known = [name for name, is_known in pairs if is_known]
    missing = [name for name, is_known in pairs if not is_known]
    if not missing:
        return "all"
    if not known:
        return "nothing"
    if len(known) <= len(missing):
        return f"only {_listed(known)}"
    return f"all but {_listed(missing)}"


def _listed(names: Sequence[str], separator: str = ", ") -> str:
    more = len(names) - _MOST_NAMES
    # "and 1 more" is no shorter than the name itself.
    if more <= 1:
        return separator.join(names)
    return f"{separator.join(names[:_MOST_NAMES])} and {more} more"


def _arrows(order: Sequence[str]) -> str:
    return " → ".join(order)
