"""Pages that can be sent: one self-contained HTML file, or one picture."""

from neurolupa.reporting.blocks import Block, Page, png_of
from neurolupa.reporting.html import as_html
from neurolupa.reporting.picture import as_picture

__all__ = ["Block", "Page", "as_html", "as_picture", "png_of"]
