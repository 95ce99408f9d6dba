"""Reading a table from a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd

from hokan.errors import MissingExtraError, TableError
from hokan.table.atomic import PathLike
from hokan.table.columns import refuse_duplicates
from hokan.table.csv_text import read_texts
from hokan.table.numbers import parse_numbers
from hokan.table.options import Categories
from hokan.table.property_table import PropertyTable

DELIMITERS = {".csv": ",", ".tsv": "\t"}
PARQUET_SUFFIXES = (".parquet", ".pq")


def read_table(
    path: PathLike,
    *,
    composition: str | None = None,
    descriptors: Iterable[str] = (),
    ignore: Iterable[str] = (),
    properties: Iterable[str] | None = None,
    units: Mapping[str, str | None] | None = None,
    categories: Categories = None,
    allow_empty_properties: bool = False,
) -> PropertyTable:
    """Read a table from a CSV or Parquet file.

    In a CSV file, a cell of a numeric column is a number or empty (or ``nan``, which counts as
    empty), or, in a property, a limit such as ``> 3000``. Columns of properties, measurement
    errors, limits and descriptors become float64, each value the nearest double to what is written;
    a property with limits among its cells and every other column stay the text they are, so that an
    identifier ``007`` survives.

    Parameters
    ----------
    path
        A file ending in ``.csv`` (UTF-8, comma-separated, with a header line), ``.tsv`` (the same
        with tabs), ``.parquet`` or ``.pq``.
    composition, descriptors, ignore, properties, units, categories, allow_empty_properties
        As in :meth:`PropertyTable.from_frame`.

    Returns
    -------
    PropertyTable
        With the path as its ``source``.

    Raises
    ------
    TableError
        If the file cannot be read as a table, with line and reason, and for all the reasons of
        :meth:`PropertyTable.from_frame`.
    MissingExtraError
        If a Parquet file is given and pyarrow is not installed.
    """
    file = Path(path)
    source = str(path)
    suffix = file.suffix.lower()
    texts = suffix in DELIMITERS
    if texts:
        frame = read_texts(file, DELIMITERS[suffix], source)
    elif suffix in PARQUET_SUFFIXES:
        frame = _read_parquet(file, source)
    else:
        raise TableError(
            f"{source}: expected a file ending in .csv, .tsv or .parquet. Save the table as CSV "
            "(UTF-8, cells separated by commas)."
        )
    table = PropertyTable.from_frame(
        frame,
        composition=composition,
        descriptors=descriptors,
        ignore=ignore,
        properties=properties,
        units=units,
        categories=categories,
        source=source,
        allow_empty_properties=allow_empty_properties,
    )
    return _with_numbers(table) if texts else table


def _with_numbers(table: PropertyTable) -> PropertyTable:
    """Turn the numeric columns of a frame of texts into numbers, and keep their texts aside."""
    frame = table.frame
    numeric = table.columns_with_role("property", "measurement error", "limit", "descriptor")
    texts = frame[list(numeric)]
    for name in numeric:
        values = parse_numbers([text or "" for text in frame[name]])
        if values is not None:  # a descriptor of true and false stays text, and so do limits
            frame[name] = values
    return replace(table, _frame=frame, _texts=texts)


def _read_parquet(path: Path, source: str) -> pd.DataFrame:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise MissingExtraError("pyarrow", "parquet", "Reading Parquet files") from error
    if path.is_dir():
        raise TableError(f"{source}: is a folder; expected a file.")
    if not path.exists():
        raise TableError(f"{source}: there is no such file.")
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            content = file.read()
        refuse_duplicates(content.column_names, source)
        frame = content.to_pandas()
    except pyarrow.ArrowException as error:
        raise TableError(f"{source}: is not a readable Parquet file: {error}") from error
    except OSError as error:
        raise TableError(f"{source}: cannot be read: {error.strerror or error}.") from error
    # An index with a name was meant as a column; one without is only numbering.
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    return pd.DataFrame(frame)
