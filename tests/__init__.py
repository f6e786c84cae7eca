"""The tests. A package, since others install one of the same name beside it."""
