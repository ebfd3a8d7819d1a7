"""A Dask scheduler with workers on the loopback, as processes of their own; ended with the test."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]


def free_port() -> int:
    """Return a port of the loopback that nobody listens on."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@dataclass
class Cluster:
    """A scheduler and its workers."""

    folder: Path
    address: str = ""
    scheduler: subprocess.Popen[bytes] | None = None
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start_worker(self, **environment: str) -> subprocess.Popen[bytes]:
        """Start a worker of one thread without a nanny, so that killing it kills it."""
        options = ["--no-nanny", "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1"]
        options += ["--local-directory", str(self.folder)]
        worker = self._start("worker", self.address, *options, **environment)
        self.workers.append(worker)
        return worker

    def _start(self, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        paths = environment.pop("PYTHONPATH", f"{ROOT}{os.pathsep}{ROOT / 'tests'}")
        log = (self.folder / "log.txt").open("ab")
        return subprocess.Popen(
            [sys.executable, "-m", "distributed.cli.dask_" + arguments[0], *arguments[1:]],
            stdout=log, stderr=log, env={**os.environ, "PYTHONPATH": paths, **environment},
            cwd=self.folder,
        )  # fmt: skip

    def start(self) -> None:
        """Start the scheduler."""
        port = free_port()
        self.address = f"tcp://127.0.0.1:{port}"
        self.scheduler = self._start(
            "scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"
        )
        deadline = time.monotonic() + 30.0
        while time.monotonic() < deadline:
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError((self.folder / "log.txt").read_text("utf-8"))

    def stop(self) -> None:
        """End all of them, and wait until they are gone."""
        every = [p for p in (*self.workers, self.scheduler) if p is not None]
        for process in every:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
        for process in every:
            process.wait(30)


@contextmanager
def cluster(folder: Path, workers: int = 2) -> Iterator[Cluster]:
    """Give a cluster of so many workers."""
    found = Cluster(folder)
    try:
        found.start()
        for _ in range(workers):
            found.start_worker()
        yield found
    finally:
        found.stop()
