"""Which units are dead, dormant, saturated or collapsed, and the filters behind them."""

from neurolupa.units.conditions.filters import Filter, FilterCode, Norm
from neurolupa.units.conditions.finding import conditions
from neurolupa.units.conditions.result import CONDITIONS, Conditions, Thresholds
from neurolupa.units.conditions.tracing import FilterPair, FilterPart, filter_pair

__all__ = [
    "CONDITIONS",
    "Conditions",
    "Filter",
    "FilterCode",
    "FilterPair",
    "FilterPart",
    "Norm",
    "Thresholds",
    "conditions",
    "filter_pair",
]
