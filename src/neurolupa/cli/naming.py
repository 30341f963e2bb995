"""The names of networks, side by side."""

from collections.abc import Sequence

from neurolupa.cli.printing import terminal_width

_WIDEST = 100
_OTHERS = """
Others by a longer name:
  timm:NAME             a network of the timm package, such as timm:convnext_tiny
  pkg.module:factory    a function without arguments that returns a torch.nn.Module
  path/file.py:factory  the same, in a file; INPUT_SIZE, MEAN, STD and CLASSES beside it describe it"""


def list_networks(names: Sequence[str], filter_: str) -> None:
    """Print the names in columns, and how networks without a name are named.

    >>> list_networks(["alexnet", "vgg11"], "")
    alexnet  vgg11
    <BLANKLINE>
    2 networks of torchvision and of plug-ins.
    <BLANKLINE>
    Others by a longer name:
      timm:NAME             a network of the timm package, such as timm:convnext_tiny
      pkg.module:factory    a function without arguments that returns a torch.nn.Module
      path/file.py:factory  the same, in a file; INPUT_SIZE, MEAN, STD and CLASSES beside it describe it
    """
    for line in in_columns(names, min(terminal_width(), _WIDEST)):
        print(line)
    matching = f" with {filter_!r} in the name" if filter_ else ""
    print(("\n" if names else "") + f"{len(names)} networks of torchvision and of plug-ins{matching}.")
    print(_OTHERS)


def in_columns(names: Sequence[str], room: int) -> list[str]:
    """Lines of equally wide columns, filled downwards.

    >>> in_columns(["a", "b", "c"], 5)
    ['a  c', 'b']
    """
    if not names:
        return []
    width = max(map(len, names)) + 2
    rows = -(-len(names) // max(1, (room + 2) // width))
    return ["".join(name.ljust(width) for name in names[row::rows]).rstrip() for row in range(rows)]
