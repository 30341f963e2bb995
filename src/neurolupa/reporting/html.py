"""A page as one HTML file that needs nothing else."""

import math
from base64 import b64encode
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from neurolupa.reporting.blocks import Page


def as_html(page: Page) -> str:
    """The page as HTML: pictures inside, every word escaped, no script, nothing fetched.

    >>> html = as_html(Page("Unit <3>", (), (), "resnet18", "en", "numbers"))
    >>> "Unit &lt;3&gt;" in html, "<script" in html
    (True, False)
    """
    environment = Environment(
        loader=PackageLoader("neurolupa.reporting", "."), autoescape=True, undefined=StrictUndefined
    )
    environment.filters |= {"base64": lambda held: b64encode(held).decode("ascii"), "cell": cell}
    return environment.get_template("page.html").render(page=page)


def cell(value: Any) -> str:
    """A value of a table as it is shown: four significant digits, nothing where there is none.

    >>> cell(0.123456), cell(12), cell(float("nan")), cell("cat")
    ('0.1235', '12', '', 'cat')
    """
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
