"""Reading of the catalogue: `catalogue.yaml` holds each text once per language, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from ruamel.yaml import YAML

from sim.metrics import Metric, find

LANGUAGES = {"en": "English", "zh": "简体中文"}


@cache
def entries() -> dict[str, dict[str, str]]:
    """From a key such as ``run.start`` to its text in each language."""
    text = files("app.texts").joinpath("catalogue.yaml").read_text(encoding="utf-8")
    return dict(_flat(YAML(typ="safe", pure=True).load(text), ""))


def _flat(node: dict[str, Any], prefix: str) -> Any:
    for key, value in node.items():
        if set(value) <= set(LANGUAGES):
            yield prefix + key, value
        else:
            yield from _flat(value, f"{prefix}{key}.")


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of one language.

    Attributes
    ----------
    language : str
        A key of `LANGUAGES`.
    """

    language: str

    def __call__(self, key: str, **values: object) -> str:
        """The text of a key with values in its places."""
        text = entries()[key][self.language]
        return text.format(**values) if values else text

    def label(self, metric: Metric) -> str:
        """Name of a metric."""
        return metric.label if self.language == "en" else self(f"metric.{metric.name}.label")

    def named(self, name: str) -> str:
        """Name for readers of the metric of that name."""
        return self.label(find(name))

    def definition(self, metric: Metric) -> str:
        """What a metric means, its formula, and how its interval is made."""
        words = metric.definition if self.language == "en" else self(f"metric.{metric.name}.definition")
        return self("metric_help", definition=words, formula=metric.formula, method=self.method(metric))

    def method(self, metric: Metric) -> str:
        """How a metric's confidence interval is made."""
        return metric.method if self.language == "en" else self("method." + metric.kind.replace(" ", "_"))

    def number(self, text: str) -> str:
        """A number of `app.numbers` with its few words in this language."""
        return text if self.language == "en" else text.replace(" to ", "～").replace(" pp", " 个百分点")
