"""Compares the commands of the pages with AWS's API and docs/aws.md with the template."""

import re
import shlex
from typing import Any

import pytest

from graph.settings import Settings
from tests.deploy.template import EVERY_SETTING, Stack
from tests.docs.aws_commands import check_command
from tests.docs.blocks import read_blocks, read_table

PAGE = "docs/aws.md"
PAGES = [PAGE, "docs/upgrading.md"]


def read_commands(page: str) -> list[list[str]]:
    """Read each command of the AWS CLI on a page, split as a shell does."""
    blocks = [b for b in read_blocks(page) if (b.language, b.label) == ("sh", "aws")]
    lines = "\n".join(block.text for block in blocks).replace("\\\n", "").splitlines()
    calls = [line[line.index("aws ") :] for line in lines if re.search(r"(^|\$\()aws ", line)]
    commands = [re.split(r"\)(?=$|\.)| \| ", call)[0] for call in calls]
    return [shlex.split(command) for command in commands]


@pytest.mark.parametrize("page", PAGES)
def test_commands_are_valid(page: str) -> None:
    commands = read_commands(page)

    assert len(commands) >= 4
    for command in commands:
        check_command(command)


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("aws ecs run-tasks --cluster c", "no operation"),
        ("aws ecs run-task --cluster c", "taskDefinition"),
        ("aws ecs update-service --service s --desired-count two", "two"),
        ("aws ecs update-service --service s --force", "no option"),
        ("aws ecs update-service --service s --force-new-deployment yes", "flag"),
        ("aws ecs run-task --task-definition t --launch-type NONE", "NONE is none of"),
        ("aws ecs run-task --task-definition t --network-configuration vpc={a=b}", "members"),
        ("aws cloudformation deploy --stack s", "no option"),
    ],
)
def test_wrong_commands_are_found(command: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        check_command(command.split())


@pytest.mark.parametrize("page", PAGES)
def test_commands_name_existing_parts_of_the_template(page: str) -> None:
    template = Stack().template
    text = " ".join(" ".join(command) for command in read_commands(page))

    overrides = re.findall(r"--parameter-overrides ((?:\w+=\S+ ?)+)", text)
    parameters = set(re.findall(r"(?:^| )(\w+)=", " ".join(overrides)))
    assert "Image" in parameters
    assert parameters <= template["Parameters"].keys()
    assert set(re.findall(r"OutputKey=='(\w+)'", text)) <= template["Outputs"].keys()


def test_a_first_deployment_gives_every_parameter_that_has_no_default() -> None:
    (deploy,) = [command for command in read_commands(PAGE) if "deploy" in command]

    given = dict(word.split("=", 1) for word in deploy if re.match(r"[A-Z]\w+=", word))
    parameters = Stack().template["Parameters"]
    assert {n for n, value in parameters.items() if "Default" not in value} <= given.keys()
    assert Stack(**given).failed_rules() == []


def test_an_upgrade_changes_the_image_alone() -> None:
    deploys = [each for each in read_commands("docs/upgrading.md") if "deploy" in each]

    assert deploys
    for command in deploys:
        overrides = command[command.index("--parameter-overrides") + 1 :]
        assert [word.partition("=")[0] for word in overrides] == ["Image"]


def test_settings_of_the_template_are_documented() -> None:
    rows = read_table(PAGE, "Settings")
    stack = Stack(**EVERY_SETTING)
    (container,) = stack.properties("TaskDefinition")["ContainerDefinitions"]

    documented = {name.strip("`") for names in rows for name in names.split(", ")}
    pairs = [*container["Environment"], *container["Secrets"]]
    assert documented == {pair["Name"] for pair in pairs}
    settings = {name.upper() for name in Settings.model_fields}
    assert documented - {"FORWARDED_ALLOW_IPS"} <= settings


def test_permissions_of_the_roles_are_documented() -> None:
    for role, (_, on_table, on_indexes) in read_table(PAGE, "IAM permissions").items():
        (policy,) = Stack().properties(role.strip("`"))["Policies"]
        table, *indexes = policy["PolicyDocument"]["Statement"]
        assert list_actions(table) == on_table
        assert on_indexes == "; ".join(
            f"{list_actions(each)} on `{each['Resource'].rpartition('/')[2]}`"
            for each in indexes
        )


def list_actions(statement: dict[str, Any]) -> str:
    """Return the actions of a statement as they are written on the page."""
    names = [name.removeprefix("dynamodb:") for name in statement["Action"]]
    return ", ".join(f"`{name}`" for name in names)


def test_parameters_on_the_page_exist() -> None:
    parameters = Stack().template["Parameters"].keys()
    documented = ", ".join(read_table(PAGE, "Other parameters")).replace("`", "").split(", ")

    assert set(documented) <= parameters


def test_every_alarm_is_documented() -> None:
    resources = Stack().template["Resources"]
    alarms = {n for n, each in resources.items() if each["Type"] == "AWS::CloudWatch::Alarm"}

    assert {name.strip("`") for name in read_table(PAGE, "Alarms")} == alarms
