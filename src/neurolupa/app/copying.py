"""A button that copies a text: Streamlit has none of its own that is always in sight."""

import streamlit as st

HEIGHT = 40
"""Pixels; said to Streamlit too, which else keeps no room for the button until it is there."""
_HTML = '<button type="button"></button>'
_CSS = """
button {
  font: inherit; font-size: 0.875rem; color: var(--st-text-color); background: var(--st-background-color);
  border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius, 0.5rem);
  padding: 0.25rem 0.75rem; height: 2.5rem; width: 100%; cursor: pointer; white-space: nowrap;
}
button:hover, button:focus-visible {
  border-color: var(--st-primary-color); color: var(--st-primary-color);
}
"""
# Without https only this machine has a clipboard in the browser; elsewhere the text is shown instead.
_SCRIPT = """
export default function ({ parentElement, data }) {
  const button = parentElement.querySelector("button");
  button.textContent = data.label;
  button.onclick = async () => {
    try {
      await navigator.clipboard.writeText(data.text);
      button.textContent = data.done;
      setTimeout(() => { button.textContent = data.label; }, 2000);
    } catch (refused) {
      window.prompt(data.label, data.text);
    }
  };
}
"""


def copy_button(label: str, done: str, text: str, key: str) -> None:
    """Draw the button; for two seconds after the click it says `done`."""
    # In every run, because the registry belongs to the server, and in tests this module outlives a server.
    draw = st.components.v2.component("neurolupa_copy", html=_HTML, css=_CSS, js=_SCRIPT)
    draw(data={"label": label, "done": done, "text": text}, key=key, width="content", height=HEIGHT)
