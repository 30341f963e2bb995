"""The notebooks' sources, and what turns each into one notebook in English and one in Spanish."""
