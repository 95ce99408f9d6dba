"""Writing a table to a file, whole or not at all."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hokan.errors import MissingExtraError, OutputError, TableError
from hokan.table.atomic import PathLike, check_writable, write_bytes_atomically
from hokan.table.limit_texts import parse_limit
from hokan.table.messages import quoted
from hokan.table.numbers import parse_numbers
from hokan.table.property_table import PropertyTable
from hokan.table.reading import DELIMITERS, PARQUET_SUFFIXES


def check_table_writable(path: PathLike) -> None:
    """Make sure, before long work, that :func:`write_frame` can write to ``path``.

    Raises
    ------
    OutputError
        As :func:`check_writable`, and if the name ends in neither ``.csv``, ``.tsv`` nor
        ``.parquet``.
    MissingExtraError
        If it ends in ``.parquet`` and pyarrow is not installed.
    """
    check_writable(path)
    suffix = Path(path).suffix.lower()
    if suffix in PARQUET_SUFFIXES:
        _require_pyarrow()
    elif suffix not in DELIMITERS:
        raise OutputError(f"{path}: expected a file name ending in .csv, .tsv or .parquet.")


def write_frame(frame: pd.DataFrame, path: PathLike, *, like: PropertyTable | None = None) -> None:
    """Write a DataFrame to a CSV or Parquet file in one step.

    Numbers are written with all the digits they need to be read back to the last bit, holes as
    empty cells, text unchanged, lines ended by a line feed. An index with a name is written as a
    column; an index without one is not written to CSV.

    Parameters
    ----------
    frame
        The table to write.
    path
        Name ending in ``.csv``, ``.tsv``, ``.parquet`` or ``.pq``. An existing file is replaced
        once the new one is complete.
    like
        The table, read from a CSV file, that ``frame`` was made from, row for row. Numbers that
        have not changed are then written just as they stood there: ``3.50`` stays ``3.50``.

    Raises
    ------
    OutputError
        If nothing can be written there, the name has another ending, or a column cannot be stored
        in Parquet. Nothing half-written is left behind.
    MissingExtraError
        If a Parquet file is asked for and pyarrow is not installed.
    TableError
        If ``like`` has another number of rows.
    """
    check_table_writable(path)
    if like is not None and like.n_rows != len(frame):
        raise TableError(
            f"{path}: the table to write has {len(frame)} rows, but {like.source} has "
            f"{like.n_rows}; unchanged cells can only be told row for row."
        )
    suffix = Path(path).suffix.lower()
    if suffix in PARQUET_SUFFIXES:
        write_bytes_atomically(path, _parquet_bytes(frame, path))
        return
    if any(name is not None for name in frame.index.names):
        try:
            frame = frame.reset_index()
        except ValueError as error:
            raise OutputError(f"{path}: the index is named like a column: {error}.") from error
    if like is not None:
        frame = _with_original_texts(frame, like)
    text = frame.to_csv(
        index=False,
        sep=DELIMITERS[suffix],
        lineterminator="\n",
        # A lone carriage return ends a line for most readers, but does not make the writer quote.
        quoting=csv.QUOTE_NONNUMERIC if _holds_carriage_return(frame) else csv.QUOTE_MINIMAL,
    )
    try:
        write_bytes_atomically(path, text.encode("utf-8"))
    except UnicodeEncodeError as error:
        raise OutputError(f"{path}: a text cannot be written as UTF-8: {error}.") from error


def _with_original_texts(frame: pd.DataFrame, like: PropertyTable) -> pd.DataFrame:
    """Replace numbers by the texts they were read from, where they are still the same."""
    if like._texts is None:
        return frame
    frame = frame.copy()
    for name in like._texts.columns.intersection(frame.columns):
        texts = [text or "" for text in like._texts[name]]
        before = parse_numbers(texts)
        if before is None:
            before = parse_numbers(["" if parse_limit(text) else text for text in texts])
        if before is None or not pd.api.types.is_numeric_dtype(frame[name].dtype):
            continue
        now = frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
        same = (before == now) | (np.isnan(before) & np.isnan(now))
        frame[name] = pd.Series(
            [
                text if unchanged else ("" if np.isnan(value) else repr(value))
                for text, unchanged, value in zip(texts, same, now.tolist(), strict=True)
            ],
            index=frame.index,
            dtype=object,
        )
    return frame


def _holds_carriage_return(frame: pd.DataFrame) -> bool:
    texts = [str(label) for label in frame.columns]
    for position in range(frame.shape[1]):
        column = frame.iloc[:, position]
        if not pd.api.types.is_numeric_dtype(column.dtype):
            texts.extend(cell for cell in column if isinstance(cell, str))
    return any("\r" in text for text in texts)


def _parquet_bytes(frame: pd.DataFrame, path: PathLike) -> bytes:
    pyarrow = _require_pyarrow()
    import pyarrow.parquet as parquet

    frame = frame.copy(deep=False)
    frame.attrs = {}
    frame.columns = pd.Index([str(label) for label in frame.columns], dtype=object)
    for position, name in enumerate(frame.columns):
        column = frame.iloc[:, position]
        try:
            pyarrow.array(column, from_pandas=True)
        except pyarrow.ArrowException as error:
            kinds = sorted({type(cell).__name__ for cell in column.dropna()})
            raise OutputError(
                f"{path}, column {quoted(name)}: Parquet cannot hold these values "
                f"(of type {', '.join(kinds)}); write CSV instead, or make the column one kind."
            ) from error
    buffer = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_pandas(frame), buffer)
    return buffer.getvalue()


def _require_pyarrow() -> Any:
    try:
        import pyarrow
    except ImportError as error:
        raise MissingExtraError("pyarrow", "parquet", "Writing Parquet files") from error
    return pyarrow
