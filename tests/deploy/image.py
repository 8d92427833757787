"""Reads the Dockerfile of the image."""

import re

from tests.deploy.template import DEPLOY

ROOT = DEPLOY.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text()
IMAGE = DOCKERFILE.rpartition("\nFROM ")[2].replace("\\\n", "")
"""The stage that becomes the image, with continued lines joined."""


def image_variable(name: str) -> str:
    """Return the value of an environment variable that the image sets."""
    variables = " ".join(re.findall(r"^ENV (.+)$", IMAGE, re.MULTILINE)).split()
    return dict(variable.split("=", 1) for variable in variables)[name]
