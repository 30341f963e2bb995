"""The views of the neuron page, in order."""

from collections.abc import Callable

from neurolupa.app import neuron_views
from neurolupa.app.neuron_picture import on_picture
from neurolupa.app.neuron_views import Neuron

VIEWS: dict[str, Callable[[Neuron], None]] = {
    "pictures": neuron_views.pictures,
    "picture": on_picture,
    "classes": neuron_views.classes,
    "spatial": neuron_views.spatial,
    "tuning": neuron_views.tuning,
    "relations": neuron_views.relations,
    "profile": neuron_views.profile,
}
"""By the codes of their titles, `app.neuron.view.*`."""
