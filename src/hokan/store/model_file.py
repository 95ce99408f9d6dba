"""The container: a zip archive with ``model.json`` and one ``.npy`` file for each array.

``numpy.load`` opens it too. Times inside are fixed, so one model always gives the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import os
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hokan import __version__
from hokan.errors import ModelFileError
from hokan.table import write_bytes_atomically

AnyArray = NDArray[Any]

FORMAT = "hokan model"
#: Raised whenever a file written now could not be read by the code of an earlier version.
FORMAT_VERSION = 1
_DESCRIPTION = "model.json"
_ARRAYS = "arrays/"
#: Larger contents are believed only if they are not compressed beyond what real tables reach.
_LARGE, _MOST_COMPRESSION = 2**28, 200
_DAMAGED = (
    "the file is damaged. Copy it again from where it was saved, or fit and save the model again"
)


def write_model_file(
    path: str | os.PathLike[str], description: dict[str, Any], arrays: dict[str, AnyArray]
) -> None:
    """Write a model file in one step.

    Parameters
    ----------
    path : path
    description : dict
        JSON values.
    arrays : dict of str to ndarray
        By name; no objects.

    Raises
    ------
    OutputError
        If it cannot be written; nothing is left behind then.
    """
    contents = {f"{_ARRAYS}{name}.npy": _npy_bytes(array) for name, array in arrays.items()}
    head = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "hokan_version": __version__,
        **description,
        "sha256": {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()},
    }
    text = json.dumps(head, ensure_ascii=False, allow_nan=False, indent=1)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {_DESCRIPTION: text.encode("utf-8", "surrogatepass"), **contents}.items():
            entry = zipfile.ZipInfo(name)  # dated 1980-01-01
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, data)
    write_bytes_atomically(path, buffer.getvalue())


def read_model_file(path: str | os.PathLike[str]) -> tuple[dict[str, Any], dict[str, AnyArray]]:
    """Read a model file; the inverse of :func:`write_model_file`.

    Raises
    ------
    ModelFileError
        If there is no such file, or it is not a model, damaged, or from a newer version; with what
        to do.
    """
    data = _read(path)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _read_archive(archive, len(data), path)
    except ModelFileError:
        raise
    except zipfile.BadZipFile as error:
        if data[:4] != b"PK\x03\x04":
            raise ModelFileError(
                f"{path}: is not a hokan model; expected a file written by save_model or "
                "`hokan fit`"
            ) from None
        raise ModelFileError(f"{path}: {_DAMAGED} ({error})") from error
    except (
        zlib.error,
        EOFError,
        OSError,
        NotImplementedError,
        RuntimeError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        MemoryError,
        RecursionError,
    ) as error:
        raise ModelFileError(f"{path}: {_DAMAGED} ({error or type(error).__name__})") from error


def _read(path: str | os.PathLike[str]) -> bytes:
    if Path(path).is_dir():
        raise ModelFileError(f"{path}: is a folder; expected a model file")
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise ModelFileError(f"{path}: there is no such model file") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ModelFileError(f"{path}: the model file cannot be read: {reason}") from error


def _read_archive(
    archive: zipfile.ZipFile, size: int, path: str | os.PathLike[str]
) -> tuple[dict[str, Any], dict[str, AnyArray]]:
    names = archive.namelist()
    if _DESCRIPTION not in names:
        raise ModelFileError(f"{path}: is a zip archive, but not a hokan model")
    unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > _LARGE and unpacked > _MOST_COMPRESSION * size:
        raise ModelFileError(
            f"{path}: {size / 1e6:.0f} MB claim to hold {unpacked / 1e6:.0f} MB, which no model "
            "does; it is not read"
        )
    head = json.loads(archive.read(_DESCRIPTION).decode("utf-8", "surrogatepass"))
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise ModelFileError(f"{path}: is a zip archive, but not a hokan model")
    _check_version(head, path)
    sums = head.pop("sha256")
    if sorted(names) != sorted([_DESCRIPTION, *sums]):
        different = sorted(set(names) ^ {_DESCRIPTION, *sums}) or ["an entry that is there twice"]
        raise ModelFileError(f"{path}: {_DAMAGED} (missing or unexpected: {', '.join(different)})")
    arrays = {}
    for name, expected in sums.items():
        data = archive.read(name)
        if hashlib.sha256(data).hexdigest() != expected:
            raise ModelFileError(f"{path}: {_DAMAGED} ({name}: its checksum differs)")
        arrays[name.removeprefix(_ARRAYS).removesuffix(".npy")] = _array_of(data, name)
    return head, arrays


def _check_version(head: dict[str, Any], path: str | os.PathLike[str]) -> None:
    version = head.get("format_version")
    writer = head.get("hokan_version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise ModelFileError(f"{path}: {_DAMAGED} (format version {version!r})")
    if version > FORMAT_VERSION:
        raise ModelFileError(
            f"{path}: was saved by a newer hokan ({writer}, model format {version}); this is "
            f"hokan {__version__}, which reads formats up to {FORMAT_VERSION}. Upgrade with: "
            "pip install --upgrade hokan"
        )


def _npy_bytes(array: AnyArray) -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.asarray(array), allow_pickle=False)
    return buffer.getvalue()


def _array_of(data: bytes, name: str) -> AnyArray:
    """Read a ``.npy`` file, making sure that its header is true before memory is taken for it."""
    stream = io.BytesIO(data)
    if np.lib.format.read_magic(stream) != (1, 0):
        raise ValueError(f"{name}: not an array of format 1.0")
    shape, fortran_order, dtype = np.lib.format.read_array_header_1_0(stream)
    body = data[stream.tell() :]
    if dtype.hasobject or math.prod(shape) * dtype.itemsize != len(body):
        raise ValueError(f"{name}: its size is not what it says")
    flat = np.frombuffer(body, dtype)
    return flat.reshape(shape, order="F" if fortran_order else "C").copy(order="K")
