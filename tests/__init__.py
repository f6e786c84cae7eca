"""Tests; a package, since some dependencies install a top-level package of this name."""
