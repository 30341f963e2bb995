"""A control that never looks at the network: the edges of the picture."""

import numpy as np
from skimage.filters import sobel

from neurolupa.attribution.codes import MapCode
from neurolupa.attribution.methods.method import Found, method
from neurolupa.attribution.settings import Settings
from neurolupa.attribution.subject import Subject


@method("edges", unit="brightness", codes=(MapCode.NO_EXPLANATION,))
def edges(subject: Subject, site: None, settings: Settings) -> Found:
    """How much the brightness changes at each pixel (Sobel): what no explanation may look like."""
    brightness = np.asarray(subject.seen.seen.convert("L"), np.float32) / 255
    return Found(sobel(brightness).astype(np.float32))
