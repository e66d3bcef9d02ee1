"""What lies beneath the services: networks, names, tables, images, alarms, backups, the edge."""

import json

import pytest
from support.checks import refused

from platformctl.plugin.values import UNKNOWN

ACCOUNT = "000000000000"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/a"
POOL = "ipam-pool-1"
CUSTOMIZED = "targetTrackingScalingPolicyConfiguration.customizedMetricSpecification"
TABLE = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/a"


def certificate(**inputs):
    return "aws:acm/certificate:Certificate", inputs


def requested(**inputs):
    return certificate(domainName="a.example.com", validationMethod="DNS", **inputs)


def scaling(**customized):
    return "aws:appautoscaling/policy:Policy", {
        "policyType": "TargetTrackingScaling",
        "resourceId": "service/a/b",
        "scalableDimension": "ecs:service:DesiredCount",
        "serviceNamespace": "ecs",
        "targetTrackingScalingPolicyConfiguration": {
            "targetValue": 1,
            "customizedMetricSpecification": customized,
        },
    }


def step(**adjustment):
    return "aws:appautoscaling/policy:Policy", {
        "resourceId": "service/a/b",
        "scalableDimension": "ecs:service:DesiredCount",
        "serviceNamespace": "ecs",
        "stepScalingPolicyConfiguration": {
            "adjustmentType": "ChangeInCapacity",
            "stepAdjustments": [{"scalingAdjustment": 1, **adjustment}],
        },
    }


def restore_test(**inputs):
    return "aws:backup/restoreTestingSelection:RestoreTestingSelection", {
        "iamRoleArn": ROLE,
        "name": "tables",
        "protectedResourceType": "DynamoDB",
        "restoreTestingPlanName": "weekly",
        **inputs,
    }


CONDITIONS = {"stringEquals": [{"key": "aws:ResourceTag/Team", "value": "a"}]}


def budget(**inputs):
    return "aws:budgets/budget:Budget", {
        "budgetType": "COST",
        "limitAmount": "10",
        "limitUnit": "USD",
        "timeUnit": "MONTHLY",
        **inputs,
    }


def distribution(behaviour=None, origin=None, **inputs):
    return "aws:cloudfront/distribution:Distribution", {
        "enabled": True,
        "defaultCacheBehavior": {
            "allowedMethods": ["GET", "HEAD"],
            "cachedMethods": ["GET", "HEAD"],
            "cachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
            "targetOriginId": "a",
            "viewerProtocolPolicy": "https-only",
            **(behaviour or {}),
        },
        "origins": [{"domainName": "a.example.com", "originId": "a", **(origin or {})}],
        "restrictions": {"geoRestriction": {"restrictionType": "none"}},
        "viewerCertificate": {"cloudfrontDefaultCertificate": True},
        **inputs,
    }


def alarm(**inputs):
    return "aws:cloudwatch/metricAlarm:MetricAlarm", {
        "comparisonOperator": "GreaterThanThreshold",
        "evaluationPeriods": 1,
        **inputs,
    }


def on_metric(**inputs):
    metric = {"metricName": "a", "namespace": "b", "period": 60}
    return alarm(**metric, **(inputs or {"statistic": "Sum"}))


def query(key, returned=True, **metric):
    told = {"metricName": "a", "namespace": "b", "period": 60, "stat": "p95", **metric}
    return {"id": key, "metric": told, "returnData": returned}


BAND = {"id": "band", "expression": "ANOMALY_DETECTION_BAND(m, 2)", "returnData": True}


def documents(**inputs):
    return "aws:docdb/cluster:Cluster", {"skipFinalSnapshot": True, **inputs}


def table(*indexes, **inputs):
    return "aws:dynamodb/table:Table", {
        "hashKey": "id",
        "billingMode": "PAY_PER_REQUEST",
        "attributes": [{"name": "id", "type": "S"}],
        "globalSecondaryIndexes": list(indexes),
        **inputs,
    }


def index(*kinds, **more):
    keys = [{"attributeName": "id", "keyType": kind} for kind in kinds]
    return {"name": "by-id", "projectionType": "ALL", "keySchemas": keys, **more}


def gateway(**inputs):
    return "aws:ec2/natGateway:NatGateway", inputs


def endpoint(kind, **inputs):
    return "aws:ec2/vpcEndpoint:VpcEndpoint", {
        "serviceName": "com.amazonaws.us-east-1.s3",
        "vpcEndpointType": kind,
        "vpcId": "vpc-1",
        **inputs,
    }


def subnet(zone):
    return "aws:ec2/subnet:Subnet", {
        "vpcId": "vpc-1",
        "cidrBlock": "10.0.1.0/24",
        "availabilityZone": zone,
    }


def route(**inputs):
    return "aws:ec2/route:Route", {"routeTableId": "rtb-1", **inputs}


def flow_log(**inputs):
    return "aws:ec2/flowLog:FlowLog", {
        "iamRoleArn": ROLE,
        "logDestination": f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:a",
        **inputs,
    }


