"""The script that Streamlit runs."""

from neurolupa.app.shell import run

run()
