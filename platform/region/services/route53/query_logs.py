"""Query logging: what a zone is asked is written to a log group."""

import logging
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from platformctl.region.services.base import Call, ServiceError
from platformctl.region.services.route53.answers import AnswerOperations
from platformctl.region.services.route53.records import HOME, Record, bare

log = logging.getLogger(__name__)

_EDGE = "IAD89-C1"
_RESOLVER = "127.0.0.1"


class QueryLogOperations(AnswerOperations):
    """Operations on query logging configurations."""

    async def create_query_logging_config(self, call: Call) -> dict[str, Any]:
        """Log the queries of a zone to a log group in us-east-1 that allows it."""
        zone = self.zone(call.parameters["HostedZoneId"])
        arn = call.parameters["CloudWatchLogsLogGroupArn"].removesuffix(":*")
        if any(each["HostedZoneId"] == zone["Id"] for each in self.query_logs().values()):
            raise ServiceError(
                "QueryLoggingConfigAlreadyExists",
                "A query logging configuration already exists for the hosted zone.",
                409,
            )
        parts = arn.split(":")
        if len(parts) < 7 or parts[3] != HOME:
            raise ServiceError("InvalidInput", f"The log group must be in {HOME}: {arn}")
        await self._group_must_exist(parts[6])
        record = {
            "Id": str(uuid4()),
            "HostedZoneId": zone["Id"],
            "CloudWatchLogsLogGroupArn": arn,
        }
        self.query_logs()[record["Id"]] = record
        location = f"https://route53.amazonaws.com/2013-04-01/queryloggingconfig/{record['Id']}"
        return {"QueryLoggingConfig": record, "Location": location}

    def get_query_logging_config(self, call: Call) -> dict[str, Any]:
        """Describe a query logging configuration."""
        return {"QueryLoggingConfig": self._query_log(call.parameters["Id"])}

    def list_query_logging_configs(self, call: Call) -> dict[str, Any]:
        """List query logging configurations, of all zones or of one."""
        zone = call.parameters.get("HostedZoneId")
        found = [
            record
            for record in self.query_logs().values()
            if zone is None or record["HostedZoneId"] == bare(zone)
        ]
        return {"QueryLoggingConfigs": found}

    def delete_query_logging_config(self, call: Call) -> dict[str, Any]:
        """Log the queries of a zone no more."""
        del self.query_logs()[self._query_log(call.parameters["Id"])["Id"]]
        return {}

    async def log_query(self, zone: Record, name: str, kind: str, code: str) -> None:
        """Write a query to the log group of its zone, in Route 53's format."""
        for config in self.query_logs().values():
            if config["HostedZoneId"] != zone["Id"]:
                continue
            now = self.runtime.now()
            moment = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            line = f"1.0 {moment} {zone['Id']} {name.rstrip('.')} {kind} {code} UDP {_EDGE}"
            await self._write(config, f"{line} {_RESOLVER} -", int(now * 1000))

    async def _write(self, config: Record, line: str, at: int) -> None:
        group = config["CloudWatchLogsLogGroupArn"].split(":")[6]
        stream = {"logGroupName": group, "logStreamName": f"{config['HostedZoneId']}/{_EDGE}"}
        events = [{"timestamp": at, "message": line}]
        try:
            try:
                await self.runtime.call("logs", HOME, "create_log_stream", stream)
            except ClientError as error:
                if error.response["Error"]["Code"] != "ResourceAlreadyExistsException":
                    raise
            await self.runtime.call("logs", HOME, "put_log_events", {**stream, "logEvents": events})
        except (ClientError, BotoCoreError) as error:
            # An answer does not wait for its log: Route 53 delivers them as well as it can.
            log.warning("a query of zone %s is not logged: %s", config["HostedZoneId"], error)

    async def _group_must_exist(self, name: str) -> None:
        asked = {"logGroupNamePrefix": name}
        groups = await self.runtime.call("logs", HOME, "describe_log_groups", asked)
        if all(group["logGroupName"] != name for group in groups["logGroups"]):
            raise ServiceError(
                "NoSuchCloudWatchLogsLogGroup", f"The log group {name} does not exist.", 404
            )

    def _query_log(self, identity: str) -> Record:
        record = self.query_logs().get(identity)
        if record is None:
            raise ServiceError(
                "NoSuchQueryLoggingConfig", "The query logging configuration does not exist.", 404
            )
        return record
