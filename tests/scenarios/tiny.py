"""A scenario of a few hours that runs in milliseconds, for tests of everything around the runs."""

from sim.schema import Document


def tiny(agents=2, per_hour=20, name="tiny", **more):
    return Document.from_data({
        "queuewise": 1, "name": name, "start": "2026-03-02", "horizon": "4 h", "warm-up": "1 h",
        "demand": {"calls": {"type": "call", "per hour": per_hour, "busyness": "10 %"},
                   "mails": {"type": "mail", "per hour": 5, "channel": "email"}},
        "people": {"desk": {"agents": agents, "skills": ["talk", "write"]}},
        "process": {"call": {"answer": _work("talk", "4 min"), "close": {"end": "solved"}},
                    "mail": {"reply": _work("write", "6 min"), "close": {"end": "solved"}}},
        **more,
    })  # fmt: skip


def _work(skill, mean):
    return {"work": skill, "talk": {"mean": mean, "cv": 0.8}}


def numbers(folder):
    """Every number of a results folder, in a fixed order."""
    from scenarios.store import Folder
    from scenarios.store.views import ask

    found = ask(Folder.open(folder), 'select * from results order by run, replication, metric, "of", "owner"')
    return found.astype({name: str for name in ("run", "scenario", "engine", "metric", "of", "owner")})
