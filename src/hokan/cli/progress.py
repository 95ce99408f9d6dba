"""A bar for work of which it is known how much there is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

#: Tells how far work is: parts done, parts in all.
OnPart = Callable[[int, int], None]


@contextmanager
def counted_work(doing: str, total: int, *, quiet: bool) -> Iterator[OnPart]:
    """Show how many parts are done and how long the rest may take; vanishes afterwards.

    Nothing is shown if errors do not go to a terminal.

    Parameters
    ----------
    doing : str
        What is being done, as in "Predicting held-out values".
    total : int
        Number of parts.
    quiet : bool
        Show nothing.

    Yields
    ------
    callable
        To be called with the number of parts done and of parts in all.
    """
    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    progress = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left:"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=quiet or not console.is_terminal,
    )
    with progress:
        task = progress.add_task(doing, total=total)

        def on_part(done: int, of: int) -> None:
            progress.update(task, completed=done, total=of)

        yield on_part
