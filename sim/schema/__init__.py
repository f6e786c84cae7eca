"""The scenario file: what it can say, how it is read, and what is wrong with it."""

from sim.schema.document import Document, load, spell
from sim.schema.model import Scenario

__all__ = ["Document", "Scenario", "load", "spell"]
