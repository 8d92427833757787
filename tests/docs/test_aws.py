"""Compares docs/aws.md with AWS's API and with the template."""

import re
import shlex
from typing import Any

import botocore.session
from botocore import xform_name

from graph.settings import Settings
from tests.deploy.template import Stack
from tests.docs.blocks import read_blocks, read_table

PAGE = "docs/aws.md"
GLOBAL_OPTIONS = {"query", "output"}
CUSTOM_COMMANDS = {
    ("cloudformation", "deploy"): {
        "template-file",
        "stack-name",
        "capabilities",
        "parameter-overrides",
    },
    ("ecr", "get-login-password"): set[str](),
}
"""Commands of the AWS CLI that are no API operations, with the options that the page uses."""


def read_commands() -> list[list[str]]:
    """Read each command of the AWS CLI on the page, split as a shell does."""
    blocks = [b for b in read_blocks(PAGE) if (b.language, b.label) == ("sh", "aws")]
    lines = "\n".join(block.text for block in blocks).replace("\\\n", "").splitlines()
    calls = [line[line.index("aws ") :] for line in lines if re.search(r"(^|\$\()aws ", line)]
    commands = [re.split(r"\)(?=$|\.)| \| ", call)[0] for call in calls]
    return [shlex.split(command) for command in commands]


def test_commands_use_existing_options() -> None:
    unknown = {" ".join(command): unknown_options(command) for command in read_commands()}

    assert len(unknown) > 10
    assert {command: options for command, options in unknown.items() if options} == {}


def unknown_options(command: list[str]) -> set[str]:
    """Return the options of a command that its API operation does not have."""
    _, service, operation, *rest = command
    used = {word.removeprefix("--") for word in rest if word.startswith("--")} - GLOBAL_OPTIONS
    if (service, operation) in CUSTOM_COMMANDS:
        return used - CUSTOM_COMMANDS[service, operation]
    model = botocore.session.get_session().get_service_model(service)
    operations = {xform_name(name, "-"): name for name in model.operation_names}
    shape = model.operation_model(operations[operation]).input_shape
    return used - {xform_name(member, "-") for member in (shape.members if shape else ())}


def test_commands_name_existing_parts_of_the_template() -> None:
    template = Stack().template
    commands = read_commands()
    (deploy,) = [command for command in commands if "deploy" in command]
    parameters = {word.partition("=")[0] for word in deploy if re.match(r"[A-Z]\w+=", word)}
    text = " ".join(" ".join(command) for command in commands)

    required = {n for n, value in template["Parameters"].items() if "Default" not in value}
    assert required <= parameters <= template["Parameters"].keys()
    resources = re.findall(r"--logical-resource-id (\w+)", text)
    assert set(resources) <= template["Resources"].keys()
    assert set(re.findall(r"OutputKey=='(\w+)'", text)) <= template["Outputs"].keys()


def test_settings_of_the_template_are_documented() -> None:
    rows = read_table(PAGE, "Settings")
    stack = Stack(TokensSecret="arn", Issuer="https://issuer", JwksUrl="https://keys")
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
