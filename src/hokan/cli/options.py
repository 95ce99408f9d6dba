"""Arguments and options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Engine(StrEnum):
    """Ways to compute the posterior."""

    AUTO = "auto"
    EXACT = "exact"
    SAMPLING = "sampling"


TableArgument = Annotated[
    Path,
    typer.Argument(
        metavar="TABLE",
        help="CSV, TSV or Parquet file with one material in each row; empty cells are holes.",
    ),
]
GraphOption = Annotated[
    Path | None,
    typer.Option(
        "--graph",
        metavar="GRAPH.toml",
        help="File that says how properties depend on each other. Without it, every property is "
        "linked to all that are known better.",
    ),
]
FormulaOption = Annotated[
    str | None,
    typer.Option(
        "--formula",
        metavar="COLUMN",
        help="Column with chemical formulas. Without it, a text column called formula or "
        "composition is taken, if there is one.",
    ),
]
DescriptorsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--descriptors",
        metavar="COL,COL",
        help="Numeric columns, known in every row, that describe a material and are not predicted.",
    ),
]
IgnoreOption = Annotated[
    list[str] | None,
    typer.Option(
        "--ignore", metavar="COL,COL", help="Columns to carry through without reading them."
    ),
]
SameMaterialOption = Annotated[
    bool,
    typer.Option(
        "--same-material",
        help="Rows of equal composition are repeated measurements of one material. Without it "
        "they are different materials, such as polymorphs.",
    ),
]
LevelOption = Annotated[
    float,
    typer.Option(
        "--level",
        metavar="PROBABILITY",
        help="How probable it is meant to be that an interval holds the value; between 0 and 1.",
    ),
]
EngineOption = Annotated[
    Engine,
    typer.Option(
        "--engine",
        help="How to compute: exact, for straight links; sampling, for any; auto takes the exact "
        "one where all links are straight.",
    ),
]
LinksOption = Annotated[
    Path | None,
    typer.Option(
        "--links",
        metavar="PICTURE.html",
        help="Also draw every link that was learned, over the known values, in a file for the "
        "browser.",
    ),
]
SeedOption = Annotated[
    int,
    typer.Option("--seed", min=0, metavar="NUMBER", help="Same number, same answer."),
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
