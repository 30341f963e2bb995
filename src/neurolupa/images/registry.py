"""The kinds of image sets; other packages add theirs by the entry-point group `neurolupa.images`.

An entry is called with the text after `kind:` and with its own options as keywords. Its keyword-only
parameters are its options; their values are text where they come from a spec. It returns an ImageSet.
"""

from collections.abc import Callable

from neurolupa.images.sets import ImageSet
from neurolupa.registry import Registry

IMAGE_SETS: Registry[Callable[..., ImageSet]] = Registry("image set", "images")
