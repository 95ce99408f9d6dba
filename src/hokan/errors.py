"""What can go wrong, in words.

Every error a user can meet derives from :class:`HokanError`, which is a ``ValueError`` so that code
written for scikit-learn handles it. A message says what was expected, what was found, in which row
or column, and what to do about it.
"""


class HokanError(ValueError):
    """Any problem with what hokan was given."""


class TableError(HokanError):
    """A table that cannot be read or used as it is."""


class FormulaError(HokanError):
    """A chemical formula that cannot be parsed, or an element that is not known."""


class GraphError(HokanError):
    """A property graph that contradicts itself or the table."""


class ModelFileError(HokanError):
    """A model file that is damaged, is not a model, or comes from a newer version."""


class OutputError(HokanError):
    """A result that cannot be written where it was asked for."""


class MissingExtraError(HokanError, ImportError):
    """An optional package that is needed here and is not installed."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        super().__init__(
            f"{purpose} needs the package {package!r}, which is not installed. "
            f'Install it with: pip install "hokan[{extra}]"'
        )
