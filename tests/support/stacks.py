"""The repository's own stack files, for tests."""

import json
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).resolve().parents[2]


def stack_document(name):
    """Return the `config` of a stack file."""
    return yaml.safe_load((REPOSITORY / f"Pulumi.{name}.yaml").read_text())["config"]


def only(product):
    """Return a change of a stack file that leaves one product, without a recovery region."""

    def change(configuration):
        configuration["platform:products"] = json.dumps([product])
        configuration.pop("platform:recoveryRegion", None)
        for other in {"analytics", "cloudweave", "journey", "aura"} - {product}:
            configuration.pop(f"platform:{other}", None)
        section = json.loads(configuration[f"platform:{product}"])
        section.pop("recovery", None)
        configuration[f"platform:{product}"] = json.dumps(section)

    return change


def dig(value, path):
    """Return what a path such as `rules.0.name` leads to."""
    for part in path.split("."):
        value = value[int(part)] if part.isdigit() else value[part]
    return value


def security_chain(plan, product):
    """Return who may connect to whom in a product: what its groups let in, and what they let out.

    Both are sets of (source, destination, port) with the product's own groups by their names;
    `internet` and `endpoints` stand for themselves; prefix lists, and the networks from which new
    versions are tried, are left out.
    """

    def end(identity):
        name = identity.removeprefix("SecurityGroup/").removeprefix(f"{product}-")
        return {"0.0.0.0/0": "internet", "network-endpoints": "endpoints"}.get(name, name)

    def rules(direction):
        for rule in plan.all(f"SecurityGroup{direction}Rule"):
            mine = rule.name.startswith(f"{product}-") and "-recovery-" not in rule.name
            mine = mine and "-testers-" not in rule.name
            if mine and "prefixListId" not in rule.inputs:
                other = rule.inputs.get("cidrIpv4") or rule.inputs["referencedSecurityGroupId"]
                yield end(other), end(rule.inputs["securityGroupId"]), rule.inputs["fromPort"]

    into = set(rules("Ingress"))
    out = {(group, other, port) for other, group, port in rules("Egress")}
    return into, out


def dashboard_metrics(plan, product):
    """Return what a product's dashboard shows, as (namespace, metric, statistic)."""
    dashboard = plan.one("Dashboard", f"{product}-dashboard").inputs
    return {
        (entry[0], entry[1], entry[-1]["stat"])
        for widget in json.loads(dashboard["dashboardBody"])["widgets"]
        for entry in widget["properties"].get("metrics", [])
    }
