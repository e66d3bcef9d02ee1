"""Every AWS protocol, from boto3 through the endpoint to a service's method and back."""

import gzip
from datetime import UTC, datetime

import httpx
import pytest
from botocore.exceptions import ClientError
from support.endpoint import endpoint_of
from support.region import client

from platformctl.region.services.base import Service, ServiceError

ARN = "arn:aws:kafka:us-east-1:000000000000:cluster/events/0a1b"
SIGNATURE = "AWS4-HMAC-SHA256 Credential=k/20260101/us-east-1/{}/aws4_request"
MOMENT = datetime(2026, 3, 1, 12, 30, 15, tzinfo=UTC)


class _Recording(Service):
    """Keeps the calls it got."""

    def __init__(self):
        self.calls = []

    def _note(self, call):
        self.calls.append(call)
        return call.parameters


class LoadBalancing(_Recording):
    name = "elbv2"
    scope = "elasticloadbalancing"

    async def create_load_balancer(self, call):
        parameters = self._note(call)
        return {
            "LoadBalancers": [
                {
                    "LoadBalancerName": parameters["Name"],
                    "CreatedTime": MOMENT.timestamp(),
                    "State": {"Code": "active"},
                    "NotInTheModel": 1,
                    "DNSName": None,
                }
            ]
        }

    def describe_load_balancers(self, call):
        names = call.parameters.get("Names")
        if names:
            raise ServiceError("LoadBalancerNotFound", f"One or more of {names} not found <&>")
        return {"LoadBalancers": [{"LoadBalancerName": f"balancer-{n}"} for n in range(7)]}

    def describe_target_groups(self, call):
        raise KeyError("a mistake of ours")


class Containers(_Recording):
    name = "ecs"

    def create_service(self, call):
        self._note(call)
        return {"service": {"serviceName": "api", "createdAt": MOMENT, "desiredCount": 2}}

    def list_clusters(self, call):
        return {"clusterArns": [f"arn:{n}" for n in range(5)]}

    def delete_cluster(self, call):
        raise ServiceError("ClusterNotFoundException", "Cluster not found.")


class Streaming(_Recording):
    name = "kafka"

    def describe_cluster(self, call):
        return {"ClusterInfo": {"ClusterArn": call.parameters["ClusterArn"], "State": "ACTIVE"}}

    def list_clusters(self, call):
        self._note(call)
        return {"ClusterInfoList": [{"ClusterName": f"c{n}"} for n in range(3)]}

    def delete_cluster(self, call):
        raise ServiceError("NotFoundException", "There is no such cluster.")

    def tag_resource(self, call):
        self._note(call)

    def untag_resource(self, call):
        self._note(call)


class Delivery(_Recording):
    name = "cloudfront"

    def create_cloud_front_origin_access_identity(self, call):
        self._note(call)
        return {
            "CloudFrontOriginAccessIdentity": {"Id": "E1", "S3CanonicalUserId": "user"},
            "ETag": "tag-1",
            "Location": "https://cloudfront/E1",
        }

    def list_distributions(self, call):
        return {
            "DistributionList": {
                "Marker": "",
                "MaxItems": 100,
                "IsTruncated": False,
                "Quantity": 3,
                "Items": [{"Id": f"D{n}"} for n in range(3)],
            }
        }

    def get_distribution(self, call):
        raise ServiceError("NoSuchDistribution", "The specified distribution does not exist.")


class Monitoring(_Recording):
    name = "cloudwatch"
    scope = "monitoring"

    def put_metric_data(self, call):
        self._note(call)

    def get_metric_statistics(self, call):
        self._note(call)
        return {
            "Label": "Latency",
            "Datapoints": [{"Timestamp": MOMENT.timestamp(), "Average": 1, "Unit": "Seconds"}],
        }

    def set_alarm_state(self, call):
        raise ServiceError("ResourceNotFound", "There is no such alarm.")


class Network(_Recording):
    name = "ec2"

    def describe_vpcs(self, call):
        self._note(call)
        return {"Vpcs": [{"VpcId": "vpc-1", "IsDefault": False, "CidrBlock": "10.0.0.0/16"}]}


@pytest.fixture(scope="module")
def services():
    kinds = (LoadBalancing, Containers, Streaming, Delivery, Monitoring, Network)
    return {kind.name: kind() for kind in kinds}


@pytest.fixture(scope="module")
def aws(services):
    with endpoint_of(list(services.values())) as url:
        yield lambda name, region="us-east-1": client(url, name, region)


def test_query_carries_lists_structures_and_times_both_ways(aws, services):
    answer = aws("elbv2", "eu-west-1").create_load_balancer(
        Name="web", Subnets=["subnet-1", "subnet-2"], Tags=[{"Key": "a", "Value": "b & c"}]
    )

    call = services["elbv2"].calls[-1]
    assert (call.region, call.account, call.operation) == (
        "eu-west-1",
        "000000000000",
        "CreateLoadBalancer",
    )
    assert call.parameters["Subnets"] == ["subnet-1", "subnet-2"]
    assert call.parameters["Tags"] == [{"Key": "a", "Value": "b & c"}]
    balancer = answer["LoadBalancers"][0]
    assert balancer["CreatedTime"] == MOMENT
    assert balancer["State"] == {"Code": "active"}
    assert "DNSName" not in balancer
    assert answer["ResponseMetadata"]["RequestId"]


