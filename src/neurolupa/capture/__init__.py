"""Placeholder, replaced by the package."""
