"""Ratios measured side by side in one run, against what the design asks for."""
