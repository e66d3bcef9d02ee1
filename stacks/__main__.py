"""The Pulumi program: read the stack's configuration, compose it, export what others need."""

from pathlib import Path

import pulumi
from pulumi.runtime.config import CONFIG, get_config_env

from platformctl.config.app import load_apps
from platformctl.config.loader import load_values
from platformctl.stacks.compose import compose
from platformctl.stacks.exports import stack_outputs

PROJECT = Path(__file__).resolve().parents[1]

configuration = load_values(
    {**get_config_env(), **CONFIG.get()}, f"Pulumi.{pulumi.get_stack()}.yaml"
)
environment = compose(configuration, load_apps(PROJECT), PROJECT)
for name, value in stack_outputs(environment).items():
    pulumi.export(name, value)
