"""DataFrames as plain arrays and lists."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

#: Kinds of NumPy arrays that are stored as they are: truth, numbers, times and spans of time.
_PLAIN_KINDS = "biufmM"
_TEXT_TYPES = ("object", "str", "string")


def frame_parts(frame: pd.DataFrame) -> dict[str, Any]:
    """Return what a frame is made of: labels, columns, index.

    Columns of numbers, truth values and times keep their type; nullable numbers become float64;
    cells of any other column become text, missing ones None.
    """
    index: Any
    if isinstance(frame.index, pd.RangeIndex) and frame.index.name is None:
        index = (frame.index.start, frame.index.stop, frame.index.step)
    else:
        levels = frame.index.to_frame(index=False)
        index = {
            "names": [_label(name) for name in frame.index.names],
            "columns": [_column_parts(levels.iloc[:, k]) for k in range(levels.shape[1])],
        }
    return {
        "labels": [_label(label) for label in frame.columns],
        "columns": [_column_parts(frame.iloc[:, k]) for k in range(frame.shape[1])],
        "index": index,
    }


def frame_of_parts(parts: dict[str, Any]) -> pd.DataFrame:
    """Return the frame that :func:`frame_parts` took apart."""
    index: pd.Index
    if isinstance(parts["index"], tuple):
        index = pd.RangeIndex(*parts["index"])
    else:
        levels = [pd.Index(_column(stored)) for stored in parts["index"]["columns"]]
        names = parts["index"]["names"]
        index = (
            pd.MultiIndex.from_arrays(levels, names=names)
            if len(levels) > 1
            else levels[0].set_names(names)
        )
    columns = {k: _column(stored) for k, stored in enumerate(parts["columns"])}
    frame = pd.DataFrame(columns, index=range(len(index)))
    frame.columns = pd.Index(parts["labels"], dtype=None if parts["labels"] else object)
    frame.index = index
    return frame


def _label(label: object) -> str | int | None:
    if label is None or (isinstance(label, int) and not isinstance(label, bool)):
        return label
    return int(label) if isinstance(label, np.integer) else str(label)


def _column_parts(column: pd.Series) -> Any:
    dtype = column.dtype
    if isinstance(dtype, np.dtype) and dtype.kind in _PLAIN_KINDS:
        return column.to_numpy()
    if pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype):
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    missing = column.isna().tolist()
    texts = [None if gone else str(cell) for gone, cell in zip(missing, column, strict=True)]
    return {"texts": texts, "type": str(dtype) if str(dtype) in _TEXT_TYPES else "object"}


def _column(stored: Any) -> pd.Series:
    if isinstance(stored, dict):
        return pd.Series(stored["texts"], dtype=stored["type"])
    return pd.Series(stored)
