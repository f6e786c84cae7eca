import re
import string

import pytest

from app.texts import LANGUAGES, Texts, entries
from app.web.shell import PAGES
from scenarios.comparison import Verdict
from scenarios.findings import Kind
from sim.metrics import METRICS, find
from sim.run import ENGINES

ENGLISH_ELSEWHERE = ("metric.", "findings.")
"""What has its English words in the registry of metrics, or in the finding itself."""


def places(text):
    return sorted({name for _, name, _, _ in string.Formatter().parse(text) if name})


def test_every_text_exists_in_every_language():
    for key, text in entries().items():
        wanted = set(LANGUAGES)
        if key.startswith(ENGLISH_ELSEWHERE) and "en" not in text:
            wanted -= {"en"}
        assert set(text) == wanted, key
        assert all(words.strip() for words in text.values()), key


def test_every_language_fills_in_the_same_values():
    for key, text in entries().items():
        assert len({tuple(places(words)) for words in text.values()}) == 1, key


def test_every_key_that_a_page_uses_exists(root):
    used = set()
    for source in root.rglob("*.py"):
        used |= set(re.findall(r'\bt\(\s*"([^"]+)"(?!\s*\+)', source.read_text()))
        used |= set(re.findall(r'\bbutton\("([a-z_]+\.[a-z_]+)"', source.read_text()))
    assert len(used) > 100
    assert used <= set(entries()), used - set(entries())


def test_every_text_is_used(root):
    sources = "\n".join(path.read_text() for path in [*root.rglob("*.py"), *(root.parent / "texts").glob("*.py")])
    unused = [key for key in entries() if f'"{key}"' not in sources and not family(key, sources)]
    assert unused == []


def family(key, sources):
    """Whether a key is one of several that are put together from a stem and a name."""
    stems = ("metric.", "method.", "findings.", "verdict.", "unit.", "day.", "nav.", "next.", "log.meaning.")
    stems += tuple(f"run.{engine}" for engine in ENGINES)
    if key.startswith(stems):
        return True
    section, _, name = key.partition(".")
    tail = re.sub(r"_(help|hours)$", "", name)
    put_together = f'f"{section}.{{' in sources or f'spelled("{section}.")' in sources
    return put_together and re.search(rf'"{tail}"', sources) is not None


def test_names_from_elsewhere_have_texts():
    texts = Texts("zh")
    for metric in METRICS:
        assert texts.label(metric) != metric.label
        assert texts.method(metric)
        if metric.unit not in ("s", "share", "h"):
            assert texts("unit." + metric.unit.replace(" ", "_"))
    for verdict in Verdict.__args__:
        assert texts("verdict." + verdict.replace(" ", "_"))
    for kind in Kind.__args__:
        assert texts(f"findings.{kind}", about="desk")
    for page in PAGES:
        assert texts(f"nav.{page}")
    for engine in ENGINES:
        assert texts(f"run.{engine}")


def test_texts_fill_in_values_and_definitions_name_formula_and_method():
    assert Texts("en")("change.requires", names="a, b") == "Requires: a, b. Switch that on first."
    asa = Texts("en").definition(find("asa"))
    assert "Mean wait of the answered." in asa
    assert "wait_answered ÷ answered" in asa
    assert "linearised" in asa
    assert Texts("zh").label(find("asa")) == "平均应答速度（ASA）"


@pytest.mark.parametrize(("language", "text"), [("en", "+8.1 pp (+6.5 to +9.6)"), ("zh", "+8.1 个百分点 (+6.5～+9.6)")])
def test_numbers_in_each_language(language, text):
    assert Texts(language).number("+8.1 pp (+6.5 to +9.6)") == text


def test_an_unknown_key_is_an_error():
    with pytest.raises(KeyError, match="nothing of the kind"):
        Texts("en")("nothing of the kind")
