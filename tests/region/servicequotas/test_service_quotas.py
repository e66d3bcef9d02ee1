"""Quotas are answered as AWS answers for a new account; boto3 asks."""

import pytest
from botocore.exceptions import ClientError

from platformctl.operations.doctor.quotas import QUOTAS

EIP = {"ServiceCode": "ec2", "QuotaCode": "L-0263D0A3"}
ROLES = {"ServiceCode": "iam", "QuotaCode": "L-FE177D64"}


@pytest.fixture
def quotas(region):
    return region.client("service-quotas")


def test_a_quota_is_that_of_a_new_account(quotas):
    found = quotas.get_service_quota(**EIP)["Quota"]

    assert found["QuotaName"] == "EC2-VPC Elastic IPs"
    assert found["Value"] == 5
    assert found["QuotaArn"] == "arn:aws:servicequotas:us-east-1:000000000000:ec2/L-0263D0A3"


def test_an_increase_holds_for_its_region_and_leaves_the_default(region):
    west = region.client("service-quotas", "us-west-2")
    made = west.request_service_quota_increase(**EIP, DesiredValue=12)["RequestedQuota"]

    assert west.get_service_quota(**EIP)["Quota"]["Value"] == 12
    assert west.get_aws_default_service_quota(**EIP)["Quota"]["Value"] == 5
    assert region.client("service-quotas").get_service_quota(**EIP)["Quota"]["Value"] == 5
    found = west.get_requested_service_quota_change(RequestId=made["Id"])["RequestedQuota"]
    assert (found["Status"], found["Created"]) == ("APPROVED", made["Created"])


def test_no_more_is_no_increase(quotas):
    with pytest.raises(ClientError, match="must be greater than the current value 5") as caught:
        quotas.request_service_quota_increase(**EIP, DesiredValue=5)

    assert caught.value.response["Error"]["Code"] == "IllegalArgumentException"


@pytest.mark.parametrize("asked", [{**EIP, "QuotaCode": "L-00000000"}, {**EIP, "ServiceCode": "x"}])
def test_what_does_not_exist_is_no_such_resource(quotas, asked):
    with pytest.raises(quotas.exceptions.NoSuchResourceException):
        quotas.get_service_quota(**asked)


def test_a_quota_for_all_regions_is_kept_in_one(region, quotas):
    assert quotas.get_service_quota(**ROLES)["Quota"]["GlobalQuota"]
    west = region.client("service-quotas", "us-west-2")
    with pytest.raises(west.exceptions.NoSuchResourceException):
        west.get_service_quota(**ROLES)


def test_pages_hold_every_quota_of_a_service_once(quotas):
    pages = quotas.get_paginator("list_aws_default_service_quotas").paginate(
        ServiceCode="vpc", PaginationConfig={"PageSize": 3}
    )
    codes = [quota["QuotaCode"] for page in pages for quota in page["Quotas"]]

    assert len(codes) == len(set(codes)) > 6
    listed = quotas.list_service_quotas(ServiceCode="vpc")["Quotas"]
    assert codes == [quota["QuotaCode"] for quota in listed]


def test_every_quota_that_the_doctor_asks_for_is_here(quotas):
    for quota in QUOTAS:
        found = quotas.get_service_quota(ServiceCode=quota.service, QuotaCode=quota.code)
        assert found["Quota"]["GlobalQuota"] == quota.everywhere
