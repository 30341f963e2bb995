"""A training log over its steps, read anew each time: the training may still be under way."""

import streamlit as st

from neurolupa.app import state
from neurolupa.app.callbacks import unbroken
from neurolupa.app.context import Context
from neurolupa.app.frames import head
from neurolupa.app.pages import Page
from neurolupa.app.texts import plain
from neurolupa.app.visitors import may_open
from neurolupa.atlas.csv_files import csv_text
from neurolupa.errors import NeurolupaError
from neurolupa.figures.training import training
from neurolupa.figures.training_words import change_line
from neurolupa.locales import text
from neurolupa.monitoring import TrainingLog, open_log
from neurolupa.reporting import png_of

PAGE = Page(key="training", title="training.title", icon=":material/monitoring:", order=60)
_FOLDER, _TYPED = "training.folder", "training.typed"
_CHANGES = 20
_COMMAND = "neurolupa show {folder}"


def render(context: Context) -> None:
    """Draw the page."""
    head(context, f"## {context.say(PAGE.title)}", PAGE.key)
    folder = _asked(context)
    if folder is None:
        st.markdown(context.say("training.none"))
        return
    if not may_open(folder):
        st.error(context.say("failed.visitor_folder"), icon=":material/error:")
        return
    try:
        _shown(context, open_log(folder))
    except NeurolupaError as error:
        st.error(context.say("training.failed", reason=plain(str(error))), icon=":material/error:")


def _asked(context: Context) -> str | None:
    """The form; the folder that was opened last."""
    folder: str | None = state.remembered(_FOLDER)
    with st.form("training.form", border=False):
        field, button = st.columns([5, 1], vertical_alignment="bottom")
        field.text_input(
            context.say("training.folder"), value=folder or "", key=_TYPED, placeholder="training-log",
            help=context.say("training.help"),
        )  # fmt: skip
        button.form_submit_button(
            context.say("training.open"), on_click=unbroken(_submitted), width="stretch"
        )
    return folder


def _submitted() -> None:
    state.remember(_FOLDER, st.session_state[_TYPED].strip() or None)


def _shown(context: Context, log: TrainingLog) -> None:
    """The panels, what died and came back, the rows to take along, and the same on the command line."""
    with st.container(key="sheet.training"):
        st.image(png_of(training(log, context.lang)), width="stretch")
    if log.torn:
        st.warning(text("cli.show.torn", context.lang), icon=":material/info:")
    st.markdown("\n".join(f"- {plain(line)}" for line in _changes(context, log)))
    st.download_button(
        context.say("dataset.download"), data=lambda: csv_text(log.to_frame()).encode(),
        file_name="training.csv", mime="text/csv", icon=":material/download:", key="training.csv",
        on_click="ignore",
    )  # fmt: skip
    st.caption(context.say("again.command"))
    st.code(_COMMAND.format(folder=log.folder.as_posix()), language="bash", wrap_lines=True)


def _changes(context: Context, log: TrainingLog) -> list[str]:
    """What died and what came back, the latest first."""
    found = [change_line(change, context.lang) for change in reversed(log.changes()[-_CHANGES:])]
    return found or [context.say("training.no_change")]
