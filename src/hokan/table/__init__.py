"""What is known: tables of materials and properties with holes, read and written."""

from hokan.table.atomic import check_writable, write_bytes_atomically, write_text_atomically
from hokan.table.filled import filled_frame
from hokan.table.missing_pattern import MissingPattern
from hokan.table.nesting import Nesting, nested_subset
from hokan.table.pair_counts import PairCounts
from hokan.table.property_table import PropertyTable
from hokan.table.reading import read_table
from hokan.table.roles import ColumnReading
from hokan.table.units import unit_from_name
from hokan.table.writing import check_table_writable, write_frame

__all__ = [
    "ColumnReading",
    "MissingPattern",
    "Nesting",
    "PairCounts",
    "PropertyTable",
    "check_table_writable",
    "check_writable",
    "filled_frame",
    "nested_subset",
    "read_table",
    "unit_from_name",
    "write_bytes_atomically",
    "write_frame",
    "write_text_atomically",
]
