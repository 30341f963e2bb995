"""The course of one session: a link or the first visit, what the sidebar says, what is sent and shown."""

from dataclasses import replace
from functools import cache
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from neurolupa.app import state
from neurolupa.app.drafts import Draft
from neurolupa.app.failing import Failure
from neurolupa.app.links import MENU, Notice, ViewState, from_query, to_query, waits_for
from neurolupa.app.pictures import Upload
from neurolupa.app.request import Request, Result
from neurolupa.locales import LANGUAGES


def begin(pages: tuple[str, ...]) -> str | None:
    """On the first run of a session, take over what the address says; the page that it names, else None."""
    if state.remembered("begun"):
        return None
    query = {name: st.query_params.get_all(name) for name in st.query_params}
    view, notices = from_query(query, _browser_language(), pages)
    waiting = waits_for(view.request)
    state.remember("begun", True)
    state.remember("display", view.display)
    state.remember("data_view", view.data)
    state.remember("gallery", view.gallery)
    state.remember("probing", view.probing)
    state.remember("comparing", view.compare)
    state.remember("draft", Draft.of(view.request))
    state.remember("notices", (*notices, *((Notice(f"waits_{waiting}"),) if waiting else ())))
    state.remember("pending", None if waiting else view.request)
    return view.page if "page" in query else None


def go_to(page: str) -> None:
    """Open another page in this session; in the body of a page, `st.rerun()` must follow."""
    state.remember("going", page)


def take_going() -> str | None:
    """The page that is to be opened now, handed out once."""
    going: str | None = state.remembered("going")
    state.remember("going", None)
    return going


def draft() -> Draft:
    """What the sidebar says now."""
    return state.remembered("draft") or Draft()


def change_draft(**changes: Any) -> None:
    """Change some controls of the sidebar."""
    state.remember("draft", replace(draft(), **changes))


def use_preset(name: str) -> None:
    """Set the sidebar to a preset."""
    state.remember("draft", draft().preset(name))


def use_embedded() -> None:
    """Ask for the network that ships, and send it."""
    change_draft(model=MENU[0], random=False)
    submit()


def use_random() -> None:
    """Ask for the same network with random weights, and send it."""
    change_draft(random=True)
    submit()


@cache
def network_names() -> tuple[str, ...]:
    """Every registered network, those of the menu first; kept, because plug-ins are looked for on disk."""
    from neurolupa.models import NETWORKS

    return (*MENU, *(name for name in NETWORKS if name not in MENU))


def submit() -> None:
    """What the button does: the run that follows analyses what the sidebar says then.

    Not what it says now: where a control was changed and the button pressed at once, both callbacks run, in
    whatever order.
    """
    state.remember("sent", True)
    state.remember("notices", ())
    state.remember("failure", None)


def pending() -> Request | None:
    """What is to be analysed: what the sidebar said when it was sent, else what the address says.

    It waits until `settled`, so that a click that ends the run in which it is analysed does not lose it.
    """
    if state.remembered("sent"):
        state.remember("pending", draft().request())
        state.remember("sent", False)
    return state.remembered("pending")


def settled() -> None:
    """Nothing is to be analysed any more: there is a result, or a failure."""
    state.remember("pending", None)


def keep(result: Result, replaced: tuple[str, ...]) -> None:
    """A result to show from now on; the selected unit stays where the site is the same and has it.

    Args:
        result: What to show.
        replaced: The parts of the request that its network did not have: "site", "point".
    """
    before, unit = state.result(), state.display().unit
    other = before is not None and _place(before.request) != _place(result.request)
    if unit is not None and (other or unit >= len(result.analysis.units)):
        state.change_display(unit=None)
    state.remember("result", result)
    state.remember("failure", None)
    tell(*(Notice(f"link_{name}") for name in replaced))


def fail(failure: Failure) -> None:
    """Remember why the last attempt led to nothing; the last good result stays."""
    state.remember("failure", failure)


def failure() -> Failure | None:
    """Why the last attempt led to nothing."""
    return state.remembered("failure")


def tell(*told: Notice) -> None:
    """Add to what is to be told until the next analysis."""
    state.remember("notices", (*notices(), *told))


def notices() -> tuple[Notice, ...]:
    """What is to be told until the next analysis."""
    return state.remembered("notices", ())


def upload() -> Upload | None:
    """The file that was handed in last; kept here because a page that is left forgets its uploader."""
    return state.remembered("upload")


def take_upload(given: Upload) -> None:
    """Hold a file and let the sidebar mean it; a file that is not the one of the link is told."""
    meant = draft().digest
    if meant == given.digest:
        return
    if upload() is None and meant and not given.digest.startswith(meant):
        tell(Notice("upload_other"))
    state.remember("upload", given)
    change_draft(digest=given.digest)


def is_stale(result: Result) -> bool:
    """Whether the sidebar says something else than what is shown."""
    return draft().request() != result.request


def view(page: str) -> ViewState:
    """What the address must say: the result that is shown, else what was asked for."""
    result = state.result()
    asked = draft().request() if result is None else result.request
    return ViewState(
        page, asked, state.display(), state.data_view(), state.gallery(), state.probing(), state.comparing()
    )


def publish(page: str) -> None:
    """Write the view into the address bar."""
    wanted = to_query(view(page))
    written = {name: st.query_params.get_all(name) for name in st.query_params}
    lists = {name: [value] if isinstance(value, str) else value for name, value in wanted.items()}
    if written != {name: value for name, value in lists.items() if value}:
        st.query_params.from_dict(wanted)


def _browser_language() -> str:
    spoken = (st.context.locale or "").partition("-")[0].lower()
    return spoken if spoken in LANGUAGES else LANGUAGES[0]


def _place(request: Request) -> tuple[object, ...]:
    return request.model, request.weights, request.sites[:1], request.point


def link(page: str) -> str:
    """The address of the view, whole where the browser has told where it is."""
    home = (st.context.url or "").rstrip("/")
    return f"{home}/?{urlencode(to_query(view(page)), doseq=True)}"
