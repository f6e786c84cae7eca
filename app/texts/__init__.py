"""Every text of the pages, in each language, from one catalogue."""

from app.texts.catalogue import LANGUAGES, Texts, entries

__all__ = ["LANGUAGES", "Texts", "entries"]