def lifecycle(action="expire", count=7):
    selection = {
        "tagStatus": "untagged",
        "countType": "sinceImagePushed",
        "countUnit": "days",
        "countNumber": count,
    }
    rule = {"rulePriority": 1, "selection": selection, "action": {"type": action}}
    return "aws:ecr/lifecyclePolicy:LifecyclePolicy", {
        "repository": "app",
        "policy": json.dumps({"rules": [rule]}),
    }


REFUSED = [
    (certificate(domainName="a.example.com"), "validationMethod", "one of validationMethod"),
    (requested(subjectAlternativeNames=["b.example.com."]), "subjectAlternativeNames[0]", "dot"),
    (requested(certificateChain="chain"), "domainName", "cannot be given together"),
    (certificate(privateKey="key"), "certificateBody", "needs certificateBody"),
    (scaling(metricName="Lag", namespace="A"), f"{CUSTOMIZED}.statistic", f"{CUSTOMIZED}.metrics"),
    (
        step(metricIntervalLowerBound="none"),
        "stepScalingPolicyConfiguration.stepAdjustments[0].metricIntervalLowerBound",
        "a number",
    ),
    (
        restore_test(protectedResourceArns=["*"], protectedResourceConditions=CONDITIONS),
        "protectedResourceConditions",
        "cannot be given together",
    ),
    (restore_test(), "protectedResourceArns", "one of protectedResourceArns"),
    (budget(timePeriodStart="2030-01-01"), "timePeriodStart", "2030-01-01_00:00"),
    (
        budget(
            filterExpression={"tags": {"key": "a"}}, costFilters=[{"name": "a", "values": ["b"]}]
        ),
        "filterExpression",
        "cannot be given together",
    ),
    (distribution(origin={"connectionAttempts": 4}), "origins[0].connectionAttempts", "1 and 3"),
    (
        distribution(
            originGroups=[
                {
                    "originId": "both",
                    "failoverCriteria": {"statusCodes": [500]},
                    "members": [{"originId": "a"}],
                }
            ]
        ),
        "originGroups[0].members",
        "exactly 2 entries",
    ),
    (
        distribution(
            behaviour={
                "functionAssociations": [
                    {
                        "eventType": "origin-request",
                        "functionArn": f"arn:aws:cloudfront::{ACCOUNT}:f/a",
                    }
                ]
            }
        ),
        "defaultCacheBehavior.functionAssociations[0].eventType",
        "viewer-request",
    ),
    (
        distribution(viewerCertificate={"cloudfrontDefaultCertificate": False}),
        "viewerCertificate.acmCertificateArn",
        "must be given",
    ),
    (
        ("aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy", {"name": "a"}),
        "corsConfig",
        "one of corsConfig",
    ),
    (on_metric(extendedStatistic="p99.999"), "extendedStatistic", "p99.999"),
    (alarm(metricQueries=[query("m", period=45)]), "metricQueries[0].metric.period", "n × 60"),
    (alarm(metricQueries=[query("m", stat="p")]), "metricQueries[0].metric.stat", "of the form"),
    (alarm(metricQueries=[query("m"), query("n")]), "metricQueries", "exactly one"),
    (
        alarm(metricQueries=[query("m")], statistic="Sum"),
        "statistic",
        "metricQueries and statistic cannot",
    ),
    (
        documents(serverlessV2ScalingConfiguration={"minCapacity": 0.7, "maxCapacity": 4}),
        "serverlessV2ScalingConfiguration.minCapacity",
        "a multiple of 0.5",
    ),
    (documents(masterPasswordWo="password"), "masterPasswordWoVersion", "needs"),
    (
        table(index("RANGE", "HASH")),
        "globalSecondaryIndexes[0].keySchemas",
        "HASH attributes before",
    ),
    (table(index(*["HASH"] * 5)), "globalSecondaryIndexes[0].keySchemas", "1 to 4 HASH"),
    (
        table(index("HASH", rangeKey="id")),
        "globalSecondaryIndexes[0].keySchemas",
        "cannot be given together",
    ),
    (
        table(index("HASH", nonKeyAttributes=["a"])),
        "globalSecondaryIndexes[0].nonKeyAttributes",
        "projectionType 'ALL'",
    ),
    (table(streamViewType="NEW_IMAGE"), "streamViewType", "streamEnabled False"),
    (
        (
            "aws:dynamodb/tableReplica:TableReplica",
            {"globalTableArn": TABLE, "region": "us-east-1"},
        ),
        "region",
        "the table itself",
    ),
    (("aws:ec2/vpc:Vpc", {}), "cidrBlock", "one of cidrBlock"),
    (
        ("aws:ec2/vpc:Vpc", {"ipv4NetmaskLength": 24, "cidrBlock": "10.0.0.0/24"}),
        "ipv4NetmaskLength",
        "cannot be given together",
    ),
    (subnet("us-east-1"), "availabilityZone", "not 'us-east-1'"),
    (gateway(subnetId="subnet-1"), "allocationId", "missing"),
    (gateway(subnetId="subnet-1", availabilityMode="regional"), "subnetId", "cannot be given"),
    (
        route(destinationPrefixListId="pl-1", vpcEndpointId="vpce-1"),
        "destinationPrefixListId",
        "cannot be given together",
    ),
    (
        (
            "aws:ec2/routeTable:RouteTable",
            {"vpcId": "vpc-1", "routes": [{"cidrBlock": "0.0.0.0/0"}]},
        ),
        "routes[0].gatewayId",
        "must be given",
    ),
    (
        ("aws:cloudwatch/logResourcePolicy:LogResourcePolicy", {"policyDocument": "{}"}),
        "policyName",
        "or resourceArn must be given",
    ),
    (
        (
            "aws:cloudwatch/compositeAlarm:CompositeAlarm",
            {"alarmName": "a", "alarmRule": "ALARM(b)", "okActions": ["mail"]},
        ),
        "okActions[0]",
        "an ARN",
    ),
    (flow_log(vpcId="vpc-1"), "trafficType", "one of trafficType"),
    (endpoint("Gateway", privateDnsEnabled=True), "privateDnsEnabled", "of type Gateway"),
    (lifecycle(count=0), "policy", "countNumber of 1"),
    (lifecycle(action="delete"), "policy", "no action"),
    (
        (
            "aws:ecr/repository:Repository",
            {"imageTagMutabilityExclusionFilters": [{"filter": "a*", "filterType": "WILDCARD"}]},
        ),
        "imageTagMutabilityExclusionFilters",
        "cannot be given with imageTagMutability",
    ),
]
TAKEN = [
    (requested(keyAlgorithm="EC_prime256v1"), "a certificate that ACM issues"),
    (certificate(privateKey=UNKNOWN, certificateBody="body"), "a certificate brought along"),
    (
        scaling(metrics=[{"id": "m", "expression": "a / b"}]),
        "a metric made from others",
    ),
    (
        (
            "aws:docdb/clusterParameterGroup:ClusterParameterGroup",
            {"family": "docdb9.0", "namePrefix": "app-"},
        ),
        "a family that is not there yet",
    ),
    (step(metricIntervalLowerBound="0", metricIntervalUpperBound="1.5e2"), "bounds as text"),
    (restore_test(protectedResourceConditions=CONDITIONS), "tests of what carries a tag"),
    (restore_test(protectedResourceArns=["*"]), "tests of everything"),
    (
        distribution(
            viewerCertificate={
                "cloudfrontDefaultCertificate": False,
                "acmCertificateArn": f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/a",
                "sslSupportMethod": "sni-only",
            }
        ),
        "a certificate that is said not to be CloudFront's",
    ),
    (
        (
            "aws:cloudfront/originAccessControl:OriginAccessControl",
            {
                "originAccessControlOriginType": "s3",
                "signingBehavior": "always",
                "signingProtocol": "sigv4a",
            },
        ),
        "signatures for several regions",
    ),
    (on_metric(extendedStatistic="TM(5%:95%)"), "a trimmed mean"),
    (
        alarm(
            comparisonOperator="GreaterThanUpperThreshold",
            thresholdMetricId="band",
            metricQueries=[query("m", stat="Average"), BAND],
        ),
        "an anomaly: the metric and the band around it both return data",
    ),
    (table(index("HASH", "HASH", "RANGE")), "a key of several attributes"),
    (table(index("HASH", readCapacity=5, writeCapacity=5)), "capacity that is not read"),
    (
        (
            "aws:dynamodb/table:Table",
            {"restoreSourceTableArn": TABLE, "restoreToLatestTime": True},
        ),
        "a table restored with its keys and its capacity",
    ),
    (
        ("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16", "ipv4IpamPoolId": POOL}),
        "a block that a pool knows of",
    ),
    (subnet("us-west-2-lax-1a"), "a zone outside of the region"),
    (subnet("us-east-1-wl1-bos-wlz-1"), "a zone of a carrier"),
    (gateway(availabilityMode="regional", vpcId="vpc-1"), "a gateway for all zones"),
    (
        route(
            destinationCidrBlock="0.0.0.0/0", odbNetworkArn=f"arn:aws:odb:us-east-1:{ACCOUNT}:n/a"
        ),
        "a route to a database's network",
    ),
    (flow_log(transitGatewayId="tgw-1"), "all that passes a transit gateway"),
    (endpoint("Gateway", privateDnsEnabled=False), "no names of a gateway"),
    (endpoint("Interface", privateDnsEnabled=True), "subnets associated later"),
]


@pytest.mark.parametrize(("resource", "place", "words"), REFUSED)
def test_what_the_official_provider_refuses_is_refused(resource, place, words):
    assert words in refused(*resource)[place]


@pytest.mark.parametrize(("resource", "what"), TAKEN, ids=lambda it: it if type(it) is str else "")
def test_what_the_official_provider_takes_is_taken(resource, what):
    assert refused(*resource) == {}, what
