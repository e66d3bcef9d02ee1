"""Load balancers answer over HTTPS, or redirect to it."""

from platformctl.policies.rule import HIGH, Rule
from platformctl.policies.vocabulary import all_of, any_of, given, one_of

RULE = Rule(
    id="alb-listener-https-or-redirect",
    title="Load balancers answer over HTTPS, or redirect to it",
    why="Plain HTTP lets everybody on the way read sessions and change answers.",
    fix="give ApplicationLoadBalancer a `certificate_arn`; port 80 then only redirects",
    severity=HIGH,
    types=("aws:lb/listener:Listener",),
    judge=any_of(
        one_of("protocol", "HTTPS", "TLS"),
        all_of(given("defaultActions"), one_of("defaultActions[].redirect.protocol", "HTTPS")),
    ),
    unless=one_of("protocol", "TCP", "UDP", "TCP_UDP"),
    before={
        "protocol": "HTTP",
        "port": 80,
        "defaultActions": [{"type": "forward"}],
    },
    after={
        "protocol": "HTTP",
        "port": 80,
        "defaultActions": [
            {
                "type": "redirect",
                "redirect": {"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301"},
            }
        ],
    },
)
