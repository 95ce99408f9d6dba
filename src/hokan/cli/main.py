"""The command ``hokan``: its subcommands, and what every one of them does with errors."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import hokan
from hokan.cli.console import print_error
from hokan.cli.demo import demo
from hokan.cli.describe import describe
from hokan.cli.fill import fill
from hokan.cli.fit import fit
from hokan.cli.impute import impute
from hokan.cli.predict import predict
from hokan.cli.study import study
from hokan.cli.study_missingness import missingness
from hokan.cli.study_physics import physics
from hokan.cli.study_size import size
from hokan.errors import HokanError

BAD_INPUT = 2
INTERRUPTED = 130


class Commands(TyperGroup):
    """Turns what a user can meet into one message and an exit code; bugs keep their traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run a subcommand."""
        try:
            return super().invoke(ctx)
        except HokanError as error:
            print_error(str(error))
            raise typer.Exit(BAD_INPUT) from None
        except MemoryError:
            print_error(
                "this machine has too little free memory for so many known values; keep fewer rows "
                "or columns. Nothing was written."
            )
            raise typer.Exit(BAD_INPUT) from None
        except KeyboardInterrupt:
            print_error("interrupted; nothing was written")
            raise typer.Exit(INTERRUPTED) from None


app = typer.Typer(
    name="hokan",
    cls=Commands,
    help=(
        "Fill the holes of small materials-property tables: every property learned together, every "
        "value with an error bar."
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"hokan {hokan.__version__}")
        raise typer.Exit


@app.callback()
def options_before_the_command(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Hold the options that come before the name of a command."""


for command in (fill, impute, fit, predict, describe, demo):
    app.command()(command)
study.command()(physics)
study.command()(missingness)
study.command()(size)
app.add_typer(study, name="study")


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that lacks a sign shows "?" in its place rather than stopping the work.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    app(prog_name="hokan")
