"""Files that are there whole or not at all.

A file is written beside its target under another name and then moved over it in one step, so that
neither a crash nor a full disk leaves half a result, and an older result stays until the new one
is complete.
"""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from hokan.errors import OutputError

PathLike = str | os.PathLike[str]

_SPREADSHEETS = {".xlsx", ".xls", ".xlsm", ".ods"}


def check_writable(path: PathLike) -> None:
    """Make sure, before long work, that a file can be written at ``path``.

    Nothing at ``path`` is touched: a small file is made beside it and removed again.

    Parameters
    ----------
    path
        File to be written later. It may exist; then it will be replaced.

    Raises
    ------
    OutputError
        If the folder does not exist or cannot be written to, if ``path`` is a folder, a device or
        a write-protected file, or ends like a spreadsheet file, which hokan does not write.
    """
    target = _target(path)
    temporary, descriptor = _open_beside(target, path)
    os.close(descriptor)
    temporary.unlink(missing_ok=True)


def write_bytes_atomically(path: PathLike, data: bytes) -> None:
    """Write a file in one step: afterwards it is there whole, or as it was before.

    Parameters
    ----------
    path
        File to write or replace. A link is followed; an existing file's permissions are kept.
    data
        Its whole content.

    Raises
    ------
    OutputError
        If it cannot be written; nothing is left behind then.
    """
    target = _target(path)
    temporary, descriptor = _open_beside(target, path)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            os.chmod(temporary, stat.S_IMODE(target.stat().st_mode))
        os.replace(temporary, target)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}.") from error
    finally:
        # After os.replace there is nothing under this name; after anything else there may be.
        temporary.unlink(missing_ok=True)


def write_text_atomically(path: PathLike, text: str) -> None:
    """Write a UTF-8 text file in one step; see :func:`write_bytes_atomically`."""
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise OutputError(f"{path}: the text cannot be written as UTF-8: {error}.") from error
    write_bytes_atomically(path, data)


def _target(path: PathLike) -> Path:
    """Return the file that will be replaced, links followed, or say why there can be none."""
    if not os.fspath(path):
        raise OutputError("The output path is empty; give a file name.")
    try:
        target = Path(os.path.realpath(path))
    except (OSError, ValueError) as error:
        raise OutputError(f"{path!r}: is not a usable file name: {error}.") from error
    if target.suffix.lower() in _SPREADSHEETS:
        raise OutputError(
            f"{path}: spreadsheet files ({target.suffix}) are not written; choose a name ending in "
            ".csv, which spreadsheet programs open, or in .parquet."
        )
    try:
        if target.is_dir():
            raise OutputError(f"{path}: is a folder; give the name of a file in it.")
        if not target.parent.is_dir():
            raise OutputError(
                f"{path}: there is no folder {str(Path(path).parent)!r}; create it first, or "
                "write elsewhere."
            )
        if target.exists():
            if not target.is_file():
                raise OutputError(f"{path}: is not a regular file; give the name of a file.")
            if not os.access(target, os.W_OK):
                raise OutputError(f"{path}: is write-protected; write to another file.")
    except (OSError, ValueError) as error:
        if isinstance(error, OutputError):
            raise
        raise OutputError(f"{path}: is not a usable file name: {error}.") from error
    return target


def _open_beside(target: Path, path: PathLike) -> tuple[Path, int]:
    """Create an empty file in the target's folder, with the permissions of any new file there."""
    temporary = target.with_name(f".{target.name[:40]}.{secrets.token_hex(6)}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        return temporary, os.open(temporary, flags, 0o666)
    except OSError as error:
        raise OutputError(
            f"{path}: the folder cannot be written to: {error.strerror or error}."
        ) from error
