"""A worker process, as its supervisor sees it. `worker.py` is what it runs."""

import os
import signal
import subprocess
import sys
import time

START_TIMEOUT = 60  # seconds until a worker must be ready
STOP_TIMEOUT = 25  # seconds for the requests of a worker that stops

# Granian closes idle connections when it stops, and a request that arrives at that
# moment is lost. So clients get some time to send another request, whose response ends
# the connection. After a reload, until granian would have closed them anyway, in the 30
# seconds of its HTTP1Settings. Before a stop less: Docker kills a container after 10.
RETIRE_TIMEOUT = 31  # seconds
DRAIN_TIMEOUT = 5  # seconds

# For glibc's malloc, which would keep most of the memory of a burst: each thread that
# allocates at once gets an arena of its own, and large blocks, such as the 19 MiB of a
# password hash, would be allocated in them once one was freed.
MALLOC = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": str(2**20)}

READY = b"1"
MAX_MESSAGE = 4096  # bytes, which a pipe takes at once


class Worker:
    # No dataclass, whose module the supervisor would import for a sixth of its start.
    def __init__(
        self,
        process: subprocess.Popen[bytes],
        ready_pipe: int,
        number: int,
        metrics: str,
    ) -> None:
        self.process = process
        self.ready_pipe = ready_pipe  # the worker writes to it when it is ready
        self.deadline = time.monotonic() + START_TIMEOUT  # of its start or its stop
        self.number = number  # from 0, distinct among the workers of a configuration
        self.metrics = metrics  # the folder with the metrics of these workers, or ""
        self.message = ""  # why it cannot start
        self.is_ready = False
        self.is_stopping = False

    def read(self) -> None:
        """Read from the pipe that the worker is ready, or why it cannot start."""
        text = os.read(self.ready_pipe, MAX_MESSAGE)
        if text:
            self.is_ready = text == READY
            self.message = "" if self.is_ready else text.decode(errors="replace")

    def has_deadline(self) -> bool:
        return self.is_stopping or not self.is_ready

    def stop(self) -> None:
        self.end(signal.SIGTERM, STOP_TIMEOUT)

    def retire(self) -> None:
        """Let it stop when its clients have left; others serve the new ones."""
        self.end(signal.SIGHUP, RETIRE_TIMEOUT + STOP_TIMEOUT)

    def end(self, by: signal.Signals, timeout: float) -> None:
        self.is_stopping = True
        self.deadline = time.monotonic() + timeout
        self.process.send_signal(by)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def worker_environment(number: int, metrics: str) -> dict[str, str]:
    environment = MALLOC | os.environ | {"AIDO_WORKER": str(number)}
    if metrics:
        environment["PROMETHEUS_MULTIPROC_DIR"] = metrics
    return environment


def start_worker(descriptors: list[int], number: int, metrics: str) -> Worker:
    """Start a worker that inherits the lifeline and the listening sockets."""
    ready, ready_end = os.pipe()
    lifeline, *listeners = descriptors
    arguments = [lifeline, ready_end, *listeners]
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "aido.worker", *map(str, arguments)],
            env=worker_environment(number, metrics),
            pass_fds=arguments,
            process_group=0,  # Ctrl-C reaches the supervisor only
        )
    except OSError:
        os.close(ready)
        raise
    finally:
        os.close(ready_end)
    os.set_blocking(ready, False)
    return Worker(process, ready, number, metrics)
