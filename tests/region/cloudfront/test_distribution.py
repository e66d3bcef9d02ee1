"""CloudFront with boto3 and httpx: a private bucket and an API behind one distribution."""

import gzip
import http.server
import threading
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError
from support.databases import eventually
from support.region import RunningRegion

OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_BUT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
SECURITY = "67f7725c-6f97-4210-82d7-5512b31e9d03"
METHODS = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]


class Api(http.server.BaseHTTPRequestHandler):
    """Echoes method, path, a header and the body."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one segment: Nagle would hold the body back

    def _answer(self) -> None:
        body = self._body().decode()
        text = f"{self.command} {self.path} {self.headers.get('X-Own')} {body}".encode()
        self.send_response(404 if "missing" in self.path else 200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size + 2)[:-2]
        self.rfile.readline()
        return body

    do_GET = do_POST = _answer  # noqa: N815  # http.server's names

    def log_message(self, *arguments: Any) -> None:
        pass


@pytest.fixture(scope="module")
def api() -> Iterator[int]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.fixture
def bucket(region: RunningRegion) -> str:
    name = f"site-{uuid.uuid4().hex[:12]}"
    s3 = region.client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="index.html", Body=b"<h1>home</h1>", ContentType="text/html")
    s3.put_object(
        Bucket=name, Key="app.js", Body=b"let x = 1;\n" * 500, ContentType="text/javascript"
    )
    return name


def listed(*items: Any) -> dict[str, Any]:
    return {"Quantity": len(items), "Items": list(items)}


def methods(*names: str) -> dict[str, Any]:
    return {**listed(*names), "CachedMethods": listed("GET", "HEAD")}


def configuration(bucket: str, api: int, control: str, **changes: Any) -> dict[str, Any]:
    custom = {
        "HTTPPort": api,
        "HTTPSPort": 443,
        "OriginProtocolPolicy": "http-only",
        "OriginSslProtocols": listed("TLSv1.2"),
    }
    return {
        "CallerReference": uuid.uuid4().hex,
        "Comment": "test",
        "Enabled": True,
        "DefaultRootObject": "index.html",
        "Origins": listed(
            {
                "Id": "site",
                "DomainName": f"{bucket}.s3.us-east-1.amazonaws.com",
                "S3OriginConfig": {"OriginAccessIdentity": ""},
                "OriginAccessControlId": control,
            },
            {
                "Id": "api",
                "DomainName": "127.0.0.1",
                "CustomOriginConfig": custom,
                "CustomHeaders": listed({"HeaderName": "X-Own", "HeaderValue": "edge"}),
            },
        ),
        "DefaultCacheBehavior": {
            "TargetOriginId": "site",
            "ViewerProtocolPolicy": "redirect-to-https",
            "AllowedMethods": methods("GET", "HEAD", "OPTIONS"),
            "Compress": True,
            "CachePolicyId": OPTIMIZED,
            "ResponseHeadersPolicyId": SECURITY,
        },
        "CacheBehaviors": listed(
            {
                "PathPattern": "/v1/*",
                "TargetOriginId": "api",
                "ViewerProtocolPolicy": "https-only",
                "AllowedMethods": methods(*METHODS),
                "CachePolicyId": DISABLED,
                "OriginRequestPolicyId": ALL_BUT_HOST,
            }
        ),
        "CustomErrorResponses": listed(
            *(
                {
                    "ErrorCode": code,
                    "ResponsePagePath": "/index.html",
                    "ResponseCode": "200",
                    "ErrorCachingMinTTL": 0,
                }
                for code in (403, 404)
            )
        ),
        **changes,
    }


def access_control(cloudfront: Any) -> str:
    config = {
        "Name": f"oac-{uuid.uuid4().hex[:8]}",
        "SigningProtocol": "sigv4",
        "SigningBehavior": "always",
        "OriginAccessControlOriginType": "s3",
    }
    answer = cloudfront.create_origin_access_control(OriginAccessControlConfig=config)
    return answer["OriginAccessControl"]["Id"]


@pytest.fixture
def made(region: RunningRegion, bucket: str, api: int) -> dict[str, Any]:
    cloudfront = region.client("cloudfront")
    config = configuration(bucket, api, access_control(cloudfront))
    return cloudfront.create_distribution(DistributionConfig=config)["Distribution"]


def site(made: dict[str, Any]) -> httpx.Client:
    return httpx.Client(base_url=f"http://{made['DomainName']}")


def test_a_private_bucket_is_served_with_root_object_compression_and_security_headers(
    made: dict[str, Any],
) -> None:
    assert made["Status"] == "Deployed"
    with site(made) as viewer:
        home = viewer.get("/")
        assert (home.status_code, home.text) == (200, "<h1>home</h1>")
        assert home.headers["content-type"].startswith("text/html")
        assert home.headers["x-content-type-options"] == "nosniff"
        assert home.headers["strict-transport-security"] == "max-age=31536000"
        script = viewer.get("/app.js", headers={"Accept-Encoding": "gzip"})
        assert script.headers["content-encoding"] == "gzip"
        assert script.text == "let x = 1;\n" * 500
        plain = viewer.get("/app.js", headers={"Accept-Encoding": "identity"})
        assert "content-encoding" not in plain.headers
        head = viewer.head("/app.js", headers={"Accept-Encoding": "identity"})
        assert head.headers["content-length"] == str(len(plain.content))
        assert gzip.decompress(gzip.compress(plain.content)) == plain.content


def test_an_unknown_path_gets_the_single_page_application(made: dict[str, Any]) -> None:
    with site(made) as viewer:
        answer = viewer.get("/dashboards/42")
    assert (answer.status_code, answer.text) == (200, "<h1>home</h1>")


def test_api_paths_go_to_the_load_balancer_uncached_with_method_query_and_body(
    made: dict[str, Any],
) -> None:
    with site(made) as viewer:
        assert viewer.get("/v1/events?from=1&to=2").text == "GET /v1/events?from=1&to=2 edge "
        posted = viewer.post("/v1/events", content=b"body", headers={"X-Own": "viewer"})
        assert posted.text == "POST /v1/events edge body"
        streamed = viewer.post("/v1/events", content=iter([b"a" * 10, b"b"]))
        assert streamed.text == "POST /v1/events edge aaaaaaaaaab"
        assert viewer.get("/v1/events").headers["x-cache"] == "Miss from cloudfront"


def test_an_origin_is_found_by_its_name_also_after_that_leads_elsewhere(
    region: RunningRegion, bucket: str, api: int
) -> None:
    domain = f"{uuid.uuid4().hex[:8]}.test"
    names, cloudfront = region.client("route53"), region.client("cloudfront")
    zone = names.create_hosted_zone(Name=domain, CallerReference=domain)["HostedZone"]["Id"]
    config = configuration(bucket, api, access_control(cloudfront))
    config["Origins"]["Items"][1]["DomainName"] = f"origin.{domain}"
    made = cloudfront.create_distribution(DistributionConfig=config)["Distribution"]

    def point(host: str) -> None:
        record = {"Name": f"origin.{domain}", "Type": "A", "TTL": 60}
        record |= {"ResourceRecords": [{"Value": host}]}
        change = {"Action": "UPSERT", "ResourceRecordSet": record}
        names.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [change]})

    with site(made) as viewer:
        assert viewer.get("/v1/events").status_code == 502
        point("127.0.0.1")
        answer = eventually(
            lambda: viewer.get("/v1/events"), lambda answer: answer.status_code == 200
        )
        assert answer.text == "GET /v1/events edge "
        point("127.0.0.2")  # nobody listens there
        gone = eventually(lambda: viewer.get("/v1/events"), lambda answer: answer.is_error)
        assert gone.status_code == 502


def test_answers_are_cached_revalidated_by_tag_and_forgotten_by_invalidation(
    region: RunningRegion, made: dict[str, Any], bucket: str
) -> None:
    with site(made) as viewer:
        first = viewer.get("/index.html")
        assert first.headers["x-cache"] == "Miss from cloudfront"
        second = viewer.get("/index.html", headers={"If-None-Match": first.headers["etag"]})
        assert (second.status_code, second.headers["x-cache"]) == (304, "Hit from cloudfront")
        region.client("s3").put_object(Bucket=bucket, Key="index.html", Body=b"new")
        assert viewer.get("/index.html").text == "<h1>home</h1>"
        cloudfront = region.client("cloudfront")
        batch = {"Paths": listed("/index*"), "CallerReference": "1"}
        made_batch = cloudfront.create_invalidation(
            DistributionId=made["Id"], InvalidationBatch=batch
        )["Invalidation"]
        assert viewer.get("/index.html").text == "new"
        cloudfront.get_waiter("invalidation_completed").wait(
            DistributionId=made["Id"], Id=made_batch["Id"], WaiterConfig={"Delay": 1}
        )


def test_methods_and_protocols_are_kept_to(made: dict[str, Any]) -> None:
    with site(made) as viewer:
        assert viewer.post("/index.html").status_code == 403
        alias = {"Host": "www.example.com"}
        moved = viewer.get("/x", headers=alias)
        assert moved.headers["location"] == "https://www.example.com/x"
        assert viewer.get("/v1/x", headers=alias).status_code == 403


def test_an_origin_that_is_gone_is_a_502(region: RunningRegion, bucket: str) -> None:
    cloudfront = region.client("cloudfront")
    config = configuration(bucket, 1, access_control(cloudfront))
    made = cloudfront.create_distribution(DistributionConfig=config)["Distribution"]
    with site(made) as viewer:
        assert viewer.get("/v1/x").status_code == 502


def test_a_distribution_changes_with_its_version_and_is_deleted_once_disabled(
    region: RunningRegion, made: dict[str, Any]
) -> None:
    cloudfront = region.client("cloudfront")
    current = cloudfront.get_distribution_config(Id=made["Id"])
    config, tag = current["DistributionConfig"], current["ETag"]
    with pytest.raises(ClientError, match="PreconditionFailed"):
        cloudfront.update_distribution(Id=made["Id"], IfMatch="wrong", DistributionConfig=config)
    with pytest.raises(ClientError, match="DistributionNotDisabled"):
        cloudfront.delete_distribution(Id=made["Id"], IfMatch=tag)
    config["Enabled"] = False
    tag = cloudfront.update_distribution(Id=made["Id"], IfMatch=tag, DistributionConfig=config)[
        "ETag"
    ]
    with site(made) as viewer, pytest.raises(httpx.ConnectError):
        viewer.get("/")
    cloudfront.get_waiter("distribution_deployed").wait(Id=made["Id"])
    cloudfront.delete_distribution(Id=made["Id"], IfMatch=tag)
    with pytest.raises(ClientError, match="NoSuchDistribution"):
        cloudfront.get_distribution(Id=made["Id"])


def test_what_a_distribution_uses_cannot_be_deleted_and_must_exist(
    region: RunningRegion, made: dict[str, Any], bucket: str, api: int
) -> None:
    cloudfront = region.client("cloudfront")
    origins = made["DistributionConfig"]["Origins"]["Items"]
    identity = next(item["OriginAccessControlId"] for item in origins if item["Id"] == "site")
    tag = cloudfront.get_origin_access_control(Id=identity)["ETag"]
    with pytest.raises(ClientError, match="OriginAccessControlInUse"):
        cloudfront.delete_origin_access_control(Id=identity, IfMatch=tag)
    with pytest.raises(ClientError, match="NoSuchOriginAccessControl"):
        cloudfront.create_distribution(
            DistributionConfig=configuration(bucket, api, "E00000000000")
        )


def test_a_response_headers_policy_is_obeyed_and_its_change_too(
    region: RunningRegion, bucket: str, api: int
) -> None:
    cloudfront = region.client("cloudfront")
    policy = {
        "Name": f"own-{uuid.uuid4().hex[:8]}",
        "SecurityHeadersConfig": {
            "ContentSecurityPolicy": {
                "Override": True,
                "ContentSecurityPolicy": "default-src 'self'",
            }
        },
        "CustomHeadersConfig": listed({"Header": "X-Team", "Value": "edge", "Override": True}),
    }
    made = cloudfront.create_response_headers_policy(ResponseHeadersPolicyConfig=policy)
    identity = made["ResponseHeadersPolicy"]["Id"]
    config = configuration(bucket, api, access_control(cloudfront))
    config["DefaultCacheBehavior"]["ResponseHeadersPolicyId"] = identity
    distribution = cloudfront.create_distribution(DistributionConfig=config)["Distribution"]
    with site(distribution) as viewer:
        assert viewer.get("/").headers["x-team"] == "edge"
        assert viewer.get("/").headers["content-security-policy"] == "default-src 'self'"
        policy["CustomHeadersConfig"] = listed()
        cloudfront.update_response_headers_policy(
            Id=identity, IfMatch=made["ETag"], ResponseHeadersPolicyConfig=policy
        )
        assert "x-team" not in viewer.get("/").headers


def test_tags_lists_and_managed_policies_are_there(
    region: RunningRegion, bucket: str, api: int
) -> None:
    cloudfront = region.client("cloudfront")
    config = configuration(bucket, api, access_control(cloudfront))
    made = cloudfront.create_distribution_with_tags(
        DistributionConfigWithTags={
            "DistributionConfig": config,
            "Tags": {"Items": [{"Key": "a", "Value": "1"}]},
        }
    )["Distribution"]
    cloudfront.tag_resource(Resource=made["ARN"], Tags={"Items": [{"Key": "b", "Value": "2"}]})
    cloudfront.untag_resource(Resource=made["ARN"], TagKeys={"Items": ["a"]})
    tags = cloudfront.list_tags_for_resource(Resource=made["ARN"])["Tags"]["Items"]
    assert tags == [{"Key": "b", "Value": "2"}]
    pages = cloudfront.get_paginator("list_distributions").paginate()
    found = [item["Id"] for page in pages for item in page["DistributionList"]["Items"]]
    assert made["Id"] in found
    policy = cloudfront.get_cache_policy(Id=OPTIMIZED)["CachePolicy"]["CachePolicyConfig"]
    assert policy["Name"] == "Managed-CachingOptimized"
    listing = cloudfront.list_cache_policies(Type="managed")["CachePolicyList"]["Items"]
    assert OPTIMIZED in [item["CachePolicy"]["Id"] for item in listing]
