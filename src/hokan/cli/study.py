"""``hokan study``: questions about methods, answered on data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from hokan.cli.console import Screen
from hokan.cli.inputs import check_formulas, split_names, typed_numbers, typed_whole_numbers
from hokan.cli.options import DescriptorsOption, FormulaOption, QuietOption, SeedOption
from hokan.cli.output_folder import output_folder
from hokan.cli.progress import counted_work
from hokan.cli.study_report import show_fidelities, show_question
from hokan.cli.wording import duration
from hokan.datasets import load_formation_enthalpies
from hokan.datasets.formation_enthalpies import LEVELS
from hokan.errors import HokanError, TableError
from hokan.evaluation import study_fidelities, summarise_fidelities
from hokan.evaluation.fidelity_draws import FEWEST_KNOWN, how_many_fit, only_levels
from hokan.plots import learning_curves, write_html
from hokan.plots.theme import plotly_objects
from hokan.table import PropertyTable, read_table, write_frame

LEVEL = 0.9
USUAL_NUMBERS, USUAL_HIDDEN = (10, 20, 40, 80), 100
#: Of the embedded table, every compound studied has a calculation. Without it in a third of the
#: rows, the table is what tables are: not nested.
SHARE_OF_CALCULATIONS = 2 / 3

study = typer.Typer(
    help="Answer questions about methods on data: an embedded table, or your own.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@study.callback()
def options_before_the_study() -> None:
    """Answer questions about methods on data: an embedded table, or your own."""


@dataclass(frozen=True)
class Design:
    """What to hide and how often."""

    levels: tuple[str, ...]
    n_known: tuple[int, ...]
    n_hidden: int
    shares: dict[str, float]


@study.command()
def fidelities(
    table: Annotated[
        Path | None,
        typer.Argument(
            metavar="[TABLE]",
            help="CSV, TSV or Parquet file with one material in each row and a column for each "
            "level. Without it: measured formation enthalpies with calculated ones (GGA).",
            show_default=False,
        ),
    ] = None,
    levels: Annotated[
        list[str] | None,
        typer.Option(
            "--levels",
            metavar="COL,COL",
            help="Columns with the same quantity, from the cheapest to the most trusted; the last "
            "is predicted. Needed with a table of your own.",
        ),
    ] = None,
    known: Annotated[
        str | None,
        typer.Option(
            "--known",
            metavar="N,N",
            help="In how many rows the last level stays known. Without it: 10,20,40,80, as far as "
            "there are rows.",
        ),
    ] = None,
    repeats: Annotated[
        int,
        typer.Option("--repeats", min=1, metavar="NUMBER", help="Random draws for each of these."),
    ] = 10,
    hidden: Annotated[
        int | None,
        typer.Option(
            "--hidden",
            min=2,
            metavar="NUMBER",
            help="Rows to hold out. Without it: 100, or half of those that can be.",
        ),
    ] = None,
    share: Annotated[
        str | None,
        typer.Option(
            "--share",
            metavar="SHARE,SHARE",
            help="Share of the known values of each lower level to keep, cheapest first; the "
            "others become holes at random. One number is for all. Without it, all are kept (two "
            "thirds of the embedded table).",
        ),
    ] = None,
    rows: Annotated[
        int,
        typer.Option(
            "--rows",
            min=10,
            metavar="NUMBER",
            help="Rows to learn from in each draw, at most, beside those held out.",
        ),
    ] = 600,
    formula: FormulaOption = None,
    descriptors: DescriptorsOption = None,
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", metavar="FOLDER", help="Folder for the results; made if need be."
        ),
    ] = Path("fidelities"),
    jobs: Annotated[
        int,
        typer.Option(
            "--jobs", min=1, metavar="NUMBER", help="Processes to work in; changes no result."
        ),
    ] = 2,
    seed: SeedOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Tell how far cheap values help to predict expensive ones.

    Values of the last level are hidden and predicted from more and more known ones: from that level
    alone, by cokriging, and by the joint model, where the lower levels of the row are known and
    where they are not. Takes one or two minutes on the embedded table. Writes FOLDER/fidelities.csv
    and one picture, FOLDER/fidelities.html.
    """
    screen = Screen(quiet)
    plotly_objects()  # is missing now, rather than after minutes
    given = _read(table, levels, formula, descriptors)
    names = split_names(levels) or LEVELS
    part = only_levels(given, names)
    shares = _shares(share, names, embedded=table is None)
    design = _design(part, names, known, hidden, shares)
    with output_folder(output, "fidelities.csv", "fidelities.html") as (scores_path, picture_path):
        show_question(screen, part, names, design.n_hidden, design.shares)
        parts = len(design.n_known) * repeats
        with counted_work("Predicting held-out values", parts, quiet=quiet) as on_part:
            scores = study_fidelities(
                part,
                names,
                design.n_known,
                n_repeats=repeats,
                n_hidden=design.n_hidden,
                shares=design.shares,
                most_rows=rows,
                level=LEVEL,
                random_state=seed,
                n_jobs=jobs,
                progress=on_part,
            )
        unit = part.units[names[-1]]
        show_fidelities(screen, scores, names, unit, LEVEL)
        picture = learning_curves(
            summarise_fidelities(scores),
            title=f"Cheap values and {names[-1]}: error against what is known",
            subtitle=f"{Path(part.source).name}: {' → '.join(names)}; {design.n_hidden} rows "
            f"held out in {'1 draw' if repeats == 1 else f'each of {repeats} draws'}",
            top=names[-1],
            unit=unit,
            level=LEVEL,
        )
        write_frame(scores, scores_path)
        write_html(picture, picture_path, title="hokan: a study of fidelities")
    screen.heading(f"Done after {duration(screen.seconds)}")
    screen.notes(
        [
            f"{scores_path}: every score of every draw",
            f"{picture_path}: the picture; open it in a browser",
        ]
    )


