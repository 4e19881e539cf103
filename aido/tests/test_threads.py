"""Which requests wait for others, and which are refused."""

import threading
import time

import pytest

from aido.places import Places
from aido.testing.processes import wait_until
from aido.threads import MAX_QUEUE, max_checks, max_requests, thread_count


@pytest.fixture
def queue_up():
    """A function that starts a thread that takes a place: its list of results."""
    threads = []

    def queue_up(places):
        results = []
        before = len(places.queue)
        thread = threading.Thread(target=lambda: results.append(places.take()))
        thread.start()
        threads.append(thread)
        wait_until(lambda: len(places.queue) > before, interval=0.001)
        return results

    yield queue_up
    for thread in threads:
        thread.join()


@pytest.fixture
def patient(monkeypatch):
    monkeypatch.setattr("aido.places.STUCK_TIMEOUT", 60)


def test_a_place_goes_to_the_first_in_the_queue(queue_up, patient):
    places = Places(1)
    assert places.take()
    first, second = queue_up(places), queue_up(places)

    places.leave()
    wait_until(lambda: first)
    assert not second

    places.leave()
    wait_until(lambda: second)
    assert first == second == [True]


def test_a_request_is_refused_at_once_when_the_queue_is_full(queue_up, patient):
    places = Places(1, max_queue=1)
    assert places.take()
    queue_up(places)

    assert not places.take()

    places.leave()


def test_requests_are_refused_when_those_in_progress_are_stuck(queue_up):
    places = Places(1)
    assert places.take()
    waiting = queue_up(places)

    wait_until(lambda: waiting)

    assert waiting == [False]
    started = time.monotonic()
    assert not places.take()
    assert time.monotonic() - started < 0.4  # not after another STUCK_TIMEOUT


def test_a_request_waits_while_others_make_progress(queue_up, monkeypatch):
    monkeypatch.setattr("aido.places.STUCK_TIMEOUT", 0.2)
    places = Places(2)
    assert places.take() and places.take()
    queued = [queue_up(places) for _ in range(5)]

    for results in queued:
        time.sleep(0.1)
        places.leave()
        wait_until(lambda results=results: results)

    assert queued == [[True]] * 5


def test_the_wait_is_limited_despite_progress(queue_up, monkeypatch):
    monkeypatch.setattr("aido.places.STUCK_TIMEOUT", 0.1)
    places = Places(1, timeout=0.2)
    assert places.take()
    waiting = queue_up(places)

    def progress():
        places.progressed_at = time.monotonic()
        return waiting

    wait_until(progress, interval=0.01)

    assert waiting == [False]


def test_a_full_queue_leaves_threads_for_probes():
    assert thread_count() > max_requests() + MAX_QUEUE


@pytest.mark.parametrize(("connections", "checks"), [(15, 7), (2, 1), (1, 1)])
def test_health_checks_leave_half_of_the_connections(settings, connections, checks):
    settings.DATABASE_POOL_MAX = connections

    assert max_checks() == checks
