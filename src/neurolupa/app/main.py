"""The script that Streamlit runs."""

from neurolupa.app.shell import run

if __name__ == "__main__":
    run()
