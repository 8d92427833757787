"""An outage of the store makes the template's alarm go off, and replaces no tasks."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from graph.settings import Settings
from storage.errors import StoreUnavailableError
from tests.deploy.template import Stack
from tests.graph.clients import serving
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio


@pytest.fixture
async def http(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server whose store does not answer."""
    store = RecordingStore(tmp_path / "artifacts.db")
    store.failure, store.failing_method = StoreUnavailableError("down"), "ping"
    async with serving(store, Settings()) as client:
        yield client


async def test_the_load_balancer_keeps_tasks_whose_store_does_not_answer(
    http: httpx.AsyncClient,
) -> None:
    group = Stack().properties("TargetGroup")

    answer = await http.get(group["HealthCheckPath"])

    assert answer.status_code == 503
    assert str(answer.status_code) in group["Matcher"]["HttpCode"].split(",")
    assert group["HealthCheckTimeoutSeconds"] > Settings().store_seconds


async def test_an_alarm_counts_the_log_lines_of_failed_checks(
    http: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    stack = Stack(AlarmTopic="arn:topic")
    log_filter, alarm = stack.properties("StoreChecks"), stack.properties("StoreDown")
    (metric,) = log_filter["MetricTransformations"]

    await http.get("/readyz")

    (message,) = [each.getMessage() for each in caplog.records if each.levelname == "WARNING"]
    assert log_filter["FilterPattern"] == f'{{ $.event = "{message}" }}'
    assert alarm["Namespace"] == metric["MetricNamespace"] == "Registry/registry"
    assert alarm["MetricName"] == metric["MetricName"]
    checks = 60 / stack.properties("TargetGroup")["HealthCheckIntervalSeconds"]
    assert alarm["Threshold"] < checks
