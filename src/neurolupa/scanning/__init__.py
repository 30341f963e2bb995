"""One pass over the images, from a network to an atlas."""

from neurolupa.scanning.plan import Plan, plan
from neurolupa.scanning.start import scan
from neurolupa.scanning.stopping import ScanInterrupted

__all__ = ["Plan", "ScanInterrupted", "plan", "scan"]
