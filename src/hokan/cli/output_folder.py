"""A folder for results that is there with its files, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hokan.errors import OutputError
from hokan.table import check_writable


@contextmanager
def output_folder(folder: Path, *names: str) -> Iterator[tuple[Path, ...]]:
    """Make a folder and be sure that files can be written in it, before long work.

    Parameters
    ----------
    folder : Path
        Made, with those above it, if it is not there.
    *names : str
        Files to be written.

    Yields
    ------
    tuple of Path
        The files, in order.

    Raises
    ------
    OutputError
        If the folder cannot be made or written to. Folders made here are removed again when what
        follows fails before it has written anything.
    """
    made: list[Path] = []
    try:
        make_folder(folder, made)
        paths = tuple(folder / name for name in names)
        for path in paths:
            check_writable(path)
        yield paths
    except BaseException:
        for parent in reversed(made):
            with suppress(OSError):  # something has been written
                parent.rmdir()
        raise


def make_folder(folder: Path, made: list[Path]) -> None:
    """Make a folder and those above it, and list those that were not there.

    Raises
    ------
    OutputError
        If one of them cannot be made.
    """
    for part in (*reversed(folder.parents), folder):
        try:
            if not part.is_dir():
                part.mkdir()
                made.append(part)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise OutputError(f"{folder}: the folder cannot be made: {reason}.") from error
