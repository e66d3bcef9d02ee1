"""MSK configurations with their revisions; the brokers here do not read them."""

import base64
import uuid
from typing import Any

from platformctl.region.services.base import Call, ServiceError
from platformctl.region.services.kafka.records import Records, wrong
from platformctl.region.services.rds.names import moment


class ConfigurationOperations(Records):
    """The operations on configurations."""

    def create_configuration(self, call: Call) -> dict[str, Any]:
        """Create a configuration with its first revision."""
        asked = call.parameters
        table = self.table(call.region, "configurations")
        if any(record["Name"] == asked["Name"] for record in table.values()):
            raise ServiceError(
                "ConflictException", f"A configuration named {asked['Name']} exists already.", 409
            )
        account, own = self.runtime.account, f"{uuid.uuid4()}-1"
        arn = f"arn:aws:kafka:{call.region}:{account}:configuration/{asked['Name']}/{own}"
        record = {
            "Arn": arn,
            "Name": asked["Name"],
            "Description": asked.get("Description", ""),
            "KafkaVersions": list(asked.get("KafkaVersions") or ()),
            "State": "ACTIVE",
            "CreationTime": self.runtime.now(),
            "revisions": [],
        }
        _add_revision(record, asked, self.runtime.now())
        table[arn] = record
        return _shown(record)

    def update_configuration(self, call: Call) -> dict[str, Any]:
        """Add a revision to a configuration."""
        record = self.configuration(call.region, call.parameters["Arn"])
        _add_revision(record, call.parameters, self.runtime.now())
        self.table(call.region, "configurations")[record["Arn"]] = record
        shown = _shown(record)
        return {"Arn": shown["Arn"], "LatestRevision": shown["LatestRevision"]}

    def describe_configuration(self, call: Call) -> dict[str, Any]:
        """Describe a configuration with its latest revision."""
        return _shown(self.configuration(call.region, call.parameters["Arn"]))

    def describe_configuration_revision(self, call: Call) -> dict[str, Any]:
        """Return one revision with its properties."""
        record = self.configuration(call.region, call.parameters["Arn"])
        revision = self.revision(record, call.parameters["Revision"])
        return {
            "Arn": record["Arn"],
            **_shown_revision(revision),
            "ServerProperties": base64.b64decode(revision["properties"]),
        }

    def list_configurations(self, call: Call) -> dict[str, Any]:
        """List all configurations."""
        found = self.table(call.region, "configurations").values()
        return {"Configurations": [_shown(record) for record in found]}

    def list_configuration_revisions(self, call: Call) -> dict[str, Any]:
        """List the revisions of a configuration."""
        record = self.configuration(call.region, call.parameters["Arn"])
        return {"Revisions": [_shown_revision(revision) for revision in record["revisions"]]}

    def delete_configuration(self, call: Call) -> dict[str, Any]:
        """Delete a configuration that no cluster uses."""
        arn = self.configuration(call.region, call.parameters["Arn"])["Arn"]
        for cluster in self.table(call.region, "clusters").values():
            if cluster["info"]["CurrentBrokerSoftwareInfo"].get("ConfigurationArn") == arn:
                raise wrong(
                    f"The configuration is used by cluster {cluster['info']['ClusterName']}."
                )
        del self.table(call.region, "configurations")[arn]
        return {"Arn": arn, "State": "DELETING"}

    def configuration(self, region: str, arn: str) -> dict[str, Any]:
        """Return a configuration's record.

        Raises:
            ServiceError: There is none.
        """
        record = self.table(region, "configurations").get(arn)
        if record is None:
            raise ServiceError("NotFoundException", f"The configuration {arn} doesn't exist.", 404)
        return record

    def revision(self, record: dict[str, Any], number: int) -> dict[str, Any]:
        """Return one revision of a configuration.

        Raises:
            ServiceError: There is none of that number.
        """
        for revision in record["revisions"]:
            if revision["Revision"] == number:
                return revision
        raise ServiceError("NotFoundException", f"{record['Name']} has no revision {number}.", 404)


def _add_revision(record: dict[str, Any], asked: Any, now: float) -> None:
    properties = asked["ServerProperties"]
    raw = properties if isinstance(properties, bytes) else str(properties).encode()
    for line in raw.decode(errors="replace").splitlines():
        text = line.strip()
        if text and not text.startswith("#") and "=" not in text:
            raise wrong(f"The server properties are not valid: {text}")
    record["revisions"].append(
        {
            "Revision": len(record["revisions"]) + 1,
            "CreationTime": now,
            "Description": asked.get("Description", ""),
            "properties": base64.b64encode(raw).decode(),
        }
    )


def _shown_revision(revision: dict[str, Any]) -> dict[str, Any]:
    return {
        "Revision": revision["Revision"],
        "CreationTime": moment(revision["CreationTime"]),
        "Description": revision["Description"],
    }


def _shown(record: dict[str, Any]) -> dict[str, Any]:
    return {
        **{key: value for key, value in record.items() if key != "revisions"},
        "CreationTime": moment(record["CreationTime"]),
        "LatestRevision": _shown_revision(record["revisions"][-1]),
    }
