"""What neurolupa can say and what it cannot, the words that it uses, the network that ships, versions."""

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import pandas as pd
import streamlit as st

from neurolupa import __version__
from neurolupa.app.context import Context
from neurolupa.app.frames import head
from neurolupa.app.pages import Page
from neurolupa.atlas.schema import DEAD_THRESHOLD, SCHEMA_VERSION
from neurolupa.errors import DataError
from neurolupa.models.embedded.shipped import read_card

PAGE = Page(key="about", title="about.title", icon=":material/info:", order=90)
SECTIONS = ("can", "cannot", "unit", "synthetic")
WORDS = ("unit", "layer", "point", "sparsity", "dead", "dormant", "active", "percentile")
CLOSING = ("privacy", "licence")
PACKAGES = ("torch", "torchvision", "numpy", "pandas", "streamlit", "plotly", "matplotlib")
_CARD_TABLE = ("class", "share", "interval", "pictures")


def render(context: Context) -> None:
    """Draw the page."""
    head(context, f"## {context.say('about.title')}", PAGE.key)
    st.markdown(context.say("about.lead"))
    for name in SECTIONS:
        _section(context, name)
    _words(context)
    _embedded(context)
    for name in CLOSING:
        _section(context, name)
    _versions(context)


def _section(context: Context, name: str) -> None:
    st.markdown(f"### {context.say(f'about.{name}.title')}")
    st.markdown(context.say(f"about.{name}"))


def _words(context: Context) -> None:
    st.markdown(f"### {context.say('about.words.title')}")
    lines = (context.say(f"about.word.{name}", threshold=f"{DEAD_THRESHOLD:f}") for name in WORDS)
    st.markdown("\n".join(f"- {line}" for line in lines))


def _embedded(context: Context) -> None:
    """The network that ships: what its card says that it can do."""
    st.markdown(f"### {context.say('about.embedded.title')}")
    try:
        card = read_card()
        facts = _facts(context, card)
        table = _accuracies(context, card["evaluation"][0])
    except (DataError, LookupError, TypeError):
        st.warning(context.say("about.embedded.damaged"), icon=":material/warning:")
        return
    st.markdown(context.say("about.embedded", **facts))
    with st.expander(context.say("about.embedded.classes"), icon=":material/table_chart:"):
        st.dataframe(table, hide_index=True)
    st.markdown(context.say("about.embedded.limits", **facts))


def _facts(context: Context, card: dict[str, Any]) -> dict[str, str]:
    """What fills the two paragraphs: sizes, shares and the most frequent mistake."""
    tested = card["evaluation"][0]
    called, as_this, times = tested["confusions"][0]
    return {
        "parameters": context.count(card["weights"]["parameters"]),
        "side": str(card["preprocessing"]["input_size"][0]),
        "classes": str(len(card["classes"])),
        "share": context.percent(tested["accuracy"]),
        "low": context.percent(tested["low"]),
        "high": context.percent(tested["high"]),
        "total": context.count(tested["total"]),
        "called": called,
        "as_this": as_this,
        "times": context.count(times),
    }


def _accuracies(context: Context, tested: dict[str, Any]) -> pd.DataFrame:
    rows = [
        (
            name,
            context.percent(found["accuracy"]),
            context.say(
                "about.card.between", low=context.percent(found["low"]), high=context.percent(found["high"])
            ),
            context.count(found["total"]),
        )
        for name, found in tested["classes"].items()
    ]
    return pd.DataFrame(rows, columns=[context.say(f"about.card.{name}") for name in _CARD_TABLE])


def _versions(context: Context) -> None:
    st.markdown(f"### {context.say('about.versions.title')}")
    lines = [f"neurolupa {__version__} ({context.say('about.schema', version=SCHEMA_VERSION)})"]
    lines += [f"Python {platform.python_version()}"]
    lines += [f"{name} {_version(context, name)}" for name in PACKAGES]
    st.code("\n".join(lines), language=None)


def _version(context: Context, name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return context.say("about.absent")
