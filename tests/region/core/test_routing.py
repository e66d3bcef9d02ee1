"""Who answers what, judged with boto3 and plain HTTP."""

import pytest
from botocore.exceptions import ClientError


def test_a_service_of_the_emulator_answers(region):
    s3 = region.client("s3")
    s3.create_bucket(Bucket="routing")
    s3.put_object(Bucket="routing", Key="greeting", Body=b"hello")

    assert s3.get_object(Bucket="routing", Key="greeting")["Body"].read() == b"hello"


def test_a_service_nobody_has_is_refused_by_name(region):
    with pytest.raises(ClientError, match="globalaccelerator is not in the local region"):
        region.client("globalaccelerator", "us-west-2").list_accelerators()
