"""The table of one part: rows and columns drawn from a larger one, then holes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hokan.errors import TableError
from hokan.evaluation.amputation import ampute
from hokan.evaluation.holdout import Holdout
from hokan.evaluation.imputation_studies.design import Part
from hokan.graph import Identity, Log, Transform
from hokan.imputation.usual_inputs import usual_transforms
from hokan.table import PropertyTable
from hokan.table.limits import LOWER_SUFFIX, UPPER_SUFFIX

FloatArray = NDArray[np.float64]
_ROWS, _HOLES, _METHOD = range(3)


@dataclass(frozen=True, eq=False)
class StudiedTable:
    """The table that a study draws from.

    Attributes
    ----------
    table : PropertyTable
        Its first ``n_scored`` properties are those that are judged, in every part.
    n_scored : int
        How many.
    transforms : tuple of Transform
        The scale on which each property is judged: its logarithm where all known values are
        positive, or as it is.
    spreads : ndarray of shape (p,)
        Standard deviation of each property on that scale, the unit of errors.
    """

    table: PropertyTable
    n_scored: int
    transforms: tuple[Transform, ...]
    spreads: FloatArray

    @classmethod
    def of(cls, table: PropertyTable, properties: Sequence[str], n_scored: int) -> StudiedTable:
        """Take some properties of a table, in this order, and the rows that know any of them.

        Raises
        ------
        TableError
            If a property is not there.
        """
        part = only_properties(table, properties)
        part = part.select(part.observed.any(axis=1))
        transforms = usual_transforms(part)
        spreads = np.array(
            [
                np.nanstd(transform.forward(part.values[:, column]))
                for column, transform in enumerate(transforms)
            ]
        )
        return cls(part, n_scored, transforms, spreads)

    @property
    def scored(self) -> tuple[str, ...]:
        """The properties that are judged."""
        return self.table.property_names[: self.n_scored]

    def standardised(self, values: FloatArray) -> FloatArray:
        """Return values of the judged properties, shape (..., n_scored), as they are judged.

        In standard deviations, not centred. A value that a logarithm cannot be of is NaN.
        """
        columns = []
        for column in range(self.n_scored):
            given, transform = values[..., column], self.transforms[column]
            if isinstance(transform, Log):
                given = np.where(given > 0, given, np.nan)
            columns.append(transform.forward(given) / self.spreads[column])
        return np.stack(columns, axis=-1)

    def scale_of(self, part: Part) -> tuple[Transform, ...]:
        """Return the scale on which a part fills each of its properties."""
        chosen = self.transforms[: part.n_columns]
        return chosen if part.scale == "log" else tuple(Identity() for _ in chosen)

    def draw(self, part: Part, seed: int, strength: float) -> Holdout:
        """Draw the rows of a part and make its holes.

        Of one repeat, fewer rows are some of the more, and every method sees the same cells.

        Raises
        ------
        TableError
            If the holes cannot be made as asked for.
        """
        rng = np.random.default_rng([seed, part.repeat, _ROWS])
        order = rng.permutation(self.table.n_rows)[: part.n_rows]
        table = only_properties(self.table, self.table.property_names[: part.n_columns])
        return ampute(
            table.select(np.sort(order)),
            part.share,
            part.mechanism,  # type: ignore[arg-type]  # refused there if it is none
            random_state=[seed, part.repeat, _HOLES],
            strength=strength,
        )


def seed_of_method(seed: int, part: Part) -> int:
    """Return the seed with which a method works on a part."""
    state = np.random.SeedSequence([seed, part.repeat, _METHOD]).generate_state(1)
    return int(state[0] % 2**31)


def only_properties(table: PropertyTable, names: Sequence[str]) -> PropertyTable:
    """Return the table with some of its properties, in this order, and no category.

    Raises
    ------
    TableError
        If a name is no property of the table, or there is none or one twice.
    """
    for name in names:
        if name not in table.property_names:
            raise TableError(
                f"{table.source}: no property {name!r} to study; there are "
                f"{', '.join(map(repr, table.property_names))}."
            )
    if not names or len(set(names)) < len(names):
        raise TableError(
            f"{table.source}: name different properties to study, at least one; found "
            f"{', '.join(map(repr, names)) or 'none'}."
        )
    others = {*table.property_names, *table.category_names}.difference(names)
    beside = {f"{name}{end}" for name in others for end in ("__error", LOWER_SUFFIX, UPPER_SUFFIX)}
    unwanted = others | beside.intersection(table.columns_with_role("measurement error", "limit"))
    frame = table.frame.drop(columns=[*unwanted, *table.columns_with_role("ignored")])
    rest = [column for column in frame.columns if column not in names]
    return PropertyTable.from_frame(
        frame[[*rest, *names]],
        composition=table.composition_column,
        descriptors=table.columns_with_role("descriptor"),
        properties=tuple(names),
        categories=(),
        units={name: table.units[name] for name in names},
        source=table.source,
        allow_empty_properties=True,
    )
