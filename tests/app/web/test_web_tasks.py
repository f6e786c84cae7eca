"""Work as processes: what survives whom, and how it ends."""

import errno
import gc
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict

import pytest

from app.progress import STOP, VARIABLE, Progress
from app.web import tasks
from app.web.tasks import Order, Task, launch
from app.web.work import BASELINE, Alternative, Work
from scenarios.staffing import Target, staff
from scenarios.store import Folder, StoreError, run_of, scenario_key
from sim.errors import QueuewiseError


def long_run(desk, replications=100_000):
    """A run that would take hours, begun from a desk."""
    desk.simulate([], replications, 1, "reference")
    return until(lambda: tasks.tasks(), bool)[0]


def until(look, holds, seconds=60):
    end = time.monotonic() + seconds
    while not holds(seen := look()):
        assert time.monotonic() < end, seen
        time.sleep(0.05)
    return seen


def has_begun(task):
    return until(lambda: task.progress, lambda said: said.done > 0)


def test_a_stop_before_the_command_hears_interrupts_is_not_lost(tmp_path):
    (tmp_path / STOP).touch()
    command = [sys.executable, "-m", "app.cli", "run", "help-desk", "--replications", "10000"]
    ended = subprocess.run(command, env={**os.environ, VARIABLE: str(tmp_path / "progress.json")}, timeout=120)
    assert ended.returncode == 130
    assert Progress.read(tmp_path / "progress.json").state == "stopped"


def test_required_staff_is_found_again_after_a_closed_tab(visit, desk):
    desk.find_staff(Target(0.8, 20_000_000, overall=True), 0.3)
    (task,) = tasks.tasks()
    assert task.wait(120) == "done"
    visitor = visit().page("tasks")
    visitor.click(f"open {task.name}").page("compare").finish()  # where a browser stays
    found = visitor.desk.staffing
    assert (found.group, found.shrinkage, found.target) == ("desk", 0.3, Target(0.8, 20_000_000, overall=True))
    assert found.plain() == staff(desk.document, found.target, shrinkage=0.3, replications=3, seed=1).plain()
    assert "Required staff of desk" in visitor.words()


def test_a_task_survives_its_session_and_is_taken_up_again(desk, results_folder):
    desk.put(Alternative("more", ("one more",), {"desk": {"agents": {"mon": {"08:00-10:00": 9}}}}))
    desk.simulate(["more"], 60, 3, "reference")
    (name,) = [task.name for task in tasks.tasks()]
    document = desk.document_of("more")
    desk.job.stopped()
    del desk
    gc.collect()
    (task,) = tasks.tasks()
    assert task.name == name
    later = Work()
    later.resume(task)
    assert later.job.running
    assert task.wait(60) == "done"
    later.job.wait(60)
    later.collect()
    assert list(later.runs) == [BASELINE, "more"]
    assert [len(run.result.totals) for run in later.runs.values()] == [60, 60]
    assert later.document_of("more").data == document.data
    run = run_of(scenario_key(document.data), 3, "reference")
    assert Folder.open(results_folder).results.finished[run.key] == set(range(60))


def test_a_task_outlives_the_process_that_began_it(desk, results_folder, root):
    """The pages' own process ends at once; the task goes on and ends well."""
    code = (
        "from app.web.tasks import Order, launch\n"
        "launch(Order('sweep', 'run', ['run', 'order-line', '-n', '2', '--engine', 'reference']), {})\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=root.parent.parent, check=True, env={**os.environ})
    (task,) = tasks.tasks()
    assert task.wait(120) == "done"
    assert (task.progress.done, task.progress.asked) == (2, 2)
    assert task.progress.left_s is None


def test_anybody_can_stop_a_task_and_what_is_finished_stays(desk, results_folder):
    task = long_run(desk)
    has_begun(task)
    assert task.state == "running"
    assert task.progress.left_s > 0
    Task(task.path).stop()
    assert task.wait(60) == "stopped"
    done = Folder.open(results_folder).results.finished
    assert sum(map(len, done.values())) == task.progress.done < task.progress.asked
    desk.job.wait(60)
    desk.collect()
    assert desk.done.stopped()
    assert len(desk.runs[BASELINE].result.totals) == task.progress.done


def test_a_killed_task_is_told_with_its_last_words(desk, results_folder):
    task = long_run(desk)
    said = has_begun(task)
    os.kill(said.pid, signal.SIGKILL)
    assert task.wait(60) == "died"
    assert task.progress.state == "running"
    desk.job.wait(60)
    desk.collect()
    assert desk.done.error
    assert len(desk.runs[BASELINE].result.totals) >= said.done


def test_a_task_that_cannot_work_says_why(results_folder):
    task = launch(Order("sweep", "none", ["sweep", "none.yaml"]), {})
    assert task.wait(60) == "failed"
    assert "none.yaml: cannot be read" in task.progress.error
    assert "none.yaml: cannot be read" in task.last_words()
    task.remove()
    assert tasks.tasks() == []


def test_a_living_task_is_not_removed(desk, results_folder):
    task = long_run(desk)
    task.remove()
    assert task.alive


def test_a_folder_that_cannot_be_written_is_told(desk, tmp_path, monkeypatch):
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv(tasks.FOLDER, str(file))
    with pytest.raises(QueuewiseError, match="not a results folder"):
        desk.simulate([], 2, 1, "reference")


def test_a_task_that_cannot_be_begun_leaves_nothing_behind(results_folder, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    tasks.kept()
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="work cannot be begun: No space left on device"):
        launch(Order("sweep", "none", ["sweep", "none.yaml"]), {"plan.yaml": "sweep: 1"})
    assert list((results_folder / "tasks").iterdir()) == []
    assert tasks.tasks(results_folder) == []


def test_the_folder_is_beside_the_working_directory_unless_named(tmp_path, monkeypatch):
    monkeypatch.delenv(tasks.FOLDER)
    monkeypatch.chdir(tmp_path)
    assert tasks.results_path() == tmp_path / "queuewise-results"
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert tasks.results_path() == tmp_path / "data" / "queuewise" / "results"


def test_progress_counts_parts_and_time_left():
    """A quarter took 10 s, so three quarters take 30 s."""
    said = Progress(begun=time.time() - 10)
    said.count("a", 0, 2)
    assert said.left_s is None
    said.count("b", 1, 2)
    assert (said.done, said.asked) == (1, 4)
    assert said.left_s == pytest.approx(30, rel=0.01)


def test_a_progress_file_that_is_none_says_nothing(tmp_path):
    file = tmp_path / "progress.json"
    assert Progress.read(file) is None
    for text in ("", "[]", '{"parts": {"a": 1}}'):
        file.write_text(text)
        assert Progress.read(file) is None
    file.write_text(json.dumps(asdict(Progress(parts={"a": (1, 2)}, error="none"))))
    assert Progress.read(file).parts == {"a": (1, 2)}
