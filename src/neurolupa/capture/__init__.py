"""The only code that touches a running network: its sites, the links between them, and what flows there."""

from neurolupa.capture.ablation import ablated_outputs
from neurolupa.capture.fields import ReceptiveField
from neurolupa.capture.input_gradients import Place, input_gradient, input_gradients
from neurolupa.capture.listing import layers
from neurolupa.capture.observing import observe
from neurolupa.capture.recording import Recording, record
from neurolupa.capture.site import Link, Site
from neurolupa.capture.table import SiteTable
from neurolupa.capture.tracing import trace
from neurolupa.capture.viewing import View, view

__all__ = [
    "Link",
    "Place",
    "ReceptiveField",
    "Recording",
    "Site",
    "SiteTable",
    "View",
    "ablated_outputs",
    "input_gradient",
    "input_gradients",
    "layers",
    "observe",
    "record",
    "trace",
    "view",
]
