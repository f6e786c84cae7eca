"""The scenario file: what it can say, how it is read, and what is wrong with it."""

from sim.schema.document import BASELINE, Document, load, paths_of, spell
from sim.schema.model import Scenario

__all__ = ["BASELINE", "Document", "Scenario", "load", "paths_of", "spell"]
