"""What every command prints: prose, tables and progress; and how errors look."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

import typer
from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column, Table
from rich.text import Text

#: Columns of text in files and pipes, which have no width of their own.
_WIDTH_OUTSIDE_TERMINALS = 120
_BAR_WIDTH = 20
_NARROW_BAR_WIDTH, _NARROW = 5, 110
#: Columns of text are wrapped down to this width before a table becomes a list.
_NARROWEST_TEXT = 12
_BETWEEN_COLUMNS = 2

#: Tells how far a fit is: number of likelihood evaluations, current objective.
OnEvaluation = Callable[[int, float], None]


def printable(text: object) -> str:
    """Return a text without control characters, which could rearrange a terminal.

    Line feeds stay: messages may have several lines.
    """
    return "".join(
        sign if sign == "\n" or sign.isprintable() else repr(sign)[1:-1] for sign in str(text)
    )


def print_error(message: str) -> None:
    """Print a message of an error to standard error, lines as they are."""
    label = typer.style("error:", fg=typer.colors.RED, bold=True)
    typer.echo(f"{label} {printable(message)}", err=True)


class Screen:
    """Where a command prints. Nothing a user wrote is taken for markup.

    Parameters
    ----------
    quiet : bool
        Print nothing but errors.
    """

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet
        self._started = time.monotonic()
        self._out = _console(sys.stdout)
        self._progress_console = Console(stderr=True, highlight=False, markup=False, emoji=False)

    @property
    def seconds(self) -> float:
        """Time since the command started."""
        return time.monotonic() - self._started

    def say(self, text: str = "") -> None:
        """Print a paragraph; a terminal wraps it at words."""
        self._print(Text(printable(text)))

    def heading(self, text: str) -> None:
        """Print the heading of what follows."""
        self._print(Text("\n" + printable(text), style="bold"))

    def notes(self, notes: Iterable[str]) -> None:
        """Print sentences as a list."""
        grid = Table.grid(Column(), Column(overflow="fold"), padding=(0, 1, 0, 0))
        for note in notes:
            grid.add_row("  -", Text(printable(note)))
        self._print(grid)

    def lines(self, text: str) -> None:
        """Print lines indented, unwrapped where the output is no terminal."""
        for line in printable(text).splitlines():
            self._print(Text("    " + line))

    def table(
        self,
        columns: Sequence[str],
        rows: Iterable[Sequence[str]],
        numbers: Sequence[str] = (),
    ) -> None:
        """Print a table; where the terminal is too narrow for it, a list.

        Parameters
        ----------
        columns : sequence of str
            Headings.
        rows : iterable of sequences of str
            One text per column.
        numbers : sequence of str
            Headings of the columns to align on the right and never to break.
        """
        rows = [tuple(map(printable, row)) for row in rows]
        if self._is_too_narrow(columns, rows, numbers):
            self._list(columns, rows)
            return
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
        for name in columns:
            right = name in numbers
            table.add_column(
                Text(name),
                justify="right" if right else "left",
                no_wrap=right,
                overflow="fold",
            )
        for row in rows:
            table.add_row(*map(Text, row))
        self._print(table)

    def bar(self, share: float) -> str:
        """Return a bar whose filled part is a share between 0 and 1."""
        encoding = getattr(sys.stdout, "encoding", None) or "ascii"
        full, empty = ("█", "░") if encoding.lower().startswith("utf") else ("#", ".")
        width = _BAR_WIDTH if self._out.width >= _NARROW else _NARROW_BAR_WIDTH
        filled = round(share * width)
        # Neither end is shown unless it is meant: 99.9 % is not all.
        if 0.0 < share < 1.0:
            filled = min(max(filled, 1), width - 1)
        return full * filled + empty * (width - filled)

    @contextmanager
    def working(self, doing: str) -> Iterator[OnEvaluation]:
        """Show a moving bar during long work, if errors go to a terminal; it vanishes afterwards.

        Parameters
        ----------
        doing : str
            What is being done, as in "Fitting".

        Yields
        ------
        callable
            To be called with the number of likelihood evaluations and the current objective.
        """
        progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=_BAR_WIDTH),
            TimeElapsedColumn(),
            console=self._progress_console,
            transient=True,
            disable=self.quiet or not self._progress_console.is_terminal,
        )
        with progress:
            task = progress.add_task(doing, total=None)

            def on_evaluation(done: int, objective: float) -> None:
                # The sampling engine has no objective, only steps.
                steps = math.isnan(objective)
                what = "steps of learning and drawing" if steps else "evaluations of the likelihood"
                told = f"{doing}: {done} {what}"
                progress.update(task, description=told)

            yield on_evaluation

    def _is_too_narrow(
        self, columns: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[str]
    ) -> bool:
        width = -_BETWEEN_COLUMNS
        for name, *cells in zip(columns, *rows, strict=True):
            longest = max(map(cell_len, (name, *cells)))
            width += longest if name in numbers else min(longest, _NARROWEST_TEXT)
            width += _BETWEEN_COLUMNS
        return width > self._out.width

    def _list(self, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        for first, *rest in rows:
            told = [f"{name} {cell}" for name, cell in zip(columns[1:], rest, strict=True) if cell]
            self._print(Text(f"{first}: {', '.join(told)}"))

    def _print(self, what: Text | Table) -> None:
        if self.quiet:
            return
        if self._out.is_terminal:
            self._out.print(what)
            return
        # Files and pipes get neither paragraphs cut into lines nor lines filled up with blanks.
        with self._out.capture() as captured:
            self._out.print(what, soft_wrap=isinstance(what, Text))
        lines = captured.get().splitlines()
        typer.echo("\n".join(line.rstrip() for line in lines))


def _console(file: object) -> Console:
    is_terminal = bool(getattr(file, "isatty", lambda: False)())
    return Console(
        file=file,  # type: ignore[arg-type]
        width=None if is_terminal else _WIDTH_OUTSIDE_TERMINALS,
        highlight=False,
        markup=False,
        emoji=False,
    )
