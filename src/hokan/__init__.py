"""hokan: fill the holes of small materials-property tables, with honest error bars."""

__version__ = "0.1.0"
