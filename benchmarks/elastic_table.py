"""Write elastic_debye.csv without its faults, as a table for the studies of filling holes.

Run from the root of the repository:

    python benchmarks/elastic_table.py --data FOLDER --output elastic.csv
    hokan study missingness elastic.csv
    hokan study size elastic.csv

The faults are those told in benchmarks/elastic.py: a row without its formula is left out, and a
thermal expansion of 0 becomes a hole.
"""

from __future__ import annotations

from pathlib import Path

from _splits import parser
from elastic import read_elastic
from hokan.table import write_frame


def main() -> None:
    arguments = parser(__doc__, data=True)
    arguments.add_argument("--output", type=Path, default=Path("elastic.csv"))
    options = arguments.parse_args()
    write_frame(read_elastic(options.data), options.output)


if __name__ == "__main__":
    main()
