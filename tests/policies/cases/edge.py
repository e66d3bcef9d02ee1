"""Rule, answer, properties, and the type where it is not the rule's first."""

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
HTTPS, MODERN = "alb-listener-https-or-redirect", "alb-listener-modern-tls"
CHECK, FAST = "target-group-health-check-real", "route53-health-check-fast"
FAILOVER, TTL = "route53-failover-has-health-signal", "route53-failover-ttl-short"
ORIGIN, ACCESS = "cloudfront-origin-https", "cloudfront-s3-origin-access-control"
PRIMARY = {"failoverRoutingPolicies": [{"type": "PRIMARY"}]}
CASES = [
    (HTTPS, "complies", {"protocol": "HTTPS"}, "aws:alb/listener:Listener"),
    (HTTPS, "violates", {"protocol": "HTTP"}, "aws:alb/listener:Listener"),
    (HTTPS, "not applicable", {"protocol": "TCP"}, ""),
    (HTTPS, "unknown", {"protocol": UNKNOWN}, ""),
    (MODERN, "violates", {"protocol": "HTTPS"}, ""),
    (MODERN, "violates", {"protocol": "TLS", "sslPolicy": "ELBSecurityPolicy-TLS-1-1-2017-01"}, ""),
    (MODERN, "not applicable", {"protocol": "HTTP"}, ""),
    (MODERN, "unknown", {"protocol": "HTTPS", "sslPolicy": UNKNOWN}, ""),
    ("alb-drops-invalid-headers", "violates", {}, ""),
    ("alb-drops-invalid-headers", "not applicable", {"loadBalancerType": "network"}, ""),
    ("alb-access-logs", "violates", {}, ""),
    ("alb-access-logs", "unknown", {"accessLogs": UNKNOWN}, ""),
    ("alb-deletion-protection", "violates", {}, ""),
    ("alb-deletion-protection", "unknown", {"enableDeletionProtection": UNKNOWN}, ""),
    ("alb-desync-defensive", "complies", {}, ""),
    ("alb-two-zones", "complies", {"subnetMappings": [{"subnetId": "a"}, {"subnetId": "b"}]}, ""),
    ("alb-two-zones", "unknown", {"subnets": UNKNOWN}, ""),
    (CHECK, "not applicable", {"targetType": "lambda"}, ""),
    (CHECK, "violates", {"protocol": "HTTP"}, ""),
    (
        CHECK,
        "violates",
        {"protocol": "HTTP", "healthCheck": {"path": "/health", "matcher": "200-404"}},
        "",
    ),
    (
        CHECK,
        "complies",
        {"protocol": "HTTP", "healthCheck": {"path": "/health", "matcher": "200,301-302"}},
        "",
    ),
    (CHECK, "complies", {"protocol": "TCP", "healthCheck": {"enabled": True}}, ""),
    (CHECK, "violates", {"protocol": "TCP", "healthCheck": {"enabled": False}}, ""),
    (CHECK, "unknown", {"protocol": "HTTP", "healthCheck": UNKNOWN}, ""),
    ("target-group-drain-bounded", "violates", {}, ""),
    ("target-group-drain-bounded", "violates", {"deregistrationDelay": 0}, ""),
    ("target-group-drain-bounded", "unknown", {"deregistrationDelay": UNKNOWN}, ""),
    ("waf-acl-has-rules", "complies", {"ruleJson": "[]"}, ""),
    ("waf-acl-has-rules", "complies", {"rules": UNKNOWN}, ""),
    ("waf-acl-metrics", "unknown", {"visibilityConfig": UNKNOWN}, ""),
    (
        "cloudfront-viewer-https",
        "violates",
        {
            "defaultCacheBehavior": {"viewerProtocolPolicy": "https-only"},
            "orderedCacheBehaviors": [{"viewerProtocolPolicy": "allow-all"}],
        },
        "",
    ),
    ("cloudfront-viewer-https", "unknown", {"defaultCacheBehavior": UNKNOWN}, ""),
    ("cloudfront-tls12-minimum", "violates", {"viewerCertificate": {}}, ""),
    (
        "cloudfront-tls12-minimum",
        "not applicable",
        {"viewerCertificate": {"cloudfrontDefaultCertificate": True}},
        "",
    ),
    (
        ORIGIN,
        "violates",
        {
            "origins": [
                {
                    "customOriginConfig": {
                        "originProtocolPolicy": "https-only",
                        "originSslProtocols": ["TLSv1", "TLSv1.2"],
                    }
                }
            ]
        },
        "",
    ),
    (ORIGIN, "complies", {"origins": [{"originAccessControlId": "E1"}]}, ""),
    (ORIGIN, "unknown", {"origins": UNKNOWN}, ""),
    ("cloudfront-waf-attached", "complies", {"webAclId": UNKNOWN}, ""),
    ("cloudfront-logging", "not applicable", {}, ""),
    (ACCESS, "unknown", {"origins": [{"domainName": UNKNOWN}]}, ""),
    (
        ACCESS,
        "complies",
        {"origins": [{"domainName": "x.example.com", "customOriginConfig": {}}]},
        "",
    ),
    ("cloudfront-custom-certificate", "violates", {}, ""),
    ("cloudfront-custom-certificate", "unknown", {"viewerCertificate": UNKNOWN}, ""),
    (FAILOVER, "not applicable", {"type": "A", "ttl": 300}, ""),
    (FAILOVER, "complies", PRIMARY | {"aliases": [{"evaluateTargetHealth": True}]}, ""),
    (FAILOVER, "violates", PRIMARY | {"aliases": [{"evaluateTargetHealth": False}]}, ""),
    (FAILOVER, "unknown", PRIMARY | {"aliases": [{"evaluateTargetHealth": UNKNOWN}]}, ""),
    (TTL, "complies", PRIMARY | {"aliases": [{"name": "x"}]}, ""),
    (TTL, "violates", {"weightedRoutingPolicies": [{"weight": 1}], "ttl": 61}, ""),
    (TTL, "not applicable", {"ttl": 3600}, ""),
    (TTL, "unknown", PRIMARY | {"ttl": UNKNOWN}, ""),
    (FAST, "violates", {"type": "HTTPS"}, ""),
    (FAST, "violates", {"type": "HTTPS", "requestInterval": 10, "disabled": True}, ""),
    (
        FAST,
        "complies",
        {
            "type": "HTTPS",
            "requestInterval": 10,
            "disabled": True,
            "tags": {"Release": "awaiting-first-release"},
        },
        "",
    ),
    (FAST, "violates", {"type": "CLOUDWATCH_METRIC"}, ""),
    (
        FAST,
        "complies",
        {"type": "CLOUDWATCH_METRIC", "insufficientDataHealthStatus": "Unhealthy"},
        "",
    ),
    (FAST, "complies", {"type": "CALCULATED"}, ""),
    (FAST, "unknown", {"type": "HTTPS", "requestInterval": UNKNOWN}, ""),
    ("acm-strong-key", "complies", {}, ""),
    ("acm-strong-key", "unknown", {"keyAlgorithm": UNKNOWN}, ""),
]
