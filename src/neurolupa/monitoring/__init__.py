"""Layers watched while a network learns."""
