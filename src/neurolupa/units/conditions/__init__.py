"""Which units are dead, dormant, saturated or collapsed."""

from neurolupa.units.conditions.finding import conditions
from neurolupa.units.conditions.result import CONDITIONS, Conditions, Thresholds

__all__ = ["CONDITIONS", "Conditions", "Thresholds", "conditions"]
