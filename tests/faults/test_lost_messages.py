"""Redis forgets everything, a worker dies over its work: nothing is lost, because the outbox is the truth."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from audit.models import Outbox
from config.celery import app
from config.embedded import Home, Redis
from config.embedded.redis import program
from config.environment import broker_address
from cycle.services import stages
from tests import moments
from tests.county import County
from tests.faults.crashing import worker
from workflows.models import Process
from workflows.tasks import relay

pytestmark = [
    pytest.mark.skipif(program() is None, reason="没有 Redis 程序：请安装 redis-server"),
    pytest.mark.usefixtures("small_year"),
]
QUEUE = "jixiao"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Redis]:
    """A Redis of this test's own, to which this process hands its messages."""
    server = Redis(Home(tmp_path))
    server.start()
    before = app.conf.broker_url, app.conf.task_always_eager
    _use(broker_address(server.url()), eager=False)
    try:
        yield server
    finally:
        _use(*before)
        server.stop()


def _use(url: str, eager: bool) -> None:
    """Let the application speak to another broker: open connections belong to the old one."""
    app.conf.broker_url, app.conf.task_always_eager = url, eager
    app.conf.broker_write_url = app.conf.broker_read_url = url
    app._pool = None
    app.amqp._producer_pool = None


@contextmanager
def opened(blocker: DjangoDbBlocker) -> Iterator[County]:
    """A county whose first stage has opened: its messages wait in the outbox."""
    with blocker.unblock(), moments.committed("preparation") as county:
        stages.open_stage(county.cycle.pk, "indicator_setting", user_id=county.user("jxb-chief"))
        assert len(waiting()) == 2
        yield county


def waiting() -> list[str]:
    return list(Outbox.objects.filter(done_at__isnull=True).values_list("topic", flat=True))


def until(condition: Callable[[], bool], seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def test_a_redis_that_forgets_everything_loses_nothing(
    broker: Redis, django_db_blocker: DjangoDbBlocker, tmp_path: Path
) -> None:
    with opened(django_db_blocker):
        assert relay() == 2
        client = broker.client()
        assert client.llen(QUEUE) == 2
        assert client.flushall()
        assert client.llen(QUEUE) == 0
        assert len(waiting()) == 2
        assert relay() == 2
        with worker(broker.url(), tmp_path / "worker.log"):
            assert until(lambda: not waiting()), (tmp_path / "worker.log").read_text()
        assert Process.objects.count() == 5
        client.close()


def test_a_worker_killed_over_its_work_leaves_it_to_the_next(
    broker: Redis, django_db_blocker: DjangoDbBlocker, tmp_path: Path
) -> None:
    """The row it needs is locked by somebody else when it is killed: it is in the middle of the task."""
    log = tmp_path / "worker.log"
    with opened(django_db_blocker) as county:
        cycle_id = county.cycle.pk
        assert relay() == 2
        blocking = connection.copy()
        with blocking.cursor() as cursor:
            blocking.set_autocommit(False)
            cursor.execute("LOCK TABLE workflows_process IN ACCESS EXCLUSIVE MODE")
            with worker(broker.url(), log) as first:
                assert until(at_work), log.read_text()
                first.send_signal(signal.SIGKILL)
                first.wait(10)
            blocking.rollback()
        blocking.close()
        assert "matters.opened" in waiting()
        assert Process.objects.filter(cycle_id=cycle_id).count() == 0
        relay()
        with worker(broker.url(), log):
            assert until(lambda: not waiting()), log.read_text()
        assert Process.objects.filter(cycle_id=cycle_id).count() == 5


def at_work() -> bool:
    """Whether some session waits for the locked table, that is, works on a message."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'workflows_process'::regclass"
        )
        return bool(cursor.fetchone()[0])
