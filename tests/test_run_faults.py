"""Runs that are killed, stopped, or meet a disk that takes no more: nothing that was done is lost, and the end is the same."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from seasons import ROOM, many, season

import heatnet
from heatnet import HeatnetError
from heatnet.batch import Silent, Stopped
from heatnet.batch.engines import Processes
from heatnet.batch.task import Done, Job, Task
from heatnet.store.parts import folder_of, numbers

COUNT = 640


def child(work: object) -> int:
    """Do something in a process of its own."""
    if (number := os.fork()) == 0:
        try:
            work()  # type: ignore[operator]
            os._exit(0)
        except BaseException:  # noqa: BLE001  what went wrong shows in the exit code; nothing may run on in the copy
            os._exit(1)
    return number


@pytest.mark.parametrize("made", ["scenarios", "season"])
def test_killed_at_any_moment_it_opens_and_goes_on_to_the_same_bytes(tmp_path: Path, made: str) -> None:
    case = many(COUNT) if made == "scenarios" else season(np.linspace(-25.0, 0.0, 60 * 24))
    begin = time.monotonic()
    heatnet.run(case, tmp_path / "whole.h5", engine="threads", workers=1)
    lasts = time.monotonic() - begin
    rng, path, again = np.random.default_rng(1), tmp_path / "killed.h5", 0
    for _ in range(20):
        number = child(lambda: heatnet.run(case, path, engine="threads", workers=1))
        time.sleep(float(rng.uniform(0.0, 0.6 * lasts)))
        os.kill(number, signal.SIGKILL)
        os.waitpid(number, 0)
        if path.exists():
            result = heatnet.open_run(path)
            kept = result.frame(ROOM).to_numpy()
            if result.complete:
                assert path.read_bytes() == (tmp_path / "whole.h5").read_bytes()
                path.unlink()
                again += 1
            else:
                whole = heatnet.open_run(tmp_path / "whole.h5").frame(ROOM).to_numpy()
                known = ~np.isnan(kept)
                assert np.array_equal(kept[known], whole[known])
                assert known[:, 0].sum() == 0 or known.all(1).sum() >= 32 or made == "season"
    heatnet.run(case, path, engine="threads", workers=1)
    assert path.read_bytes() == (tmp_path / "whole.h5").read_bytes()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["killed.h5", "whole.h5"]
    assert again < 20


class Killer(Silent):
    """Kills one worker process after some steps."""

    def __init__(self, after: int) -> None:
        self.left, self.killed = after, 0

    def step(self, amount: int, failed: int) -> None:
        """See Progress."""
        assert not failed
        self.left -= 1
        if self.left == 0:
            workers = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
            os.kill(int(workers[-1]), signal.SIGKILL)
            self.killed += 1


def test_a_worker_killed_loses_nothing(tmp_path: Path) -> None:
    heatnet.run(many(COUNT), tmp_path / "whole.h5", engine="threads")
    killer = Killer(3)
    heatnet.run(many(COUNT), tmp_path / "killed.h5", engine="processes", workers=2, progress=killer)
    assert killer.killed == 1
    assert (tmp_path / "killed.h5").read_bytes() == (tmp_path / "whole.h5").read_bytes()


class Poison(Task):
    """A task with one block that takes its worker down."""

    def __call__(self, job: Job) -> Done:
        """See Task."""
        if job.block == 4:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().__call__(job)


def test_a_block_that_kills_its_workers_is_given_up_and_the_rest_done() -> None:
    case = many(COUNT)
    task = Poison(**vars(Task.of(case)))
    jobs = [Job(block, block * 32, block * 32 + 32) for block in range(COUNT // 32)]
    found = {done.job.block: done for done in Processes(2).map(task, jobs, lambda _: ())}
    lost = [block for block, done in found.items() if done.about[0]["status"] == "WORKER_LOST"]
    assert len(found) == len(jobs) and lost == [4]
    assert np.isnan(found[4].each[ROOM]).all()


def test_workers_do_not_outlive_the_main_process(tmp_path: Path) -> None:
    number = child(lambda: heatnet.run(many(20 * COUNT), tmp_path / "a.h5", engine="processes", workers=2))
    workers: list[str] = []
    until = time.monotonic() + 30
    while len(workers) < 2 and time.monotonic() < until:
        workers = Path(f"/proc/{number}/task/{number}/children").read_text().split()
        time.sleep(0.01)
    os.kill(number, signal.SIGKILL)
    os.waitpid(number, 0)
    while any(alive(worker) for worker in workers) and time.monotonic() < until:
        time.sleep(0.02)
    assert len(workers) == 2 and not any(alive(worker) for worker in workers)


def alive(number: str) -> bool:
    """Whether a process runs (one that waits to be collected does not)."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


