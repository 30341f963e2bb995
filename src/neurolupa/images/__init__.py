"""Image sets, and one image opened safely."""

from neurolupa.images import arrays, cifar, folder, parquet, samples, shards, stimuli  # noqa: F401 (each registers its kind)
from neurolupa.images.loading import load_images
from neurolupa.images.opening import ImageSource, image_size, open_image
from neurolupa.images.records import Entry, ImageSetInfo, Picture
from neurolupa.images.registry import IMAGE_SETS
from neurolupa.images.selection import Selection
from neurolupa.images.sets import ImageSet
from neurolupa.images.stimuli import StimulusSet
from neurolupa.images.unreadable import UnreadableImage

__all__ = [
    "IMAGE_SETS",
    "Entry",
    "ImageSet",
    "ImageSetInfo",
    "ImageSource",
    "Picture",
    "Selection",
    "StimulusSet",
    "UnreadableImage",
    "image_size",
    "load_images",
    "open_image",
]
