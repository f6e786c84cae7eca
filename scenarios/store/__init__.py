"""The results folder: finished replications by content, in Parquet files that any tool reads."""

from scenarios.store.blocks import Block, Run
from scenarios.store.content import run_of, scenario_key, text_of
from scenarios.store.errors import StoreError
from scenarios.store.folder import Folder

__all__ = ["Block", "Folder", "Run", "StoreError", "run_of", "scenario_key", "text_of"]
