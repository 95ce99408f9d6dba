"""Write ``src/hokan/descriptors/elements.csv`` from the element table of matminer.

Run it where matminer is installed, and only to follow a new release of its table:

    python tools/make_element_table.py

Source: the Magpie elemental properties (L. Ward, A. Agrawal, A. Choudhary, C. Wolverton, npj
Computational Materials 2, 16028, 2016) as distributed with matminer (L. Ward et al., Computational
Materials Science 152, 60, 2018; BSD-style licence, kept beside the table as elements_LICENSE.txt).
The 22 properties of matminer's preset "magpie" are taken, in its order, and then the further ones
that ``hokan.descriptors.elements`` lists. A value that the
source does not have stays an empty cell; filling it is left to ``hokan.descriptors.elements``.
"""

from __future__ import annotations

import csv
import math
import warnings
from importlib.metadata import version
from pathlib import Path

from hokan.descriptors.elements import FURTHER_PROPERTIES

TARGET = Path(__file__).resolve().parents[1] / "src/hokan/descriptors/elements.csv"


def main() -> None:
    """Read matminer's table with its holes and write it as one CSV row per element."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # matminer's and pymatgen's imports, not ours to mend
        from matminer.featurizers.composition import ElementProperty
        from pymatgen.core import Element

        preset = ElementProperty.from_preset("magpie", impute_nan=False)
        table = preset.data_source.all_elemental_props
        names = [*preset.features, *FURTHER_PROPERTIES]
        symbols = [Element.from_Z(number).symbol for number in range(1, 119)]

    with TARGET.open("w", encoding="utf-8", newline="") as file:
        file.write(f"# Magpie elemental properties, from matminer {version('matminer')}.\n")
        file.write("# Ward et al., npj Comput. Mater. 2, 16028 (2016). See elements_LICENSE.txt.\n")
        file.write("# Empty: not in the source. Made by tools/make_element_table.py.\n")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["symbol", *names])
        for symbol in symbols:
            values = [float(table[name][symbol]) for name in names]
            cells = [
                "" if math.isnan(value) else repr(value).removesuffix(".0") for value in values
            ]
            writer.writerow([symbol, *cells])
    print(f"Wrote {len(symbols)} elements x {len(names)} properties to {TARGET}")


if __name__ == "__main__":
    main()
