"""Property graphs as TOML files, for people to write and read.

::

    [properties.melting_point_K]
    transform = "log"
    parents = ["debye_temperature_K", "bulk_modulus_GPa"]
    link = { debye_temperature_K = "smooth" }
    prior = { debye_temperature_K = 2.0 }

Reading is done by the standard library, which has no writer; the few forms needed are written here.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import fields
from os import PathLike
from pathlib import Path
from typing import Any

from hokan.errors import GraphError
from hokan.graph.property import Property
from hokan.graph.wording import did_you_mean, quoted

_KEYS = tuple(field.name for field in fields(Property) if field.name != "name")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SHORT_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def read_text(path: str | PathLike[str]) -> str:
    """Return the text of a graph file.

    Raises
    ------
    GraphError
        If the file cannot be read or is not UTF-8.
    """
    if "\n" in str(path):
        raise GraphError(
            "expected the path of a graph file, found a text of several lines; "
            "read a text with PropertyGraph.from_toml_text"
        )
    try:
        content = Path(path).read_bytes()
    except FileNotFoundError:
        raise GraphError(f"{path}: there is no such graph file") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise GraphError(f"{path}: the graph file cannot be read: {reason}") from error
    try:
        # Some editors begin UTF-8 files with a byte-order mark.
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise GraphError(
            f"{path}, line {line}: graph files are UTF-8 text, found a byte that is not; "
            "save the file as UTF-8"
        ) from None


def properties_from_toml(text: str, source: str) -> tuple[Property, ...]:
    """Return the properties a TOML text describes, in its order.

    Parameters
    ----------
    text : str
    source : str
        Where it comes from, for messages.

    Raises
    ------
    GraphError
        If the text is not TOML (with the line), or a property or key is not as expected (with its
        name).
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise GraphError(f"{source}: not valid TOML: {error}{_hint(text, error)}") from None
    for key in document:
        if key != "properties":
            raise GraphError(
                f"{source}: key {key!r} is not known{did_you_mean(key, ['properties'])}; a graph "
                "file has one table [properties.NAME] for each property"
            )
    described = document.get("properties")
    if not isinstance(described, Mapping) or not described:
        raise GraphError(
            f"{source}: no property found; "
            "a graph file has one table [properties.NAME] for each property"
        )
    return tuple(_read_property(name, entry, source) for name, entry in described.items())


def _read_property(name: str, entry: object, source: str) -> Property:
    where = f"{source}: property {name!r}:"
    if not isinstance(entry, Mapping):
        raise GraphError(
            f"{where} expected a table [properties.{_key(name)}], found {quoted(entry)}"
        )
    for key, value in entry.items():
        if key not in _KEYS:
            message = f"{where} key {key!r} is not known{did_you_mean(key, _KEYS)}"
            if isinstance(value, Mapping):
                message += (
                    f"; a property name with a dot needs quotes: "
                    f"[properties.{_text(f'{name}.{key}')}]"
                )
            raise GraphError(f"{message}; keys are {', '.join(_KEYS)}")
    arguments: dict[str, Any] = dict(entry)
    try:
        return Property(name, **arguments)
    except GraphError as error:
        raise GraphError(f"{source}: {error}") from None


def _hint(text: str, error: tomllib.TOMLDecodeError) -> str:
    place = re.search(r"at line (\d+)", str(error))
    lines = text.splitlines()
    if place is None or not 0 < int(place[1]) <= len(lines):
        return ""
    line = lines[int(place[1]) - 1].strip()
    if line.startswith("[properties.") and '"' not in line:
        return "; a name with spaces, brackets or other signs is written in double quotes"
    return ""


def properties_to_toml(properties: Iterable[Property]) -> str:
    """Return a TOML text from which :func:`properties_from_toml` reads equal properties."""
    return "\n".join("\n".join(_lines(member)) + "\n" for member in properties)


def _lines(member: Property) -> list[str]:
    lines = [f"[properties.{_key(member.name)}]"]
    if member.unit is not None:
        lines.append(f"unit = {_text(member.unit)}")
    if member.quantity is not None:
        lines.append(f"quantity = {_text(member.quantity)}")
    lines.append(f"transform = {_text(member.transform)}")
    if member.lower is not None and member.upper is not None:
        lines += [f"lower = {member.lower!r}", f"upper = {member.upper!r}"]
    if member.floor != "auto":
        lines.append(f"floor = {_value(member.floor)}")
    if member.discrepancy != "gaussian process":
        lines.append(f"discrepancy = {_text(member.discrepancy)}")
    if member.measurement_error != "given":
        lines.append(f"measurement_error = {_value(member.measurement_error)}")
    if member.gross_errors != "auto":
        lines.append(f"gross_errors = {_value(member.gross_errors)}")
    if member.parents:
        lines.append(f"parents = [{', '.join(map(_text, member.parents))}]")
    if member.link != "auto":
        lines.append(f"link = {_value(member.link)}")
    if member.formula is not None:
        lines.append(f"formula = {_text(member.formula)}")
    if member.prior:
        lines.append(f"prior = {_value(member.prior)}")
    return lines


def _value(value: object) -> str:
    """Write a number, a text, or pairs of a parent and one of these."""
    if isinstance(value, tuple):
        return f"{{ {', '.join(f'{_key(parent)} = {_value(of)}' for parent, of in value)} }}"
    return _text(value) if isinstance(value, str) else repr(value)


def _key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else _text(name)


def _text(value: str) -> str:
    """Write a TOML basic string: quotes, backslashes and control characters are escaped."""
    return f'"{"".join(_escaped(character) for character in value)}"'


def _escaped(character: str) -> str:
    if character in _SHORT_ESCAPES:
        return _SHORT_ESCAPES[character]
    if character < " " or character == "\x7f":
        return f"\\u{ord(character):04x}"
    return character
