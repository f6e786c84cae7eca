"""Who serves what: agents whose work plainly differs make groups of their own; otherwise there is one group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from calibration.history import NOBODY, History

_EXPECTED = 10
_LACKING = 0.1
_SMALLEST_SHARE = 0.1
_TYPE_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class AgentGroup:
    """Agents who are alike: their names, the types that they serve, and the contacts that they served."""

    name: str
    agents: frozenset[str]
    types: tuple[str, ...]
    served: int


class Skills:
    """Groups of agents by the types that they serve.

    An agent lacks a type if at least ten of its contacts were to be expected at everybody's mix and less than a tenth
    of that came; types with less than a tenth of the work make no difference. Groups with less than a tenth of the
    work join the one that is most like them.

    Attributes
    ----------
    mix_ : DataFrame (agents x types)
        Contacts served.
    groups_ : list of AgentGroup
        The fewest types first.
    """

    def fit(self, history: History, types: pd.Series) -> Skills:
        """Fit to the served contacts; ``types`` are the contacts' types as the scenario names them."""
        served = history.table["answered"] & (history.table["agent"] != NOBODY)
        self.mix_ = pd.crosstab(history.table.loc[served, "agent"], types[served])
        total = self.mix_.sum(axis=1)
        mix = self.mix_.sum() / max(1, total.sum())
        expected = np.outer(total, mix)
        few = (expected >= _EXPECTED) & (self.mix_.to_numpy() < _LACKING * expected) & (mix >= _TYPE_SHARE).to_numpy()
        lacks = pd.DataFrame(few, self.mix_.index, self.mix_.columns)
        grouped = lacks.groupby(list(lacks.columns)) if len(lacks) else ()
        parts = {_key(key): [str(agent) for agent in rows.index] for key, rows in grouped}
        self.groups_ = self._groups(_merge(parts, total))
        return self

    def _groups(self, parts: dict[tuple[bool, ...], list[str]]) -> list[AgentGroup]:
        groups: list[AgentGroup] = []
        for key, agents in sorted(parts.items(), key=lambda part: (-sum(part[0]), -len(part[1]))):
            types = tuple(kind for kind, lacking in zip(self.mix_.columns, key, strict=True) if not lacking)
            served = int(self.mix_.loc[agents].to_numpy().sum())
            lacking = [str(kind) for kind in self.mix_.columns if kind not in types]
            name = "agents" if len(parts) == 1 else _name(list(map(str, types)), lacking, len(groups) + 1)
            groups.append(AgentGroup(name, frozenset(agents), types, served))
        return groups


def _name(types: list[str], lacking: list[str], number: int) -> str:
    if not lacking:
        return "agents for everything"
    if len(types) <= 2:
        return f"agents for {' and '.join(types)}"
    return f"agents without {' and '.join(lacking)}" if len(lacking) <= 2 else f"agents {number}"


def _merge(parts: dict[tuple[bool, ...], list[str]], work: pd.Series) -> dict[tuple[bool, ...], list[str]]:
    """Small parts join the nearest one (fewest types apart, then most work)."""
    while len(parts) > 1:
        share = {key: float(work[agents].sum() / work.sum()) for key, agents in parts.items()}
        least = min(share, key=lambda key: share[key])
        orphaned = [all(key[i] for key in parts if key != least) for i in range(len(least))]
        if share[least] >= _SMALLEST_SHARE or any(orphaned):
            break
        nearest = min((key for key in parts if key != least), key=lambda key: (_apart(key, least), -share[key]))
        parts[nearest] = parts[nearest] + parts.pop(least)
    return parts


def _key(key: object) -> tuple[bool, ...]:
    return tuple(bool(part) for part in key) if isinstance(key, tuple) else (bool(key),)


def _apart(one: tuple[bool, ...], other: tuple[bool, ...]) -> int:
    return sum(a != b for a, b in zip(one, other, strict=True))