def test_query_errors_have_the_code_that_clients_know(aws):
    elbv2 = aws("elbv2")
    with pytest.raises(elbv2.exceptions.LoadBalancerNotFoundException, match="not found <&>"):
        elbv2.describe_load_balancers(Names=["missing"])


def test_json_carries_parameters_times_and_modelled_errors(aws, services):
    ecs = aws("ecs")
    answer = ecs.create_service(
        cluster="main", serviceName="api", taskDefinition="api:1", desiredCount=2, tags=[]
    )
    assert services["ecs"].calls[-1].parameters["desiredCount"] == 2
    assert answer["service"]["createdAt"] == MOMENT
    with pytest.raises(ecs.exceptions.ClusterNotFoundException):
        ecs.delete_cluster(cluster="missing")


def test_rest_json_finds_the_operation_and_its_path_and_query(aws, services):
    kafka = aws("kafka")

    assert kafka.describe_cluster(ClusterArn=ARN)["ClusterInfo"]["ClusterArn"] == ARN
    kafka.list_clusters(ClusterNameFilter="ev ents", MaxResults=50)
    assert services["kafka"].calls[-1].parameters == {
        "ClusterNameFilter": "ev ents",
        "MaxResults": 50,
    }
    kafka.tag_resource(ResourceArn=ARN, Tags={"team": "data"})
    assert services["kafka"].calls[-1].parameters == {"ResourceArn": ARN, "Tags": {"team": "data"}}
    kafka.untag_resource(ResourceArn=ARN, TagKeys=["team", "stage"])
    assert services["kafka"].calls[-1].parameters["TagKeys"] == ["team", "stage"]


def test_rest_json_errors_have_code_and_status(aws):
    kafka = aws("kafka")
    with pytest.raises(kafka.exceptions.NotFoundException) as caught:
        kafka.delete_cluster(ClusterArn=ARN)

    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_rest_xml_carries_a_body_and_headers(aws, services):
    answer = aws("cloudfront").create_cloud_front_origin_access_identity(
        CloudFrontOriginAccessIdentityConfig={"CallerReference": "r", "Comment": "c <d>"}
    )

    assert services["cloudfront"].calls[-1].parameters == {
        "CloudFrontOriginAccessIdentityConfig": {"CallerReference": "r", "Comment": "c <d>"}
    }
    assert answer["ETag"] == "tag-1"
    assert answer["CloudFrontOriginAccessIdentity"]["Id"] == "E1"


def test_rest_xml_errors_have_code_and_status(aws):
    cloudfront = aws("cloudfront")
    with pytest.raises(cloudfront.exceptions.NoSuchDistribution) as caught:
        cloudfront.get_distribution(Id="missing")

    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_cbor_carries_numbers_and_times_both_ways(aws, services):
    cloudwatch = aws("cloudwatch")
    cloudwatch.put_metric_data(
        Namespace="Shop",
        MetricData=[
            {"MetricName": "Latency", "Timestamp": MOMENT, "Values": [0.5, 2.0, -3], "Counts": [1]},
        ],
    )
    datum = services["cloudwatch"].calls[-1].parameters["MetricData"][0]
    assert datum["Timestamp"] == MOMENT
    assert datum["Values"] == [0.5, 2.0, -3.0]
    answer = cloudwatch.get_metric_statistics(
        Namespace="Shop",
        MetricName="Latency",
        StartTime=MOMENT,
        EndTime=MOMENT,
        Period=60,
        Statistics=["Average"],
    )

    assert answer["Datapoints"] == [{"Timestamp": MOMENT, "Average": 1.0, "Unit": "Seconds"}]


def test_cbor_errors_have_the_code_that_clients_know(aws):
    cloudwatch = aws("cloudwatch")
    with pytest.raises(cloudwatch.exceptions.ResourceNotFound, match="no such alarm"):
        cloudwatch.set_alarm_state(AlarmName="a", StateValue="OK", StateReason="test")


def test_a_service_with_a_new_protocol_still_understands_query(aws, services):
    url = aws("cloudwatch").meta.endpoint_url
    answer = httpx.post(
        url,
        data={"Action": "SetAlarmState", "Version": "2010-08-01", "AlarmName": "a"}
        | {"StateValue": "OK", "StateReason": "test"},
        headers={"Authorization": SIGNATURE.format("monitoring")},
    )

    assert answer.status_code == 404
    assert "<Code>ResourceNotFound</Code>" in answer.text


