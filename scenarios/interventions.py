"""Named changes of a scenario: patches at paths, switched on alone or together."""

from __future__ import annotations

from collections.abc import Sequence

from sim.schema import Document


def names(document: Document) -> dict[str, str]:
    """Interventions of a document, each with its reason."""
    return {name: change.why for name, change in document.scenario.interventions.items()}


def apply(document: Document, chosen: Sequence[str]) -> Document:
    """The document with interventions switched on, in the order given."""
    raise NotImplementedError
