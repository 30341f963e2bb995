"""What can be said about a unit: measured, read with care, what would refute it, warnings, the match."""

from collections.abc import Sequence

import streamlit as st

from neurolupa.app.context import Context
from neurolupa.app.texts import plain
from neurolupa.inspection.dossier import Dossier
from neurolupa.inspection.matching import Match
from neurolupa.inspection.sentences import explanation_sentences
from neurolupa.locales import text


def render(context: Context, held: Dossier, unit: int) -> None:
    """The side panel's words."""
    told = explanation_sentences(held.explanations[unit], context.lang)
    st.markdown(f"**{context.say('reading.measured')}**")
    st.markdown(_listed(told["measured"]))
    st.markdown(f"**{context.say('reading.reading')}**")
    st.markdown(plain(" ".join(told["reading"])))
    if told["warnings"]:
        st.warning(_listed(told["warnings"]), icon=":material/warning:")
    st.markdown(f"**{context.say('reading.match')}**")
    st.markdown(_listed(match_sentences(context, held, unit)))
    if told["refutes"]:
        st.markdown(f"**{context.say('reading.refutes')}**")
        st.markdown(_listed(told["refutes"]))


def match_sentences(context: Context, held: Dossier, unit: int) -> list[str]:
    """Whether the kernel fits its strongest patch better than others, and whether the sum comes out."""
    patches = held.patches[unit]
    if patches.code is not None:
        return [text(f"inspection.no_regions.{patches.code}", context.lang)]
    match = patches[0].match if patches else None
    if match is None:
        return [text(f"inspection.match.{patches.match_code or 'no_convolution'}", context.lang)]
    return [_verdict(context, match), *_identity(context, match)]


def match_words(context: Context, match: Match | None) -> str:
    """A match in a few words: the cosine, and what it is compared with."""
    if match is None:
        return ""
    return context.say(
        "reading.match_short", cosine=context.number(match.cosine, 2), null=context.number(match.null, 2)
    )


def _verdict(context: Context, match: Match) -> str:
    values = {"cosine": context.number(match.cosine), "null": context.number(match.null)}
    if not match.positions:
        return context.say("reading.match_alone", **values)
    code = "match_above" if match.above_null else "match_below"
    told = {"p": context.number(match.p_value, 2), "positions": context.count(match.positions)}
    return context.say(f"reading.{code}", **values, **told)


def _identity(context: Context, match: Match) -> list[str]:
    if match.identity_holds is None:
        return []
    code = "holds" if match.identity_holds else "fails"
    return [
        text(
            f"inspection.identity.{code}",
            context.lang,
            computed=match.computed,
            difference=match.difference,
        )
    ]


def _listed(sentences: Sequence[str]) -> str:
    """Several sentences as a list, one as it is."""
    if len(sentences) == 1:
        return plain(sentences[0])
    return "\n".join(f"- {plain(sentence)}" for sentence in sentences)