def test_the_ec2_protocol_carries_lists_and_booleans(aws, services):
    answer = aws("ec2").describe_vpcs(Filters=[{"Name": "tag:a", "Values": ["x", "y"]}])

    filters = services["ec2"].calls[-1].parameters["Filters"]
    assert filters == [{"Name": "tag:a", "Values": ["x", "y"]}]
    assert answer["Vpcs"] == [{"VpcId": "vpc-1", "IsDefault": False, "CidrBlock": "10.0.0.0/16"}]


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "code"),
    [
        ("elbv2", "describe_rules", {}, "InvalidAction"),
        ("ecs", "list_services", {}, "UnknownOperationException"),
        ("kafka", "list_kafka_versions", {}, "UnknownOperationException"),
        ("cloudfront", "list_functions", {}, "UnknownOperationException"),
        ("cloudwatch", "describe_alarms", {}, "UnknownOperationException"),
        ("ec2", "describe_subnets", {}, "InvalidAction"),
    ],
)
def test_an_operation_that_a_service_lacks_is_refused_by_name(
    aws, service, operation, parameters, code
):
    name = "".join(word.title() for word in operation.split("_"))
    with pytest.raises(ClientError, match=f"{service} {name} is not in the local region") as caught:
        getattr(aws(service), operation)(**parameters)

    assert caught.value.response["Error"]["Code"] == code


def test_a_service_that_shares_the_signing_name_is_refused(aws):
    with pytest.raises(ClientError, match="API version 2012-06-01 is not in the local region"):
        aws("elb").describe_load_balancers()


def test_a_mistake_of_ours_is_an_internal_failure_that_names_the_operation(aws):
    with pytest.raises(ClientError, match="elbv2 DescribeTargetGroups failed") as caught:
        aws("elbv2").describe_target_groups()

    assert caught.value.response["Error"]["Code"] == "InternalFailure"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500


def test_a_missing_parameter_is_refused_before_the_service_sees_it(aws, services):
    url = aws("ecs").meta.endpoint_url
    answer = httpx.post(
        url,
        json={"cluster": "main"},
        headers={
            "X-Amz-Target": "AmazonEC2ContainerServiceV20141113.CreateService",
            "Content-Type": "application/x-amz-json-1.1",
            "Authorization": SIGNATURE.format("ecs"),
        },
    )

    assert answer.status_code == 400
    assert "serviceName" in answer.json()["message"]


@pytest.mark.parametrize(
    "body", ["{", "[1]", '{"desiredCount": "many", "serviceName": "a"}', "\xff"]
)
def test_a_body_that_is_not_what_it_says_is_a_client_error(aws, body):
    answer = httpx.post(
        aws("ecs").meta.endpoint_url,
        content=body.encode("latin-1"),
        headers={
            "X-Amz-Target": "AmazonEC2ContainerServiceV20141113.CreateService",
            "Content-Type": "application/x-amz-json-1.1",
            "Authorization": SIGNATURE.format("ecs"),
        },
    )

    assert answer.status_code == 400


def test_paginators_see_everything_once(aws):
    pages = (
        aws("elbv2")
        .get_paginator("describe_load_balancers")
        .paginate(PaginationConfig={"PageSize": 3})
    )
    sizes = [len(page["LoadBalancers"]) for page in pages]
    clusters = aws("ecs").get_paginator("list_clusters").paginate(PaginationConfig={"PageSize": 2})
    arns = [arn for page in clusters for arn in page["clusterArns"]]
    kafka = aws("kafka").get_paginator("list_clusters").paginate(PaginationConfig={"PageSize": 2})
    distributions = (
        aws("cloudfront")
        .get_paginator("list_distributions")
        .paginate(PaginationConfig={"PageSize": 2})
    )

    assert sizes == [3, 3, 1]
    assert arns == [f"arn:{n}" for n in range(5)]
    assert [c["ClusterName"] for page in kafka for c in page["ClusterInfoList"]] == [
        "c0",
        "c1",
        "c2",
    ]
    found = [d["Id"] for page in distributions for d in page["DistributionList"].get("Items", [])]
    assert found == ["D0", "D1", "D2"]


def test_large_requests_that_clients_compress_are_understood(aws, services):
    data = [{"MetricName": f"metric-{n}", "Value": n} for n in range(900)]
    aws("cloudwatch").put_metric_data(Namespace="Shop", MetricData=data)

    assert len(services["cloudwatch"].calls[-1].parameters["MetricData"]) == 900


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"not gzip", 400),
        (gzip.compress(b'{"clusters": []}')[:-12], 400),
        (gzip.compress(bytes(70 * 1024 * 1024)), 413),
    ],
    ids=["not gzip", "cut short", "a bomb"],
)
def test_a_compressed_body_that_is_broken_or_a_bomb_is_refused(aws, body, status):
    answer = httpx.post(
        aws("ecs").meta.endpoint_url,
        content=body,
        headers={
            "X-Amz-Target": "AmazonEC2ContainerServiceV20141113.ListClusters",
            "Content-Type": "application/x-amz-json-1.1",
            "Content-Encoding": "gzip",
            "Authorization": SIGNATURE.format("ecs"),
        },
    )

    assert answer.status_code == status
