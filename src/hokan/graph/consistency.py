"""What the properties of a graph must not say of one another."""

from __future__ import annotations

from collections.abc import Sequence

from hokan.errors import GraphError
from hokan.graph.property import Property
from hokan.graph.wording import near_words


def check_formulas(properties: Sequence[Property]) -> None:
    """Refuse constants of a formula that are properties, or are written much like one.

    Raises
    ------
    GraphError
        With the property, the name and what to write instead.
    """
    names = dict.fromkeys(member.name for member in properties)
    for member in properties:
        formula = member.parsed_formula
        for constant in () if formula is None else formula.constants:
            if constant in names:
                raise GraphError(
                    f"property {member.name!r}: formula uses the property {constant!r}, which is "
                    "not among its parents; add it to parents"
                )
            near = near_words(constant, names, cutoff=0.85) if len(constant) > 4 else []
            if near:
                raise GraphError(
                    f"property {member.name!r}: formula has the name {constant!r}, which would be "
                    f"a constant to be fitted, and there is a property {near[0]!r}; write that "
                    "one, or give the constant a name less like it"
                )


def check_categories(properties: Sequence[Property]) -> None:
    """Refuse parents that are categories where a number is needed.

    Raises
    ------
    GraphError
        With the property, the key that needs a number, and the parent.
    """
    categories = {member.name for member in properties if member.is_category}
    for member in properties:
        formula = member.parsed_formula
        links = () if isinstance(member.link, str) else dict(member.link)
        needed = {
            "formula": () if formula is None else formula.names,
            "prior": dict(member.prior),
            "link": [parent for parent in links if member.link_of(parent) == "smooth"],
        }
        for key, parents in needed.items():
            for parent in parents:
                if parent in categories:
                    raise GraphError(
                        f"property {member.name!r}: {key} needs a number for {parent!r}, which is "
                        "a category"
                    )
