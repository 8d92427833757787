"""The template creates the same table as the code, and tasks that can run."""

import re
from pathlib import Path

import pytest

from graph.auth.roles import Role
from graph.settings import Settings
from storage.dynamodb.schema.table import definition
from tests.deploy.image import DOCKERFILE, image_variable
from tests.deploy.template import EVERY_SETTING, Stack

BACKUPS = {
    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
}
"""The properties that the code sets after it has created the table."""


def test_the_table_is_the_same_as_that_of_the_code() -> None:
    table = Stack().properties("Table")

    expected = {**definition("registry-artifacts"), **BACKUPS}
    assert table == {**expected, "DeletionProtectionEnabled": "true"}


def test_an_existing_table_is_not_created() -> None:
    stack = Stack(TableExists="true", TableName="mine")

    assert stack.properties("Table") is None
    assert read_environment(stack)["DDB_TABLE_NAME"] == "mine"


def test_a_task_gets_no_requests_while_it_stops_and_has_time_for_those_it_has() -> None:
    stack = Stack()
    (container,) = stack.properties("TaskDefinition")["ContainerDefinitions"]
    group = stack.properties("TargetGroup")
    balancer = stack.properties("LoadBalancer")["LoadBalancerAttributes"]
    settings = Settings()

    (delay,) = (int(each["Value"]) for each in group["TargetGroupAttributes"])
    assert delay > settings.request_seconds
    assert container["StopTimeout"] > settings.drain_seconds + settings.grace_seconds
    (idle,) = (int(a["Value"]) for a in balancer if a["Key"] == "idle_timeout.timeout_seconds")
    assert idle < settings.keep_alive_seconds


def test_an_unhealthy_task_gets_no_more_requests_after_less_than_a_minute() -> None:
    group = Stack().properties("TargetGroup")

    assert group["HealthCheckIntervalSeconds"] * group["UnhealthyThresholdCount"] < 60
    assert group["HealthCheckTimeoutSeconds"] < group["HealthCheckIntervalSeconds"]


def test_two_stacks_share_no_names() -> None:
    names = {"TableName", "Family", "RoleName", "LogGroupName", "ClusterName", "ServiceName"}
    names |= {"Name", "GroupName", "AlarmName"}

    found = {
        (resource, name): value
        for resource, properties in Stack(
            AlarmTopic="arn", MetricsNamespace="M"
        ).resources.items()
        for name, value in properties.items()
        if name in names
    }
    assert found == {
        ("Table", "TableName"): "registry-artifacts",
        ("TaskDefinition", "Family"): "registry",
        ("StoreChecks", "LogGroupName"): "Logs",  # a reference to the stack's own
    }


def test_alarms_notify_the_topic_and_exist_only_with_one() -> None:
    stack = Stack(AlarmTopic="arn:topic", MetricsNamespace="Registry")
    alarms = {
        name: stack.properties(name)
        for name, resource in stack.template["Resources"].items()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    }

    assert alarms
    assert {tuple(each["AlarmActions"]) for each in alarms.values()} == {("arn:topic",)}
    without_metrics = Stack(AlarmTopic="arn:topic").resources
    assert alarms.keys() - without_metrics.keys() == {"NoListings"}
    assert not alarms.keys() & Stack().resources.keys()


@pytest.mark.parametrize(
    ("parameters", "failed"),
    [
        ({}, ["CallersAreKnown"]),
        ({"Anonymous": "read"}, []),
        ({"TokensSecret": "arn"}, []),
        ({"Issuers": "[]"}, []),
        ({"Issuer": "https://x"}, ["IssuerHasAudience"]),
        ({"Issuer": "https://x", "Audience": "a"}, []),
        ({"TokensSecret": "arn", "TableExists": "true"}, ["ExistingTableIsNamed"]),
        ({"TokensSecret": "arn", "TableExists": "true", "TableName": "mine"}, []),
    ],
)
def test_parameters_that_cannot_work_are_refused(
    parameters: dict[str, str], failed: list[str]
) -> None:
    assert Stack(**parameters).failed_rules() == failed


def test_the_server_accepts_every_setting_of_the_template(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in (variable.upper() for variable in Settings.model_fields):
        monkeypatch.delenv(name, raising=False)
    for name, value in read_environment(Stack(**EVERY_SETTING)).items():
        monkeypatch.setenv(name, value)

    settings = Settings()

    assert (settings.introspection, settings.explorer, settings.queries_by_get) == (False,) * 3
    assert settings.rate_limit is not None
    assert settings.allowed_hosts == ("registry.example.org",)
    assert settings.cors_origins == (
        "https://catalogue.example.org",
        "https://other.example.org",
    )
    assert [issuer.issuer for issuer in settings.issuers] == [
        "https://login.example.org",
        "https://token.actions.githubusercontent.com",
    ]
    assert settings.issuers[0].roles == {"ml-writers": Role.WRITE}
    assert settings.warnings == []


def test_the_search_index_has_a_writable_place_and_the_rest_is_read_only() -> None:
    task = Stack().properties("TaskDefinition")
    (container,) = task["ContainerDefinitions"]
    (mount,) = container["MountPoints"]

    assert container["ReadonlyRootFilesystem"]
    assert not mount["ReadOnly"]
    # Without a `Host`, the volume ends with the task.
    assert task["Volumes"] == [{"Name": mount["SourceVolume"]}]
    assert int(task["EphemeralStorage"]["SizeInGiB"]) >= 30
    # AWS makes volumes for root, except where the image has one: those keep their owner.
    assert re.findall(r"^VOLUME (.+)$", DOCKERFILE, re.MULTILINE) == [mount["ContainerPath"]]
    assert Path(image_variable("SEARCH_INDEX_PATH")).parent == Path(mount["ContainerPath"])


def read_environment(stack: Stack) -> dict[str, str]:
    (container,) = stack.properties("TaskDefinition")["ContainerDefinitions"]
    return {variable["Name"]: variable["Value"] for variable in container["Environment"]}
