"""Service Quotas as the region serves it: nothing is limited by them, they are there to be asked.

An increase is granted at once, where AWS may take days.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import uuid4

from platformctl.region.services.base import Call, Service, ServiceError
from platformctl.region.services.paging import page
from platformctl.region.services.servicequotas.defaults import DEFAULTS, HOME, Quota

if TYPE_CHECKING:
    from platformctl.region.runtime import Table

MOST = 100


class ServiceQuotas(Service):
    """Quotas, their defaults, and requests for more."""

    name: ClassVar[str] = "service-quotas"
    scope: ClassVar[str] = "servicequotas"

    def _granted(self, region: str) -> "Table":
        """Return the values that differ from AWS's, by service and code."""
        return self.runtime.store.table(self.name, region, "granted")

    def _requests(self, region: str) -> "Table":
        return self.runtime.store.table(self.name, region, "requests")

    # -- operations

    def get_service_quota(self, call: Call) -> dict[str, Any]:
        """Return a quota as it applies to the account."""
        return {"Quota": self._applied(call, _quota(call))}

    def get_aws_default_service_quota(self, call: Call) -> dict[str, Any]:
        """Return a quota as AWS sets it."""
        return {"Quota": _described(call, _quota(call))}

    def list_service_quotas(self, call: Call) -> dict[str, Any]:
        """Return the quotas of a service as they apply to the account."""
        return _listed(call, [self._applied(call, quota) for quota in _quotas(call)])

    def list_aws_default_service_quotas(self, call: Call) -> dict[str, Any]:
        """Return the quotas of a service as AWS sets them."""
        return _listed(call, [_described(call, quota) for quota in _quotas(call)])

    def request_service_quota_increase(self, call: Call) -> dict[str, Any]:
        """Grant more of a quota."""
        quota, wanted = _quota(call), call.parameters["DesiredValue"]
        now = self._applied(call, quota)["Value"]
        if wanted <= now:
            raise ServiceError(
                "IllegalArgumentException",
                f"The desired value {wanted:g} must be greater than the current value {now:g}.",
            )
        self._granted(call.region)[_key(quota)] = {"Value": wanted}
        moment = self.runtime.now()
        request = {
            "Id": uuid4().hex,
            "ServiceCode": quota.service,
            "ServiceName": quota.service_name,
            "QuotaCode": quota.code,
            "QuotaName": quota.name,
            "DesiredValue": wanted,
            "Status": "APPROVED",
            "Created": moment,
            "LastUpdated": moment,
            "QuotaArn": _arn(call, quota),
            "GlobalQuota": quota.everywhere,
            "Unit": "None",
        }
        self._requests(call.region)[request["Id"]] = request
        return {"RequestedQuota": request}

    def get_requested_service_quota_change(self, call: Call) -> dict[str, Any]:
        """Return what became of a request."""
        found = self._requests(call.region).get(call.parameters["RequestId"])
        if found is None:
            raise ServiceError("NoSuchResourceException", "The specified request does not exist.")
        return {"RequestedQuota": found}

    def _applied(self, call: Call, quota: Quota) -> dict[str, Any]:
        granted = self._granted(call.region).get(_key(quota))
        return {**_described(call, quota), **(granted or {})}


def _quotas(call: Call) -> Sequence[Quota]:
    """Return the quotas of the service that is asked about; global ones are kept in one region.

    Raises:
        ServiceError: There is no such service.
    """
    code = call.parameters["ServiceCode"]
    found = [quota for quota in DEFAULTS if quota.service == code]
    if not found:
        raise ServiceError(
            "NoSuchResourceException",
            "The request failed because the specified service does not exist.",
        )
    return [quota for quota in found if call.region == HOME or not quota.everywhere]


def _quota(call: Call) -> Quota:
    for quota in _quotas(call):
        if quota.code == call.parameters["QuotaCode"]:
            return quota
    raise ServiceError(
        "NoSuchResourceException",
        "The request failed because the specified quota does not exist.",
    )


def _described(call: Call, quota: Quota) -> dict[str, Any]:
    return {
        "ServiceCode": quota.service,
        "ServiceName": quota.service_name,
        "QuotaArn": _arn(call, quota),
        "QuotaCode": quota.code,
        "QuotaName": quota.name,
        "Value": quota.value,
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": quota.everywhere,
    }


def _arn(call: Call, quota: Quota) -> str:
    place = ":" if quota.everywhere else f"{call.region}:"
    return f"arn:aws:servicequotas:{place}{call.account}:{quota.service}/{quota.code}"


def _key(quota: Quota) -> str:
    return f"{quota.service}/{quota.code}"


def _listed(call: Call, quotas: list[dict[str, Any]]) -> dict[str, Any]:
    size = call.parameters.get("MaxResults") or MOST
    token = call.parameters.get("NextToken")
    shown, more = page(quotas, size, token, error="InvalidPaginationTokenException")
    return {"Quotas": shown, **({"NextToken": more} if more else {})}
