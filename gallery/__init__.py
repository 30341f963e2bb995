"""The gallery of docs/gallery.md: units of three networks, each beside what supports its reading.

Not part of the package; `python -m gallery` makes it anew from the project's test data.
"""
