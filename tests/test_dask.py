"""The Dask engine with a real scheduler and two worker processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from seasons import many, season

import heatnet
from heatnet import HeatnetError
from heatnet.batch import Silent

distributed = pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", silence_logs=50) as running:
        yield running


def test_equal_files_and_a_worker_killed_loses_nothing(cluster: Any, tmp_path: Path) -> None:
    address = cluster.scheduler_address.replace("tcp://", "dask://")

    class Killer(Silent):
        left = 4

        def step(self, amount: int, failed: int) -> None:
            assert not failed
            self.left -= 1
            if self.left == 0:
                with distributed.Client(cluster.scheduler_address) as client:
                    os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)

    heatnet.run(many(640), tmp_path / "a.h5", engine="threads")
    heatnet.run(many(640), tmp_path / "b.h5", engine=address)
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()
    killer = Killer()
    heatnet.run(many(640), tmp_path / "c.h5", engine=address, progress=killer)
    assert killer.left < 0 and (tmp_path / "a.h5").read_bytes() == (tmp_path / "c.h5").read_bytes()


def test_a_season_on_a_cluster(cluster: Any, tmp_path: Path) -> None:
    made = season(np.linspace(-20.0, 0.0, 15 * 24))
    heatnet.run(made, tmp_path / "a.h5", engine="threads")
    heatnet.run(made, tmp_path / "b.h5", engine=cluster.scheduler_address.replace("tcp://", "dask://"))
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()


def test_a_script_without_a_guard_is_not_run_again_by_workers(tmp_path: Path) -> None:
    script = tmp_path / "my script.py"
    script.write_text(
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); print('begins')\n"
        "import heatnet; from seasons import many\n"
        "print(heatnet.run(many(70), sys.argv[1], engine='dask', workers=2).complete)\n"
    )
    done = subprocess.run([sys.executable, str(script), str(tmp_path / "a.h5")], capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["begins", "True"]


def test_no_scheduler_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("heatnet.batch.engines.PATIENCE", "1s")
    with pytest.raises(HeatnetError, match="no Dask scheduler"):
        heatnet.run(many(2), tmp_path / "a.h5", engine="dask://127.0.0.1:1")
