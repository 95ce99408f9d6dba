"""A folder of many files that appear together, or not at all."""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hokan.cli.output_folder import make_folder
from hokan.errors import OutputError
from hokan.table import check_writable

_MOST_NAMED = 3


@contextmanager
def whole_folder(folder: Path, earlier: str, *inputs: Path | None) -> Iterator[Path]:
    """Make sure, before long work, that results can be put into a folder, and put them there.

    What follows writes into another folder beside it; when it ends well, its files are moved over
    at once, and those of an earlier run are removed. When it fails, everything is as before.

    Parameters
    ----------
    folder : Path
        Made, with those above it, if it is not there.
    earlier : str
        Regular expression of the names of files that an earlier run wrote. Any other file in the
        folder is somebody's, and is not mixed with results.
    *inputs : Path or None
        Files that are read, and shall not be replaced.

    Yields
    ------
    Path
        Where to write.

    Raises
    ------
    OutputError
        If the folder cannot be made or written to, or holds other files.
    """
    _check(folder, earlier, inputs)
    made: list[Path] = []
    try:
        make_folder(folder, made)
        check_writable(folder / "file")
        temporary = folder / f".hokan-{secrets.token_hex(4)}"
        make_folder(temporary, made)
        yield temporary
        _move(temporary, folder, earlier)
    except BaseException:
        if made and made[-1].name.startswith(".hokan-"):
            shutil.rmtree(made.pop(), ignore_errors=True)
        for part in reversed(made):
            with suppress(OSError):
                part.rmdir()
        raise


def _check(folder: Path, earlier: str, inputs: tuple[Path | None, ...]) -> None:
    try:
        if not folder.exists():
            return
        if not folder.is_dir():
            raise OutputError(f"{folder}: is a file; give the name of a folder")
        there = sorted(path.name for path in folder.iterdir())
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise OutputError(f"{folder}: the folder cannot be read: {reason}.") from error
    strange = [name for name in there if not re.fullmatch(earlier, name)]
    if strange:
        more = len(strange) - _MOST_NAMED
        named = ", ".join(strange[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
        raise OutputError(
            f"{folder}: the folder holds other files ({named}); give the name of a new folder, or "
            "of an empty one"
        )
    for given in inputs:
        if given is not None and given.resolve().parent == folder.resolve():
            raise OutputError(
                f"{folder}: the folder holds an input file, {given.name}; give another one"
            )


def _move(temporary: Path, folder: Path, earlier: str) -> None:
    """Replace what an earlier run wrote by what this one wrote."""
    new = {path.name for path in temporary.iterdir()}
    try:
        for path in folder.iterdir():
            if path.name not in new and re.fullmatch(earlier, path.name):
                path.unlink()
        for name in sorted(new):
            (temporary / name).replace(folder / name)
        temporary.rmdir()
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written: {error.strerror}.") from error
