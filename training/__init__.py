"""How the network that ships with the package was trained and measured; not part of the package."""
