"""One property of a material: its scale, and which other properties it depends on."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from numbers import Real

from hokan.errors import GraphError
from hokan.graph.formula import Formula
from hokan.graph.links import Links, kind_of_link, read_links
from hokan.graph.transforms import Logit
from hokan.graph.wording import did_you_mean, quoted

TRANSFORMS = ("auto", "identity", "log", "logit", "category")
DISCREPANCIES = ("gaussian process", "linear", "none")


@dataclass(frozen=True)
class Property:
    """A property and how it depends on others.

    Parameters
    ----------
    name : str
        As in the table.
    unit : str, optional
        Told to people; no conversion is done. None: as read from the table.
    quantity : str, optional
        What it is a measurement or a calculation of. Linked properties of one quantity are its
        fidelities: they share a scale and are expected to move one for one. Where no quantity is
        given, linked properties of one unit are taken to be such relatives.
    transform : {"auto", "identity", "log", "logit", "category"}
        The scale on which links are linear and errors Gaussian. ``"auto"``: chosen by evidence
        when a model is fitted. ``"category"``: the values are not numbers but levels, such as
        ``cubic`` and ``hexagonal``, which the table tells; only `quantity`, `parents`, `link` and
        `discrepancy` say anything about a category.
    lower, upper : float, optional
        Bounds on the raw scale, for ``transform="logit"`` and only there.
    floor : float, "auto" or "none"
        A value that no material lies below, and some may lie exactly at: 0 for a band gap, which
        is 0 for every metal. Behind it stands a latent quantity that goes on below the floor; a
        known value at the floor says only that the latent one is there or lower. Predictions never
        fall below it. A number needs, and gives, ``transform="identity"``. ``"auto"``: decided when
        a model is fitted, and told.
    parents : sequence of str
        The properties this one depends on directly.
    link : {"auto", "linear", "smooth", "joint"}, or mapping or sequence of pairs
        How parents act on the transformed, standardised scale: as a coefficient times the parent;
        as a smooth curve; or as a surface over parents and descriptors together, for relations
        that differ from chemistry to chemistry. ``"auto"``: chosen by evidence when a model is
        fitted. A mapping gives this for some parents, and the others have ``"auto"``; it is kept
        as pairs in the order of the parents.
    formula : str, optional
        How the property follows from its parents, all on the *raw* scale:
        ``"c * molar_mass * debye_temperature_K**2 * volume**(2/3)"``. Names that are parents stand
        for their values, all other names for constants that are fitted; names with other signs
        than letters, digits and ``_`` are written in backquotes. See
        :class:`hokan.graph.formula.Formula`. A parent that the formula does not use acts through
        its `link`.
    prior : mapping or sequence of pairs, optional
        For some or all parents, the mean of the prior on their link coefficient *before*
        standardising; 0 for those not named. With log transforms coefficients are exponents, so
        that known physics enters as a prior: for T_m ∝ M θ² V^(2/3) (Lindemann) the means are 1,
        2 and 2/3. Kept as pairs in the order of the parents.
    discrepancy : {"gaussian process", "linear", "none"}
        What the property has besides what its parents give, as a function of the descriptors
        (the discrepancy of Kennedy and O'Hagan, Biometrika 87, 2000): anything, straight lines
        only (two-stage cokriging), or nothing but a constant. What belongs to the material itself
        comes on top in every case.
    measurement_error : float, "given" or "learned"
        Standard deviation of the error of every value, on the raw scale; ``"given"``: only the
        errors in the table, column ``NAME__error``; ``"learned"``: besides these, one is learned
        from the data. A number and the errors of the table exclude each other: where the table
        gives an error, it is taken.

    gross_errors : float, "auto" or "none"
        The share of values, above 0 and below 0.5, that may be grossly wrong: misread, in another
        unit, of another material. Such values bend the model less. ``"auto"``: learned when a
        model is fitted; ``"none"``: all values are trusted to their measurement error.

    Raises
    ------
    GraphError
        If a value is of the wrong kind or not known; the message names property and key.
    """

    name: str
    unit: str | None = None
    transform: str = "auto"
    lower: float | None = None
    upper: float | None = None
    parents: tuple[str, ...] = ()
    link: Links | Mapping[str, str] = "auto"
    prior: Mapping[str, float] | tuple[tuple[str, float], ...] = ()
    floor: float | str = "auto"
    discrepancy: str = "gaussian process"
    measurement_error: float | str = "given"
    quantity: str | None = None
    formula: str | None = None
    gross_errors: float | str = "auto"

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise GraphError(f"a property needs a name, found {self.name!r}")
        for key in ("unit", "quantity"):
            text = getattr(self, key)
            if text is not None and not isinstance(text, str):
                raise self._error(key, f"must be a text, found {text!r}")
        self._check_choice("transform", self.transform, TRANSFORMS)
        self._check_bounds()
        object.__setattr__(self, "parents", self._read_parents())
        try:
            object.__setattr__(self, "link", read_links(self.link, self.parents))
        except GraphError as error:
            raise self._error("link", str(error)) from None
        if not self.parents:
            # Nothing acts: declared or not, properties are equal.
            object.__setattr__(self, "link", "auto")
        object.__setattr__(self, "prior", self._read_prior())
        self._check_floor()
        self._check_choice("discrepancy", self.discrepancy, DISCREPANCIES)
        self._check_measurement_error()
        self._check_gross_errors()
        self._check_formula()
        if self.is_category:
            self._check_category()

    @property
    def is_category(self) -> bool:
        """Whether the values are levels, not numbers."""
        return self.transform == "category"

    def link_of(self, parent: str) -> str:
        """Return how a parent acts.

        Returns
        -------
        str
            ``"formula"`` for a parent the formula uses; for others ``"auto"``, ``"linear"``,
            ``"smooth"`` or ``"joint"``.

        Raises
        ------
        GraphError
            If it is not a parent.
        """
        if parent not in self.parents:
            raise GraphError(
                f"property {self.name!r} has no parent {parent!r}"
                f"{did_you_mean(parent, self.parents)}"
            )
        if self.parsed_formula is not None and parent in self.parsed_formula.names:
            return "formula"
        return kind_of_link(self.link, parent)

    @property
    def parsed_formula(self) -> Formula | None:
        """The formula, its names told apart into parents and constants; None if there is none."""
        return getattr(self, "_formula", None)

    def _error(self, key: str, problem: str) -> GraphError:
        return GraphError(f"property {self.name!r}: {key} {problem}")

    def _check_choice(
        self, key: str, found: object, choices: Collection[str], *, or_number: bool = False
    ) -> None:
        if not isinstance(found, str) or found not in choices:
            raise self._error(
                key,
                f"= {quoted(found)} is not known{did_you_mean(found, choices)}; "
                f"choose from {', '.join(quoted(choice) for choice in choices)}"
                f"{', or give a number' if or_number else ''}",
            )

    def _check_bounds(self) -> None:
        for key in ("lower", "upper"):
            bound = getattr(self, key)
            if bound is None:
                continue
            if self.transform != "logit":
                raise self._error(
                    key, f'= {bound!r} belongs to transform = "logit"; remove it or use that'
                )
            object.__setattr__(self, key, self._finite(key, bound))
        if self.transform != "logit":
            return
        if self.lower is None or self.upper is None:
            missing = "lower" if self.lower is None else "upper"
            raise self._error(missing, 'is missing: transform = "logit" needs lower and upper')
        try:
            Logit(self.lower, self.upper)
        except GraphError as error:
            raise GraphError(f"property {self.name!r}: {error}") from None

    def _check_floor(self) -> None:
        object.__setattr__(self, "floor", self._number_or_word("floor", ("auto", "none")))
        if isinstance(self.floor, str):
            return
        if self.transform not in ("auto", "identity"):
            raise self._error(
                "floor",
                f'= {self.floor!r} belongs to transform = "identity", '
                f'found "{self.transform}"; remove one',
            )
        object.__setattr__(self, "transform", "identity")

    def _check_measurement_error(self) -> None:
        error = self._number_or_word("measurement_error", ("given", "learned"))
        if not isinstance(error, str) and not error > 0:
            raise self._error(
                "measurement_error",
                f'must be positive, found {error!r}; "given" means none but those of the table',
            )
        object.__setattr__(self, "measurement_error", error)

    def _check_gross_errors(self) -> None:
        share = self._number_or_word("gross_errors", ("auto", "none"))
        if not isinstance(share, str) and not 0 < share < 0.5:
            raise self._error(
                "gross_errors",
                f"must be a share of the values above 0 and below 0.5, found {share!r}; "
                '"none" means that all are trusted',
            )
        object.__setattr__(self, "gross_errors", share)

    def _check_formula(self) -> None:
        if self.formula is None:
            return
        if not isinstance(self.formula, str):
            raise self._error("formula", f"must be a text, found {self.formula!r}")
        try:
            formula = Formula.parse(self.formula, self.parents)
        except GraphError as error:
            raise GraphError(f"property {self.name!r}: {error}") from None
        # Kept outside the fields: it follows from them.
        object.__setattr__(self, "_formula", formula)
        if self.name in formula.constants:
            raise self._error("formula", f"uses {self.name!r} itself; a property is not its own")
        if not formula.names:
            raise self._error(
                "formula",
                f"uses none of its parents, only {', '.join(map(repr, formula.constants))}; names "
                "that stand for properties are among the parents"
                if formula.constants
                else "uses none of its parents: it is a number",
            )
        for key, pairs in (("link", self.link), ("prior", self.prior)):
            for parent, _ in pairs if isinstance(pairs, tuple) else ():
                if parent in formula.names:
                    raise self._error(
                        key, f"names {parent!r}, which acts by the formula; remove it"
                    )

    def _check_category(self) -> None:
        """Refuse what says something about numbers."""
        for key in ("unit", "prior", "floor", "formula", "measurement_error", "gross_errors"):
            given = getattr(self, key)
            if given != _DEFAULTS[key]:
                raise self._error(
                    key, f'is for numbers, and transform = "category" has levels; remove {key}'
                )

    def _number_or_word(self, key: str, words: tuple[str, ...]) -> float | str:
        value: object = getattr(self, key)
        if isinstance(value, Real):
            return self._finite(key, value)
        self._check_choice(key, value, words, or_number=True)
        return str(value)

    def _finite(self, key: str, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
            raise self._error(key, f"must be a finite number, found {value!r}")
        return float(value)

    def _read_parents(self) -> tuple[str, ...]:
        given: object = self.parents
        if isinstance(given, str):
            raise self._error("parents", f"must be a list of names: write [{quoted(given)}]")
        if not isinstance(given, tuple | list):
            raise self._error("parents", f"must be a list of names, found {given!r}")
        for position, parent in enumerate(given):
            if not isinstance(parent, str) or not parent:
                raise self._error("parents", f"must be a list of names, found {parent!r} in it")
            if parent == self.name:
                raise self._error("parents", f"names {parent!r} itself; no property is its own")
            if parent in given[:position]:
                raise self._error("parents", f"names {parent!r} twice")
        return tuple(given)

    def _read_prior(self) -> tuple[tuple[str, float], ...]:
        given: object = self.prior
        if not isinstance(given, Mapping | tuple | list):
            raise self._error("prior", f"must be a table of parent = number, found {given!r}")
        try:
            pairs = dict(given)
        except (TypeError, ValueError):
            raise self._error(
                "prior", f"must be pairs of a parent and a number, found {given!r}"
            ) from None
        if len(pairs) < len(given):
            raise self._error("prior", "names a parent twice")
        for parent in pairs:
            if parent not in self.parents:
                raise self._error(
                    "prior",
                    f"names {parent!r}, which is not among its parents"
                    f"{did_you_mean(parent, self.parents)}",
                )
        return tuple(
            (parent, self._finite(f"prior of {parent!r}", pairs[parent]))
            for parent in self.parents
            if parent in pairs
        )


_DEFAULTS = {field.name: field.default for field in fields(Property)}