class Interrupt(Silent):
    """Ctrl-C after some steps."""

    def __init__(self, after: int) -> None:
        self.left = after

    def step(self, amount: int, failed: int) -> None:
        """See Progress."""
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt


@pytest.mark.parametrize("engine", ["threads", "processes"])
def test_ctrl_c_keeps_what_is_done(tmp_path: Path, engine: str) -> None:
    path = tmp_path / "a.h5"
    with pytest.raises(Stopped, match="run the same command again"):
        heatnet.run(many(COUNT), path, engine=engine, workers=2, progress=Interrupt(5))
    assert len(numbers(folder_of(path))) == 5 and not heatnet.open_run(path).complete
    heatnet.run(many(COUNT), path, engine=engine, workers=2)
    heatnet.run(many(COUNT), tmp_path / "b.h5", engine="threads")
    assert path.read_bytes() == (tmp_path / "b.h5").read_bytes()


def test_ctrl_c_at_a_terminal(tmp_path: Path) -> None:
    code = (
        "import signal, sys; sys.path.insert(0, sys.argv[1])\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # as at a terminal, where the tests run in the background too
        "import heatnet, heatnet.case; from heatnet.cli import main; from seasons import many\n"
        "heatnet.case.load_case = lambda path: many(20000)\n"
        "main(['run', 'case.toml', '--workers', '2'])\n"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", code, str(Path(__file__).parent)], cwd=tmp_path, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    until = time.monotonic() + 60
    while len(numbers(tmp_path / "case.h5.parts")) < 3 and time.monotonic() < until:
        time.sleep(0.02)
    os.killpg(running.pid, signal.SIGINT)
    _, told = running.communicate(timeout=60)
    assert running.returncode == 130 and "run the same command again to go on" in told and "Traceback" not in told
    assert not heatnet.open_run(tmp_path / "case.h5").complete


def test_a_damaged_part_is_computed_again(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with pytest.raises(Stopped):
        heatnet.run(many(COUNT), path, engine="threads", progress=Interrupt(5))
    part = sorted(folder_of(path).glob("0*.npz"))[2]
    part.write_bytes(part.read_bytes()[:500])
    heatnet.run(many(COUNT), path, engine="threads")
    heatnet.run(many(COUNT), tmp_path / "b.h5", engine="threads")
    assert path.read_bytes() == (tmp_path / "b.h5").read_bytes()


def test_two_runs_at_once_are_refused(tmp_path: Path) -> None:
    class Twice(Silent):
        def step(self, amount: int, failed: int) -> None:
            with pytest.raises(HeatnetError, match="another run is writing"):
                heatnet.run(many(64), tmp_path / "a.h5", engine="threads")

    heatnet.run(many(64), tmp_path / "a.h5", engine="threads", progress=Twice())


@pytest.mark.parametrize("limit", [2_000, 60_000, 120_000])
def test_files_may_not_grow(tmp_path: Path, limit: int) -> None:
    """As on a full disk, writes fail in the middle: of a part, of the first file, of the last."""
    path = tmp_path / "a.h5"
    code = (
        "import resource, signal, sys; sys.path.insert(0, sys.argv[1]); signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "import heatnet; from seasons import many\n"
        "case = many(640)\n"
        "heatnet.solve(case.net, case.settings)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, resource.RLIM_INFINITY))\n"
        "try: heatnet.run(case, sys.argv[2], engine='threads')\n"
        "except heatnet.HeatnetError as error: print(error); sys.exit(7)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(Path(__file__).parent), str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 7, done.stderr
    assert "may not grow" in done.stdout and "run the same command again" in done.stdout
    assert not list(tmp_path.glob("*.part")) and not list(tmp_path.glob(".*.part"))
    heatnet.run(many(COUNT), path, engine="threads")
    heatnet.run(many(COUNT), tmp_path / "b.h5", engine="threads")
    assert path.read_bytes() == (tmp_path / "b.h5").read_bytes()


def test_full_disk(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k", "none", str(disk)], capture_output=True, check=False).returncode:
        pytest.skip("may not mount a small disk here")
    try:
        with pytest.raises(HeatnetError, match="disk is full"):
            heatnet.run(many(COUNT), disk / "a.h5", engine="threads")
        subprocess.run(["mount", "-o", "remount,size=8m", str(disk)], check=True)
        heatnet.run(many(COUNT), disk / "a.h5", engine="threads")
        heatnet.run(many(COUNT), tmp_path / "b.h5", engine="threads")
        assert (disk / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()
    finally:
        subprocess.run(["umount", str(disk)], check=True)
        shutil.rmtree(disk)


def test_target_that_cannot_be_written() -> None:
    with pytest.raises(HeatnetError, match=r"could not be written|may not be written"):
        heatnet.run(many(2), "/proc/heatnet/run.h5", engine="threads")
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
