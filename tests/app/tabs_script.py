"""The six tabs without the shell: what a test puts into the session is shown."""


def script():
    from neurolupa.app import state
    from neurolupa.app.context import Context
    from neurolupa.app.tabs import TABS

    display = state.display()
    TABS[display.tab](Context(display, state.result()))
