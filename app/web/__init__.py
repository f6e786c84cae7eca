"""The pages in the browser; `MAIN` is what Streamlit runs, with the settings of `.streamlit/config.toml` beside it."""

from pathlib import Path

MAIN = Path(__file__).with_name("main.py")
