"""One module per command; heavy libraries are imported inside the functions, so that ``--help`` is quick."""