def _read(
    path: Path | None,
    levels: Sequence[str] | None,
    formula: str | None,
    descriptors: Sequence[str] | None,
) -> PropertyTable:
    if path is None:
        if formula is not None or descriptors:
            raise HokanError(
                "--formula and --descriptors are for a table of your own; give its file, as in: "
                "hokan study fidelities TABLE --levels COL,COL"
            )
        frame = load_formation_enthalpies()
        return PropertyTable.from_frame(
            frame[frame[LEVELS[0]].notna()].reset_index(drop=True), source="formation enthalpies"
        )
    names = split_names(levels)
    table = read_table(
        path,
        composition=formula,
        descriptors=split_names(descriptors),
        properties=names or None,
    )
    if not names:
        raise HokanError(
            f"{path}: say which columns are the levels, from the cheapest to the most trusted: "
            f"--levels COL,COL. The columns of numbers are {', '.join(table.property_names)}"
        )
    check_formulas(table)
    return table


def _shares(given: str | None, levels: Sequence[str], *, embedded: bool) -> dict[str, float]:
    lower = levels[:-1]
    if given is None:
        return {lower[0]: SHARE_OF_CALCULATIONS} if embedded else {}
    shares = list(typed_numbers(given, "--share", "0.8,0.4"))
    if len(shares) == 1:
        shares *= len(lower)
    if len(shares) != len(lower):
        raise HokanError(
            f"--share {given}: expected one share for each level below the top "
            f"({', '.join(lower)}), or one for all; found {len(shares)}"
        )
    return dict(zip(lower, shares, strict=True))


def _design(
    table: PropertyTable,
    levels: tuple[str, ...],
    known: str | None,
    hidden: int | None,
    shares: dict[str, float],
) -> Design:
    can_be_hidden, can_be_known = how_many_fit(table, levels)
    n_hidden = min(USUAL_HIDDEN, can_be_hidden // 2) if hidden is None else hidden
    if known is not None:
        numbers = typed_whole_numbers(known, "--known", "10,20,40")
        return Design(levels, numbers, n_hidden, shares)
    # Rows of one composition with a held-out one are lost: leave some room.
    room = 0.9 * (can_be_known - n_hidden)
    numbers = tuple(number for number in USUAL_NUMBERS if number <= room)
    if not numbers or n_hidden < FEWEST_KNOWN:
        raise TableError(
            f"{table.source}: {levels[-1]!r} is known in {can_be_known} rows, {can_be_hidden} of "
            f"them with {levels[-2]!r}; that is too few to hide some and keep 10. With --known and "
            "--hidden smaller numbers can be tried."
        )
    return Design(levels, numbers, n_hidden, shares)
