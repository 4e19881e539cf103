"""Start, reload and stop the web server's worker processes.

The supervisor owns the sockets, on which its workers listen when they are ready. So a
connection that arrives during a reload waits in the queue of the socket. The supervisor
itself does not import Django's parts: each worker is a new Python interpreter, which
reads the code, .env and the installed packages again.

- HUP starts new workers. The old ones stop when every new one is ready. If one of the
  new ones fails or takes too long, they are stopped and the old ones stay.
- TERM and INT stop all workers. They complete their requests, for a limited time.
- A worker that ends is replaced.
- If the supervisor is killed, its workers notice and stop: see `worker.py`.
"""

import json
import logging
import os
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

from aido import listeners
from aido.accept_queue import close_when_empty
from aido.plain_logs import JSONFormatter
from aido.preflight import make_metrics_folder, read_configuration
from aido.worker_process import START_TIMEOUT, Worker, start_worker

RESTART_PAUSE = 1  # seconds until a worker that ended is replaced

logger = logging.getLogger("aido.supervisor")


class Supervisor:
    def __init__(self) -> None:
        self.configuration: dict[str, Any] = {}
        self.listeners: list[socket.socket] = []
        self.workers: list[Worker] = []  # of the current generation
        self.new_workers: list[Worker] = []  # of a reload
        self.old_workers: list[Worker] = []  # these stop
        self.restart_at: float | None = None
        self.preflight: subprocess.Popen[bytes] | None = None
        self.is_stopping = False
        self.has_reload = False
        self.has_started = False  # a worker was ready
        self.reported: set[str] = set()  # messages of the workers started last

    def run(self) -> int:
        """Serve until a signal asks to stop; return the exit code."""
        self.install_signals()
        self.lifeline = os.pipe()  # workers see its end when the supervisor ends
        self.configuration = configuration = read_configuration()
        if self.is_stopping:
            return 0
        self.listeners = listeners.bind(configuration)
        configuration["metrics"] = make_metrics_folder(configuration)
        logger.setLevel(configuration["log_level"])
        self.log_start()
        self.workers = self.start_workers(configuration)
        while not self.is_stopping and not self.has_failed():
            self.step()
        self.drain()
        if not self.is_stopping:
            self.explain_failure()
            return 1
        logger.info("Stopped")
        return 0

    def explain_failure(self) -> None:
        """Print at last what workers reported, below the log of the others."""
        for message in sorted(self.reported):
            print(message, file=sys.stderr, flush=True)
        if not self.reported:
            logger.error("A worker did not start; see above.")

    def has_failed(self) -> bool:
        """Return whether a worker ended before one was ready."""
        return not self.has_started and self.is_missing_workers()

    def is_missing_workers(self) -> bool:
        return len(self.workers) < self.configuration["workers"]

    def step(self) -> None:
        """Wait for an event or a deadline, and act on it."""
        self.wait()
        if self.is_stopping:
            return
        if self.has_reload:
            self.begin_reload()
        # Before workers that ended at once are forgotten.
        self.has_started |= any(worker.is_ready for worker in self.workers)
        self.reap()
        if self.new_workers and all(worker.is_ready for worker in self.new_workers):
            self.end_reload()
        if self.restart_at is not None and time.monotonic() >= self.restart_at:
            self.replace_ended_workers()

    def replace_ended_workers(self) -> None:
        self.restart_at = None
        self.workers += self.start_workers(self.configuration, self.workers)
        if self.is_missing_workers():
            self.restart_at = time.monotonic() + RESTART_PAUSE

    def drain(self) -> None:
        """Stop all workers, and wait until they have ended."""
        close_when_empty(self.listeners)
        self.stop_all()
        while self.all_workers():
            self.wait()
            self.reap()
        self.delete_metrics(self.configuration["metrics"])

    def stop_all(self) -> None:
        for worker in self.all_workers():
            worker.stop()

    def all_workers(self) -> list[Worker]:
        return [*self.workers, *self.new_workers, *self.old_workers]

    def begin_reload(self) -> None:
        self.has_reload = False
        self.stop_new_workers()
        logger.info("Reloading")
        configuration = self.run_preflight()
        if self.is_stopping:
            return
        if configuration is None:
            self.abort_reload()
            return
        address = {name: self.configuration[name] for name in ("host", "port")}
        self.next_configuration = configuration | address
        if self.next_configuration != configuration:
            logger.warning("API_HOST and API_PORT change only with a restart.")
        self.new_workers = self.start_workers(configuration)
        if len(self.new_workers) < configuration["workers"]:
            self.abort_reload()
            self.delete_metrics(configuration["metrics"])

    def end_reload(self) -> None:
        """Let the new workers take over."""
        for worker in self.workers:
            worker.retire()
        self.old_workers += self.workers
        self.workers, self.new_workers = self.new_workers, []
        self.delete_metrics(self.configuration["metrics"])
        self.configuration = self.next_configuration
        self.restart_at = None
        message = "Reloaded: aido {version}, workers: {workers}"
        logger.info(message.format(**self.configuration))

    def abort_reload(self) -> None:
        logger.error("Cannot reload; the old workers continue. See above.")
        self.stop_new_workers()

    def stop_new_workers(self) -> None:
        for worker in self.new_workers:
            worker.stop()
        self.old_workers += self.new_workers
        self.new_workers = []

    def reap(self) -> None:
        """Forget the workers that have ended, and kill those past their deadline."""
        now = time.monotonic()
        for worker in self.all_workers():
            if worker.process.poll() is not None:
                self.forget(worker)
            elif worker.has_deadline() and now > worker.deadline:
                task = "stop" if worker.is_stopping else "start"
                pid = worker.process.pid
                logger.error("Killing worker %s: it did not %s in time", pid, task)
                worker.kill()
                self.forget(worker)

    def forget(self, worker: Worker) -> None:
        code, pid = worker.process.returncode, worker.process.pid
        if not worker.is_ready:
            self.read_ready_pipe(worker)
        os.close(worker.ready_pipe)
        group = self.group_of(worker)
        group.remove(worker)
        if worker.metrics != self.configuration["metrics"]:
            self.delete_metrics(worker.metrics)
        if worker.is_stopping:
            return
        if not worker.message:
            logger.error("Worker %s ended with code %s", pid, code)
        if group is self.new_workers:
            self.abort_reload()
        else:
            self.restart_at = time.monotonic() + RESTART_PAUSE

    def group_of(self, worker: Worker) -> list[Worker]:
        groups = (self.workers, self.new_workers, self.old_workers)
        return next(group for group in groups if worker in group)

    def delete_metrics(self, folder: str) -> None:
        """Delete a folder with metrics, unless a worker still writes to it."""
        if folder and all(worker.metrics != folder for worker in self.all_workers()):
            shutil.rmtree(folder, ignore_errors=True)

    def start_workers(
        self, configuration: dict[str, Any], present: Sequence[Worker] = ()
    ) -> list[Worker]:
        """Start the workers of a configuration that are not present, if that works."""
        self.reported = set()
        numbers = {worker.number for worker in present}
        missing = set(range(configuration["workers"])) - numbers
        descriptors = [self.lifeline[0], *(each.fileno() for each in self.listeners)]
        metrics = configuration["metrics"]
        started: list[Worker] = []
        try:
            for number in missing:
                started.append(start_worker(descriptors, number, metrics))
        except OSError as error:  # no Python, or too many processes or open files
            logger.error("Cannot start a worker: %s", error)
        return started

    def run_preflight(self) -> dict[str, Any] | None:
        """Return what `preflight.py` prints, or None if it fails."""
        try:
            self.preflight = subprocess.Popen(
                [sys.executable, "-m", "aido.preflight"],
                stdout=subprocess.PIPE,
                process_group=0,
            )
        except OSError as error:
            logger.error("Cannot start Python: %s", error)
            return None
        with self.preflight as process:
            if self.is_stopping:  # a signal that came before the assignment
                process.kill()
            try:
                output, _ = process.communicate(timeout=START_TIMEOUT)
            except subprocess.TimeoutExpired:
                process.kill()
                return None
        self.preflight = None
        if process.returncode:
            return None
        return {"metrics": ""} | json.loads(output)  # other versions may not print it

    def log_start(self) -> None:
        host, port = self.configuration["host"], self.configuration["port"]
        fields = {
            "version": self.configuration["version"],
            "address": f"http://{listeners.authority(host, port)}",
            "workers": self.configuration["workers"],
        }
        message = "aido {version} at {address}, workers: {workers}".format(**fields)
        logging.getLogger("aido").info(message, extra={"fields": fields})

    def install_signals(self) -> None:
        """Let each signal wake `wait`."""
        self.wakeup, self.wakeup_end = socket.socketpair()
        self.wakeup.setblocking(False)
        self.wakeup_end.setblocking(False)
        signal.set_wakeup_fd(self.wakeup_end.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGTERM, self.on_stop)
        signal.signal(signal.SIGINT, self.on_stop)
        signal.signal(signal.SIGHUP, self.on_reload)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # wakes `wait`

    def on_stop(self, *_: Any) -> None:
        self.is_stopping = True
        if self.preflight:
            self.preflight.kill()

    def on_reload(self, *_: Any) -> None:
        self.has_reload = True

    def wait(self) -> None:
        """Wait for a signal, the next deadline or a worker that gets ready."""
        # Not epoll, which needs a file descriptor: there may be none left.
        with selectors.PollSelector() as selector:
            selector.register(self.wakeup, selectors.EVENT_READ)
            for worker in self.all_workers():
                if not worker.is_ready:
                    selector.register(worker.ready_pipe, selectors.EVENT_READ, worker)
            for key, _ in selector.select(self.seconds_to_deadline()):
                if key.data is None:
                    self.wakeup.recv(4096)
                else:
                    self.read_ready_pipe(key.data)

    def read_ready_pipe(self, worker: Worker) -> None:
        worker.read()
        if worker.is_ready:
            logger.info("Started worker %s", worker.process.pid)
        # All workers that start have the same to say about the configuration.
        if worker.message and worker.message not in self.reported:
            self.reported.add(worker.message)
            if self.has_started:
                print(worker.message, file=sys.stderr, flush=True)

    def seconds_to_deadline(self) -> float | None:
        limited = [worker for worker in self.all_workers() if worker.has_deadline()]
        deadlines = [worker.deadline for worker in limited]
        if self.restart_at is not None:
            deadlines.append(self.restart_at)
        return max(0, min(deadlines) - time.monotonic()) + 0.01 if deadlines else None


def main() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(JSONFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    sys.exit(Supervisor().run())
