"""Objects as JSON values and named arrays, and back.

JSON holds numbers, texts, True, False and None as they are. Everything else is an object with one
key that says what it is::

    {"tuple": [...]}    {"dict": [[key, value], ...]}    {"array": "cells.values"}
    {"arrays": "space.rank_values", "lengths": [...]}    {"object": "Cells", "parts": {...}}
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hokan.errors import ModelFileError, OutputError
from hokan.store.forms import FORM_NAMED, FORM_OF_KIND

AnyArray = NDArray[Any]
_ARRAY_KINDS = "biufmM"
_NOT_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


class Encoder:
    """Turns an object into JSON, and collects its arrays.

    Attributes
    ----------
    arrays : dict of str to ndarray
        Arrays by the path at which they were found.
    """

    def __init__(self) -> None:
        self.arrays: dict[str, AnyArray] = {}

    def encode(self, value: Any, path: str) -> Any:
        """Return a value as JSON; ``path`` is how it was reached, for names and messages."""
        if value is None or isinstance(value, bool | str):
            return value
        if isinstance(value, np.generic):
            value = value.item()
        if isinstance(value, bool | int | str):
            return value
        if isinstance(value, float):
            if math.isfinite(value):
                return value
            return {"float": next(k for k, v in _NOT_FINITE.items() if repr(v) == repr(value))}
        if isinstance(value, np.ndarray):
            return {"array": self._keep(path, value)}
        if isinstance(value, tuple):
            if value and all(_is_list_of_numbers(entry) for entry in value):
                lengths = [len(entry) for entry in value]
                return {"arrays": self._keep(path, np.concatenate(value)), "lengths": lengths}
            return {"tuple": self._entries(value, path)}
        if isinstance(value, list):
            return self._entries(value, path)
        if isinstance(value, dict):
            return {
                "dict": [
                    [self.encode(key, path), self.encode(held, _join(path, str(key)))]
                    for key, held in value.items()
                ]
            }
        form = FORM_OF_KIND.get(type(value))
        if form is None:
            raise OutputError(
                f"{path}: a {type(value).__module__}.{type(value).__qualname__} cannot be stored "
                "in a model file"
            )
        parts = form.take_apart(value).items()
        return {
            "object": form.name,
            "parts": {name: self.encode(part, _join(path, name)) for name, part in parts},
        }

    def _entries(self, values: Any, path: str) -> list[Any]:
        return [self.encode(entry, f"{path}.{place}") for place, entry in enumerate(values)]

    def _keep(self, path: str, array: AnyArray) -> str:
        if array.dtype.kind not in _ARRAY_KINDS:
            raise OutputError(f"{path}: an array of {array.dtype} cannot be stored in a model file")
        if path in self.arrays:  # arrays as keys of a dict, say
            raise OutputError(f"{path}: two arrays in one place cannot be stored in a model file")
        self.arrays[path] = array
        return path


class Decoder:
    """Turns JSON and arrays back into objects.

    Parameters
    ----------
    arrays : dict of str to ndarray
        By name.
    """

    def __init__(self, arrays: dict[str, AnyArray]) -> None:
        self._arrays = dict(arrays)

    def decode(self, stored: Any) -> Any:
        """Return the object that JSON stands for.

        Raises
        ------
        ModelFileError, ValueError, TypeError, KeyError
            Parts are missing, unknown, or do not fit together.
        """
        if isinstance(stored, list):
            return [self.decode(entry) for entry in stored]
        if not isinstance(stored, dict):
            return stored
        if "float" in stored:
            return _NOT_FINITE[stored["float"]]
        if "array" in stored:
            return self._take(stored["array"])
        if "arrays" in stored:
            stops = np.cumsum(stored["lengths"])
            together = self._take(stored["arrays"])
            if not len(stops) or stops[-1] != len(together):
                raise ModelFileError(f"{stored['arrays']}: its parts do not add up")
            return tuple(part.copy() for part in np.split(together, stops[:-1]))
        if "tuple" in stored:
            return tuple(self.decode(entry) for entry in stored["tuple"])
        if "dict" in stored:
            return {self.decode(key): self.decode(value) for key, value in stored["dict"]}
        form = FORM_NAMED.get(stored["object"])
        if form is None:
            raise ModelFileError(f"it holds a {stored['object']!r}, which is not known")
        return form.put_together({k: self.decode(v) for k, v in stored["parts"].items()})

    def _take(self, name: str) -> AnyArray:
        if name not in self._arrays:
            raise ModelFileError(f"the array {name!r} is missing")
        return self._arrays[name]


def _is_list_of_numbers(value: object) -> bool:
    return isinstance(value, np.ndarray) and value.ndim == 1 and value.dtype == np.float64


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
