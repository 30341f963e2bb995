"""Ways to attribute a logit: at a site, to the pixels, and a control that never looks at the network."""

from neurolupa.attribution.methods import edges, guided, pixels, sites
from neurolupa.attribution.methods.method import METHODS, Found, Method

__all__ = ["METHODS", "Found", "Method", "edges", "guided", "pixels", "sites"]
