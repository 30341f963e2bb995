"""What an analysis of an atlas can find, as codes; `neurolupa.locales` has the sentences."""

from enum import StrEnum


class Code(StrEnum):
    """One finding. The value is the name, so that a code reads the same in a table, in JSON and in Python.

    >>> Code.RISES == "RISES"
    True
    """

    RISES = "RISES"
    RISES_STRONGLY = "RISES_STRONGLY"
    FALLS = "FALLS"
    STABLE = "STABLE"
    MOSTLY_SILENT = "MOSTLY_SILENT"
    EXPANDS = "EXPANDS"
    EXPLODES = "EXPLODES"
    SHRINKS = "SHRINKS"
    EXTREME = "EXTREME"
    NOT_APPLICABLE = "NOT_APPLICABLE"

    MOST_SPARSE = "MOST_SPARSE"
    LEAST_SPARSE = "LEAST_SPARSE"
    MOST_DEAD = "MOST_DEAD"
    TOTAL_DEAD = "TOTAL_DEAD"
    LOWEST_MEAN = "LOWEST_MEAN"
    HIGHEST_MEAN = "HIGHEST_MEAN"
