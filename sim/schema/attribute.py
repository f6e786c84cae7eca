"""What a case is like: words with shares, or numbers with a distribution, drawn once per case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import PlainValidator, ValidationError, WithJsonSchema

from sim.schema.base import Misfit, fits
from sim.schema.distribution import Distribution, read_numbers
from sim.units import parse_share

_NUMERIC = {str(field.alias) for field in Distribution.model_fields.values()}


@dataclass(frozen=True, slots=True)
class Attribute:
    """Words with their shares, or (no words) the distribution of a number."""

    words: tuple[tuple[str, float], ...] = ()
    numbers: Distribution | None = None

    def table(self, words: list[str]) -> Distribution:
        """The distribution of its number; of words, the number of a word in a list of all."""
        if self.numbers is not None:
            return self.numbers
        used = [(words.index(word), share) for word, share in self.words if share > 0]
        return Distribution.model_validate(
            {"values": [f"{number} s" for number, _ in used], "shares": [share for _, share in used]}
        )


def read_attribute(raw: Any) -> Attribute:
    """Read words with shares, one word, a number, or a distribution of numbers."""
    if isinstance(raw, str):
        return Attribute(words=((raw, 1.0),))
    if isinstance(raw, dict) and not set(map(str, raw)) & _NUMERIC:
        return Attribute(words=read_words(raw))
    try:
        return Attribute(numbers=_finite(read_numbers(raw)))
    except ValidationError as error:
        item = error.errors(include_url=False)[0]
        misfit = item.get("ctx", {}).get("error")
        if isinstance(misfit, Misfit):
            inside = (*item["loc"], *misfit.inside)
            raise Misfit(misfit.what, misfit.allowed, misfit.given, misfit.fix, inside) from None
        raise Misfit(str(item["msg"]), given=str(item.get("input")), inside=item["loc"]) from None


def _finite(numbers: Distribution) -> Distribution:
    if not numbers.surely_ends:
        raise Misfit("a number that may be infinite", allowed="'never' with patience only")
    return numbers


def read_words(raw: dict[Any, Any]) -> tuple[tuple[str, float], ...]:
    """Read words with shares that add up; one may be ``otherwise``."""
    given = {str(word): fits(parse_share, share, (word,)) for word, share in raw.items() if share != "otherwise"}
    total = sum(given.values())
    opens = [word for word, share in raw.items() if share == "otherwise"]
    if len(opens) > 1 or (not opens and abs(total - 1) > 1e-9) or total > 1 + 1e-9:
        raise Misfit(
            "shares of words must add up to 100 %",
            allowed="shares that add up, or one 'otherwise'",
            given=f"{100 * total:.6g} %",
        )
    return tuple((str(word), given.get(str(word), max(1 - total, 0.0))) for word in raw)


def _read_tier(raw: Any) -> Attribute:
    found = read_attribute(raw)
    if not found.words:
        raise Misfit("not a tier", allowed="a tier's name, or names with shares", given=repr(raw))
    return found


AttributeField = Annotated[
    Attribute,
    PlainValidator(read_attribute),
    WithJsonSchema({
        "anyOf": [{"type": "string"}, {"type": "number"}, {"type": "object"}],
        "description": "words with shares, one word, a number, or a distribution written with plain numbers",
    }),
]  # fmt: skip
TierField = Annotated[
    Attribute,
    PlainValidator(_read_tier),
    WithJsonSchema({
        "anyOf": [{"type": "string"}, {"type": "object"}], "description": "a tier, or tiers with shares",
    }),
]  # fmt: skip
