"""The edge: load balancers, failover by DNS, zones, distributions."""

import pytest
from support.component_examples import BALANCER, EXAMPLES
from support.paper import ACCOUNT, PaperProject, document

SITE = 'StaticSite("it", StaticSiteArgs(domain="a.example.com", certificate_arn="arn:c"{more}))'


@pytest.fixture(scope="module")
def balancer(tmp_path_factory):
    more = 'certificate_arn="arn:certificate", test_port=8443, web_acl_arn="arn:firewall"'
    return PaperProject(tmp_path_factory.mktemp("balancer")).up(BALANCER.format(more=more))


def test_the_test_listener_is_as_encrypted_as_the_real_one(balancer):
    real, test = (balancer.one("Listener", f"it-{key}") for key in ("listener", "test-listener"))

    assert (real.inputs["port"], test.inputs["port"]) == (443, 8443)
    for key in ("protocol", "certificateArn", "sslPolicy", "defaultActions"):
        assert real.inputs[key] == test.inputs[key]
    assert test.inputs["defaultActions"][0]["fixedResponse"]["statusCode"] == "404"


def test_plain_http_only_leads_to_https(balancer):
    redirect = balancer.one("Listener", "it-redirect").inputs

    assert redirect["defaultActions"][0]["redirect"] == {
        "protocol": "HTTPS",
        "port": "443",
        "statusCode": "HTTP_301",
    }


def test_the_firewall_stands_before_the_balancer(balancer):
    association = balancer.one("WebAclAssociation", "it-firewall").inputs

    assert association["webAclArn"] == "arn:firewall"
    assert association["resourceArn"] == balancer.one("LoadBalancer", "it").outputs["arn"]


def test_a_balancer_is_protected_logged_and_strict_about_headers(balancer):
    inputs = balancer.one("LoadBalancer", "it").inputs

    assert inputs["enableDeletionProtection"]
    assert inputs["dropInvalidHeaderFields"]
    assert inputs["desyncMitigationMode"] == "defensive"
    assert inputs["accessLogs"]["enabled"]
    assert not inputs["internal"]


def test_an_inner_balancer_has_no_public_address(paper):
    plan = paper.up(BALANCER.format(more="http_port=8080, internal=True"))

    assert plan.one("LoadBalancer", "it").inputs["internal"]
    assert plan.names("Listener") == ["it-listener"]


def test_adding_firewall_and_test_port_touches_nothing_else(paper):
    paper.up(BALANCER.format(more='certificate_arn="arn:c"'))

    later = 'certificate_arn="arn:c", test_port=8443, web_acl_arn="arn:f"'
    changes = paper.preview(BALANCER.format(more=later)).changes
    assert changes.keys() == {"create", "same"}
    assert changes["create"] == 2


@pytest.mark.parametrize("port", [80, 443])
def test_a_test_port_that_is_taken_is_refused(port, paper):
    with pytest.raises(Exception, match=f"test_port is {port}: another listener has that port"):
        paper.up(BALANCER.format(more=f'certificate_arn="arn:c", test_port={port}'))


def test_a_failover_record_has_a_watched_side_and_another(paper):
    plan = paper.up(EXAMPLES["FailoverRecord"])
    primary, secondary = (plan.one("Record", f"it-{side}") for side in ("primary", "secondary"))

    assert primary.inputs["failoverRoutingPolicies"] == [{"type": "PRIMARY"}]
    assert secondary.inputs["failoverRoutingPolicies"] == [{"type": "SECONDARY"}]
    assert primary.inputs["healthCheckId"] == "h1"
    assert "healthCheckId" not in secondary.inputs
    for record in (primary, secondary):
        assert record.inputs["name"] == "a.example.com"
        assert "ttl" not in record.inputs, "an alias has the time of its target"
    assert primary.inputs["setIdentifier"] != secondary.inputs["setIdentifier"]


def test_an_alias_to_a_distribution_cannot_evaluate_its_health(paper):
    given = EXAMPLES["DomainAlias"].replace('"Z2"', '"Z2FDTNDATAQYW2"{more}')
    with pytest.raises(Exception, match="evaluate_target_health is True: must be False"):
        paper.up(given.format(more=""))

    record = paper.up(given.format(more=", evaluate_target_health=False")).one("Record", "it")
    assert record.inputs["aliases"][0]["evaluateTargetHealth"] is False


def test_a_failing_idle_side_does_not_move_a_domain_that_a_health_check_watches(paper):
    plan = paper.up(EXAMPLES["FailoverRecord"])
    primary, secondary = (plan.one("Record", f"it-{side}") for side in ("primary", "secondary"))

    assert not primary.inputs["aliases"][0]["evaluateTargetHealth"]
    assert secondary.inputs["aliases"][0]["evaluateTargetHealth"]


def test_an_outage_is_noticed_within_half_a_minute(paper):
    check = paper.up(EXAMPLES["DnsHealthCheck"]).one("HealthCheck", "it").inputs

    assert check["requestInterval"] * check["failureThreshold"] == 30
    assert check["type"] == "HTTPS"
    assert check["enableSni"]
    assert check["resourcePath"] == "/health"
    assert not check["disabled"]


