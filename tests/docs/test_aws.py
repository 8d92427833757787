"""docs/aws.md: its commands fit AWS's API and the template, as its roles and settings do."""

import re
import shlex

import botocore.session
from botocore import xform_name

from graph.settings import Settings
from tests.deploy.template import Stack
from tests.docs.blocks import blocks, rows

PAGE = "docs/aws.md"
CLIENTS_OWN = {"query", "output"}
HIGHER_COMMANDS = {
    ("cloudformation", "deploy"): {
        "template-file",
        "stack-name",
        "capabilities",
        "parameter-overrides",
    },
    ("ecr", "get-login-password"): set[str](),
}
"""What the command line adds to the API, with the options that we use."""


def commands() -> list[list[str]]:
    """Each command of the AWS CLI on the page, split as the shell does."""
    text = "\n".join(b.text for b in blocks(PAGE) if (b.language, b.more) == ("sh", "aws"))
    lines = text.replace("\\\n", "").splitlines()
    calls = [line[line.index("aws ") :] for line in lines if re.search(r"(^|\$\()aws ", line)]
    inner = [re.split(r"\)(?=$|\.)| \| ", call)[0] for call in calls]
    return [shlex.split(call) for call in inner]


def test_the_api_has_what_the_commands_use() -> None:
    unknown = {" ".join(command): options(command) for command in commands()}

    assert len(unknown) > 10
    assert {name: left for name, left in unknown.items() if left} == {}


def options(command: list[str]) -> set[str]:
    """The options of a command that there are not."""
    _, service, operation, *rest = command
    used = {word.removeprefix("--") for word in rest if word.startswith("--")} - CLIENTS_OWN
    if (service, operation) in HIGHER_COMMANDS:
        return used - HIGHER_COMMANDS[service, operation]
    model = botocore.session.get_session().get_service_model(service)
    operations = {xform_name(name, "-"): name for name in model.operation_names}
    shape = model.operation_model(operations[operation]).input_shape
    return used - {xform_name(member, "-") for member in (shape.members if shape else ())}


def test_the_template_has_what_the_commands_name() -> None:
    template = Stack().template
    (deploy,) = [command for command in commands() if "deploy" in command]
    given = {word.partition("=")[0] for word in deploy if re.match(r"[A-Z]\w+=", word)}
    text = " ".join(" ".join(command) for command in commands())

    required = {n for n, value in template["Parameters"].items() if "Default" not in value}
    assert required <= given <= template["Parameters"].keys()
    resources = re.findall(r"--logical-resource-id (\w+)", text)
    assert set(resources) <= template["Resources"].keys()
    assert set(re.findall(r"OutputKey=='(\w+)'", text)) <= template["Outputs"].keys()


def test_the_settings_are_those_that_the_template_sets() -> None:
    said = {n.strip("`") for names in rows(PAGE, "Settings") for n in names.split(", ")}
    stack = Stack(TokensSecret="arn", Issuer="https://issuer")
    (container,) = stack.properties("TaskDefinition")["ContainerDefinitions"]

    set_by_it = {pair["Name"] for pair in [*container["Environment"], *container["Secrets"]]}
    assert said == set_by_it
    assert said - {"FORWARDED_ALLOW_IPS"} <= {name.upper() for name in Settings.model_fields}


def test_the_roles_are_those_of_the_template() -> None:
    for role, (_, on_table, on_indexes) in rows(PAGE, "Who may do what in AWS").items():
        (policy,) = Stack().properties(role.strip("`"))["Policies"]
        table, indexes = policy["PolicyDocument"]["Statement"]
        for statement, said in ((table, on_table), (indexes, on_indexes)):
            actions = [f"dynamodb:{name.strip('`')}" for name in said.split(", ")]
            assert statement["Action"] == actions
