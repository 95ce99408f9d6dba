"""How a parent acts on a property: one kind of link for all parents, or one for each."""

from __future__ import annotations

from collections.abc import Mapping

from hokan.errors import GraphError
from hokan.graph.wording import did_you_mean, quoted

LINKS = ("auto", "linear", "smooth", "joint")

# As declared: one kind for all parents, or pairs of a parent and its kind.
Links = str | tuple[tuple[str, str], ...]


def read_links(given: object, parents: tuple[str, ...]) -> Links:
    """Return the links as declared, checked; of a mapping the pairs in the order of the parents.

    Parameters
    ----------
    given : str, or mapping or sequence of pairs
        A kind of link, or for some or all parents their kind.
    parents : tuple of str

    Raises
    ------
    GraphError
        If a kind is not known, or a name is not among the parents. The message begins with what
        is wrong: whose key it is, the caller adds.
    """
    if isinstance(given, str):
        return _known(given)
    if not isinstance(given, Mapping | tuple | list):
        raise GraphError(
            f"must be one of {_choices()}, or a table of parent = one of these, found {given!r}"
        )
    try:
        kinds = dict(given)
    except (TypeError, ValueError):
        raise GraphError(f"must be pairs of a parent and a kind of link, found {given!r}") from None
    if len(kinds) < len(given):
        raise GraphError("names a parent twice")
    for parent in kinds:
        if parent not in parents:
            raise GraphError(
                f"names {parent!r}, which is not among its parents{did_you_mean(parent, parents)}"
            )
    return (
        tuple((parent, _known(kinds[parent], parent)) for parent in parents if parent in kinds)
        or "auto"
    )


def kind_of_link(links: Links | Mapping[str, str], parent: str) -> str:
    """Return the kind that checked links give a parent; ``"auto"`` for one they do not name."""
    return links if isinstance(links, str) else dict(links).get(parent, "auto")


def _known(kind: object, parent: str | None = None) -> str:
    if isinstance(kind, str) and kind in LINKS:
        return kind
    of = "" if parent is None else f"of {parent!r} "
    if kind == "formula":
        raise GraphError(
            f'{of}= "formula" is no kind of link; write the formula itself: formula = "..."'
        )
    raise GraphError(
        f"{of}= {quoted(kind)} is not known{did_you_mean(kind, LINKS)}; choose from {_choices()}"
    )


def _choices() -> str:
    return ", ".join(map(quoted, LINKS))
