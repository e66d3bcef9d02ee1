"""Rules: every condition, wildcards as AWS has them, and redirects."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformctl.region.balancer.configuration import Rule
from platformctl.region.balancer.routing import (
    Redirect,
    Routes,
    compile_action,
    host_name,
    wildcard,
)
from platformctl.region.balancer.server import Request

FIXED = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}
DEFAULT = Rule("default", "0", [], [FIXED])


def request(url: str = "/", *, method: str = "GET", host: str = "h", **headers: str) -> Request:
    lines = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    made = Request(method.encode(), url.encode(), lines)
    made.host = host.encode()
    return made


def matches(condition: dict[str, Any], made: Request, peer: bytes = b"127.0.0.1") -> bool:
    routes = Routes([Rule("it", "1", [condition], [FIXED]), DEFAULT])
    return routes.match(made, peer).rule.arn == "it"


CASES = [
    (
        {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/v1/*"]}},
        request("/v1/a?b"),
        True,
    ),
    ({"Field": "path-pattern", "Values": ["/v1/*"]}, request("/v1/"), True),
    ({"Field": "path-pattern", "Values": ["/v1/*"]}, request("/V1/a"), False),
    ({"Field": "path-pattern", "Values": ["/v?"]}, request("/v12"), False),
    ({"Field": "path-pattern", "Values": ["/x", "/y"]}, request("/y"), True),
    ({"Field": "path-pattern", "Values": ["/x"]}, request("/a?/x"), False),
    ({"Field": "path-pattern", "Values": ["/a.c"]}, request("/abc"), False),
    (
        {"Field": "path-pattern", "PathPatternConfig": {"RegexValues": ["^/v[12]/"]}},
        request("/v2/x"),
        True,
    ),
    (
        {"Field": "host-header", "Values": ["*.example.com"]},
        request(host="A.Example.com:8080"),
        True,
    ),
    ({"Field": "host-header", "Values": ["*.example.com"]}, request(host="example.com"), False),
    (
        {
            "Field": "http-header",
            "HttpHeaderConfig": {"HttpHeaderName": "X-Side", "Values": ["gr*"]},
        },
        request(x_side="Green"),
        True,
    ),
    (
        {
            "Field": "http-header",
            "HttpHeaderConfig": {"HttpHeaderName": "X-Side", "Values": ["gr*"]},
        },
        request(),
        False,
    ),
    (
        {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["PUT"]}},
        request(method="PUT"),
        True,
    ),
    (
        {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["PUT"]}},
        request(),
        False,
    ),
    (
        {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "v", "Value": "2*"}]}},
        request("/?a=1&V=20"),
        True,
    ),
    (
        {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "v", "Value": "2"}]}},
        request("/?w=2"),
        False,
    ),
    (
        {"Field": "query-string", "QueryStringConfig": {"Values": [{"Value": "beta"}]}},
        request("/?x=beta"),
        True,
    ),
    (
        {"Field": "query-string", "QueryStringConfig": {"Values": [{"Value": "beta"}]}},
        request("/beta"),
        False,
    ),
    ({"Field": "source-ip", "SourceIpConfig": {"Values": ["127.0.0.0/8"]}}, request(), True),
    (
        {"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.0/8", "::1/128"]}},
        request(),
        False,
    ),
]


@pytest.mark.parametrize(("condition", "made", "expected"), CASES)
def test_a_condition_holds_for_the_requests_aws_says(
    condition: dict[str, Any], made: Request, expected: bool
) -> None:
    assert matches(condition, made) is expected


def test_all_conditions_must_hold_and_the_first_matching_rule_wins() -> None:
    path = {"Field": "path-pattern", "Values": ["/a*"]}
    method = {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["POST"]}}
    routes = Routes(
        [Rule("both", "1", [path, method], [FIXED]), Rule("path", "2", [path], [FIXED]), DEFAULT]
    )
    assert routes.match(request("/ab", method="POST"), b"127.0.0.1").rule.arn == "both"
    assert routes.match(request("/ab"), b"127.0.0.1").rule.arn == "path"
    assert routes.match(request("/b"), b"127.0.0.1").rule.arn == "default"


def test_unchanged_weights_go_on_where_they_were_when_another_rule_changes() -> None:
    action = {
        "Type": "forward",
        "ForwardConfig": {
            "TargetGroups": [
                {"TargetGroupArn": "a", "Weight": 1},
                {"TargetGroupArn": "b", "Weight": 1},
            ]
        },
    }
    before = Routes([Rule("r", "1", [], [action]), DEFAULT])
    after = Routes([Rule("r", "9", [], [action]), DEFAULT], before)
    assert after.rules[0].action is before.rules[0].action


def test_a_redirect_fills_in_what_the_request_had() -> None:
    action = compile_action(
        [
            {
                "Type": "redirect",
                "RedirectConfig": {
                    "StatusCode": "HTTP_301", "Protocol": "HTTPS", "Port": "443",
                    "Host": "#{host}", "Path": "/new/#{path}", "Query": "#{query}&x=1",
                },
            }
        ]
    )  # fmt: skip
    assert isinstance(action, Redirect)
    made = request("/a/b?c=d", host="example.com:80")
    assert action.location(made, "http", 80) == "https://example.com:443/new/a/b?c=d&x=1"


@given(st.text("ab/*?", max_size=8), st.text("ab/", max_size=8))
def test_wildcards_agree_with_a_plain_backtracking_matcher(pattern: str, text: str) -> None:
    def agrees(p: str, t: str) -> bool:
        if not p:
            return not t
        if p[0] == "*":
            return agrees(p[1:], t) or (bool(t) and agrees(p, t[1:]))
        return bool(t) and p[0] in (t[0], "?") and agrees(p[1:], t[1:])

    assert (wildcard([pattern], ignore_case=False).fullmatch(text) is not None) == agrees(
        pattern, text
    )


@pytest.mark.parametrize(
    ("header", "name"), [(b"a:80", "a"), (b"a", "a"), (b"[::1]:80", "[::1]"), (b"", "")]
)
def test_a_host_name_is_the_header_without_its_port(header: bytes, name: str) -> None:
    assert host_name(header) == name
