"""The dashboard: Streamlit pages that parse, call and show."""
