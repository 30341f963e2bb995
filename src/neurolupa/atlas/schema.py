"""What an atlas holds on disk: the version, the columns of each table, and how a site becomes a file name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from types import MappingProxyType
from urllib.parse import unquote

SCHEMA_VERSION = 1
"""The version that this neurolupa writes and reads; `atlas.json` carries it as `schema`."""

ROW_GROUP = 4096
"""Most rows in one row group of a table; where a site has many rows, a group never spans two."""

DEAD_THRESHOLD = 1e-6
"""A unit that is never above this is dead."""

BANDS = ("top", "middle", "bottom")
"""The bands of the exemplars, in their order on disk."""

_UNSAFE = re.compile(r'[%/:\\*?"<>|\x00-\x1f\x7f]')


_LONGEST = 200
"""Bytes; endings such as `.safetensors` come on top, and file systems allow 255."""


@dataclass(frozen=True)
class Table:
    """One parquet table: its file name, its columns with their kinds, and the columns that order its rows.

    Kinds are `str`, `int`, `float`, `bool`; `str?` and `int?` may be null, a `float` is null where it is NaN.
    Rows follow the sites in the order in which they are given, then the other keys ascending.
    """

    name: str
    columns: Mapping[str, str]
    keys: tuple[str, ...]

    @property
    def file(self) -> str:
        """The file in the atlas folder.

        >>> LAYERS.file
        'layers.parquet'
        """
        return f"{self.name}.parquet"


def _table(name: str, keys: str, *parts: tuple[str, str]) -> Table:
    columns = {column: kind for kind, names in parts for column in names.split()}
    return Table(name, MappingProxyType(columns), tuple(keys.split()))


LAYERS = _table(
    "layers",
    "site",
    ("str", "site address"),
    ("int", "order"),
    ("str", "type kind"),
    ("str?", "link"),
    ("str", "shape"),
    ("int", "channel_axis height width total_elements"),
    ("float", "mean std min max median q25 q75 sparsity_%"),
    ("int", "zeros active_neurons total_neurons dead dormant nan_count inf_count"),
    ("int?", "rf_height rf_width rf_stride_y rf_stride_x rf_start_y rf_start_x"),
    ("int", "sketch_thinning"),
)

UNITS = _table(
    "units",
    "site unit",
    ("str", "site"),
    ("int", "unit n images"),
    ("float", "mean std min max q05 q25 median q75 q95 q99 sparsity_%"),
    ("int", "zeros"),
    ("bool", "active dead"),
    ("float", "dormancy"),
    ("bool", "dormant"),
    ("float", "left right top bottom left_std right_std top_std bottom_std left_right_cov top_bottom_cov"),
    ("int", "left_dominates right_dominates top_dominates bottom_dominates silent_ties"),
)

CLASSES = _table(
    "classes",
    "site class_id",
    ("str", "site"),
    ("int", "class_id"),
    ("str", "class_name"),
    ("int", "num_samples"),
    ("float", "mean std median sparsity_%"),
)

UNIT_CLASSES = _table(
    "unit_classes",
    "site unit class_id",
    ("str", "site"),
    ("int", "unit class_id num_samples"),
    ("float", "mean std min max"),
)

EXEMPLARS = _table(
    "exemplars",
    "site unit band rank",
    ("str", "site"),
    ("int", "unit"),
    ("str", "band"),
    ("int", "rank image"),
    ("float", "value"),
    ("int", "row column"),
    ("float", "box_x0 box_y0 box_x1 box_y1 input_x0 input_y0 input_x1 input_y1"),
)

IMAGES = _table(
    "images",
    "image",
    ("int", "image"),
    ("str", "id"),
    ("int", "label"),
    ("int?", "width height"),
    ("bool", "skipped sampled"),
)

TABLES: Mapping[str, Table] = MappingProxyType(
    {table.name: table for table in (LAYERS, UNITS, CLASSES, UNIT_CLASSES, EXEMPLARS, IMAGES)}
)
"""Every table of an atlas by its name."""


def escape(site: str) -> str:
    """A site's name as a file name: characters that a file system may refuse are percent-escaped.

    What would be longer than 200 bytes is cut and ends in a hash of the whole name after `%-`, which no other
    escaped name holds.

    >>> escape("layer1.0/relu:0"), escape("layer1.0.relu")
    ('layer1.0%2Frelu%3A0', 'layer1.0.relu')
    """
    name = _UNSAFE.sub(lambda found: f"%{ord(found.group()):02X}", site)
    whole = name.encode("utf-8", "surrogatepass")
    if len(whole) <= _LONGEST:
        return name
    mark = f"%-{blake2b(whole, digest_size=8).hexdigest()}"
    return whole[: _LONGEST - len(mark)].decode("utf-8", "ignore") + mark


def unescape(name: str) -> str:
    """The site's name behind a file name, unless `escape` had to cut it.

    >>> unescape("layer1.0%2Frelu%3A0")
    'layer1.0/relu:0'
    """
    return unquote(name)
