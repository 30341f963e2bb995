"""The dashboard for `streamlit run app.py` and for hosting services; `neurolupa app` starts the same."""

from neurolupa.app.shell import run

if __name__ == "__main__":
    run()
