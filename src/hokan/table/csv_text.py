"""CSV files as tables of text, every cell exactly as it stands in the file.

Numbers are not read here: which columns hold numbers is decided later, with the texts at hand, so
that "12,5" is met as what it is. The standard library's reader is used rather than pandas' because
it keeps the header's duplicates, tells a short line from a line with empty cells, and leaves every
text alone.
"""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

import pandas as pd

from hokan.errors import TableError
from hokan.table.columns import refuse_duplicates
from hokan.table.messages import plural, quoted
from hokan.table.numbers import parse_number

_DELIMITER_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_BINARY_STARTS = {
    b"PK\x03\x04": "an Excel workbook or another zip file; save the sheet as CSV",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook; save the sheet as CSV",
    b"PAR1": "a Parquet file; rename it so that it ends in .parquet",
    b"\x1f\x8b": "compressed; unpack it first",
    b"\xff\xfe": "UTF-16 text; save it as UTF-8 (in Excel: 'CSV UTF-8')",
    b"\xfe\xff": "UTF-16 text; save it as UTF-8 (in Excel: 'CSV UTF-8')",
}


def read_texts(path: Path, delimiter: str, source: str) -> pd.DataFrame:
    """Read a file of delimited text.

    Parameters
    ----------
    path
        The file: UTF-8, with or without a byte-order mark, with one header line.
    delimiter
        The character between cells.
    source
        Name of the file for messages.

    Returns
    -------
    pandas.DataFrame
        Columns of dtype object holding texts, None where a cell is empty. Blanks around column
        names are removed; cells are not touched.

    Raises
    ------
    TableError
        If the file cannot be opened, is no text, or is no table: without a header or with the same
        name twice in it, with lines of another number of cells, with a quote left open, or with a
        blank line between rows. The message names the line.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise TableError(f"{source}: there is no such file.") from None
    except IsADirectoryError:
        raise TableError(f"{source}: is a folder; expected a file.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise TableError(f"{source}: cannot be read: {reason}.") from error
    names, rows = _records(_decode(data, source), delimiter, source)
    if not rows:
        raise TableError(f"{source}: holds a header and no rows; expected at least one row.")
    columns = zip(*rows, strict=True)
    return pd.DataFrame(
        {
            name: pd.Series([cell or None for cell in cells], dtype=object)
            for name, cells in zip(names, columns, strict=True)
        }
    )


def _decode(data: bytes, source: str) -> str:
    if not data.strip(b" \t\r\n\xef\xbb\xbf"):
        raise TableError(f"{source}: the file is empty; expected a header line and rows.")
    for start, meaning in _BINARY_STARTS.items():
        if data.startswith(start):
            raise TableError(f"{source}: is not a CSV file but {meaning}.")
    if b"\0" in data:
        raise TableError(f"{source}: is not a text file; expected CSV.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise TableError(
            f"{source}: line {line} is not UTF-8 text (byte 0x{data[error.start]:02x}); save the "
            "file as UTF-8 (in Excel: 'CSV UTF-8')."
        ) from None


def _records(text: str, delimiter: str, source: str) -> tuple[list[str], list[list[str]]]:
    """Split a text into header and rows, all of the same length."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    blank = 0
    try:
        names = _header(next(reader), delimiter, source)
        for cells in reader:
            if not cells:
                blank = blank or reader.line_num
            elif blank:
                raise TableError(
                    f"{source}: line {blank} is blank, with rows below it; remove the blank line."
                )
            elif len(cells) != len(names):
                raise TableError(_ragged(cells, names, len(rows) + 1, reader.line_num, source))
            else:
                rows.append(cells)
    except csv.Error as error:
        cause = (
            'a quote (") is opened and never closed'
            if "unexpected end of data" in str(error)
            else f'the quotes (") do not match ({error})'
            if "expected after" in str(error)
            else str(error)
        )
        raise TableError(
            f"{source}: line {reader.line_num} cannot be read: {cause}. A quote within a quoted "
            'cell is written twice ("").'
        ) from error
    return names, rows


def _header(cells: list[str], delimiter: str, source: str) -> list[str]:
    """Return the column names of a header line, or say why it cannot be one."""
    names = [cell.strip() for cell in cells]
    if not any(names):
        raise TableError(f"{source}: line 1 is blank; expected the column names there.")
    if len(names) == 1:
        for other, called in _DELIMITER_NAMES.items():
            if other != delimiter and other in names[0]:
                expected = _DELIMITER_NAMES[delimiter]
                advice = ", or name the file .tsv" if other == "\t" else ""
                raise TableError(
                    f"{source}: the header has a {called} in it and no {expected}; cells must be "
                    f"separated by a {expected} (and numbers written with a decimal point). Save "
                    f"the table again so{advice}."
                )
    refuse_duplicates(names, source)
    for name in names:
        number = parse_number(name) if name else None
        # Whole numbers can be names, as in a table written from an unnamed array.
        if number is not None and not math.isnan(number) and not name.isdigit():
            raise TableError(
                f"{source}: line 1 holds the number {name} where a column name was expected; "
                "put a line with the column names first."
            )
    return names


def _ragged(cells: list[str], names: list[str], row: int, line: int, source: str) -> str:
    found = plural(len(cells), "cell")
    expected = plural(len(names), "column")
    if len(cells) > len(names):
        advice = (
            "A comma within a cell splits it in two: write numbers with a decimal point, and put "
            'quotes (") around texts with a comma'
        )
    else:
        advice = "Write a comma for every empty cell, and check that the file is complete"
    first = f" (it starts with {quoted(cells[0])})" if cells[0] else ""
    return (
        f"{source}: row {row} (line {line}) has {found}{first}, but the header has {expected}. "
        f"{advice}."
    )