def test_a_side_that_cannot_answer_yet_is_not_asked(paper):
    source = EXAMPLES["DnsHealthCheck"].replace(
        'domain="east.example.com"', 'domain="east.example.com", awaiting_release=True'
    )
    check = paper.up(source).one("HealthCheck", "it").inputs

    assert check["disabled"]
    assert check["tags"]["Release"] == "awaiting-first-release"


def test_a_tcp_check_asks_for_no_path(paper):
    source = EXAMPLES["DnsHealthCheck"].replace(
        'domain="east.example.com"', 'domain="b.example.com", protocol="TCP", port=9094, path=None'
    )
    check = paper.up(source).one("HealthCheck", "it").inputs

    assert not {"resourcePath", "enableSni"} & check.keys()
    assert check["port"] == 9094


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("port=0", "port is 0: must be 1 to 65535"),
        ("interval_seconds=20", "interval_seconds is 20: must be 10 or 30"),
        ("failure_threshold=11", "failure_threshold is 11: must be 1 to 10"),
        ("path=None", "needed with HTTP and HTTPS"),
        ('protocol="TCP"', "impossible with TCP"),
        ('path="health"', "must begin with /"),
        ('path="/" + "x" * 255', "path has 256 characters: at most 255"),
    ],
)
def test_a_check_that_cannot_be_is_refused(arguments, sentence, paper):
    with pytest.raises(Exception, match=sentence):
        paper.up(f'DnsHealthCheck("it", DnsHealthCheckArgs(domain="a.b.com", {arguments}))')


@pytest.mark.parametrize("domain", ["example", "a b.com", "-a.com", "a..com"])
def test_what_is_no_domain_is_refused(domain, paper):
    with pytest.raises(Exception, match="that is no domain name"):
        paper.up(f'HostedZone("it", HostedZoneArgs(domain={domain!r}))')


def test_a_zone_is_protected_and_its_queries_are_logged_in_us_east_1(paper):
    plan = paper.up(EXAMPLES["HostedZone"])
    policy = plan.one("LogResourcePolicy", "it-query-log-policy").inputs
    (statement,) = document(policy["policyDocument"])["Statement"]

    assert plan.one("Zone", "it").protect
    assert plan.one("LogGroup", "it-queries").inputs["region"] == "us-east-1"
    assert policy["region"] == "us-east-1"
    assert statement["Principal"] == {"Service": "route53.amazonaws.com"}
    assert statement["Resource"] == plan.one("LogGroup", "it-queries").outputs["arn"] + ":*"
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    assert plan.one("QueryLog", "it-query-log").inputs["zoneId"] == "Zone/it/zoneId"


def test_a_zone_can_do_without_query_logs(paper):
    plan = paper.up('HostedZone("it", HostedZoneArgs(domain="a.example.com", query_logs=False))')

    assert plan.all("QueryLog") == plan.all("LogGroup") == []


@pytest.mark.parametrize("component", ["StaticSite", "Distribution"])
def test_access_logs_go_from_the_distribution_to_a_log_group_that_forgets(component, paper):
    plan = paper.up(EXAMPLES[component])
    (source,), (delivery,) = plan.all("LogDeliverySource"), plan.all("LogDelivery")
    (destination,) = plan.all("LogDeliveryDestination")
    group = plan.one("LogGroup", "it-access-logs")

    assert source.inputs["resourceArn"] == plan.one("Distribution", "it").outputs["arn"]
    assert source.inputs["logType"] == "ACCESS_LOGS"
    assert destination.inputs["deliveryDestinationConfiguration"] == {
        "destinationResourceArn": group.outputs["arn"]
    }
    assert delivery.inputs["deliverySourceName"] == source.inputs["name"]
    assert delivery.inputs["deliveryDestinationArn"] == destination.outputs["arn"]
    assert group.inputs["retentionInDays"] == 90
    for each in (source, delivery, destination, group):
        assert each.inputs["region"] == "us-east-1"


def test_a_page_can_be_read_through_its_distribution_only(paper):
    plan = paper.up(SITE.format(more=""))
    policy = document(plan.one("BucketPolicy", "it-policy").inputs["policy"])
    read = next(each for each in policy["Statement"] if each["Sid"] == "LetDistributionRead")

    assert read["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert read["Condition"] == {
        "StringEquals": {"AWS:SourceArn": plan.one("Distribution", "it").outputs["arn"]}
    }


def test_a_page_has_security_headers_and_a_firewall(paper):
    plan = paper.up(SITE.format(more=', web_acl_arn="arn:firewall"'))
    headers = plan.one("ResponseHeadersPolicy", "it-headers").inputs["securityHeadersConfig"]
    distribution = plan.one("Distribution", "it").inputs

    assert headers["strictTransportSecurity"]["accessControlMaxAgeSec"] == 31_536_000
    assert headers["frameOptions"]["frameOption"] == "DENY"
    assert headers["contentTypeOptions"]["override"]
    assert distribution["webAclId"] == "arn:firewall"
    assert distribution["viewerCertificate"]["minimumProtocolVersion"] == "TLSv1.2_2021"
    assert distribution["defaultCacheBehavior"]["viewerProtocolPolicy"] == "redirect-to-https"
