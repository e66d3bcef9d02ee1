"""Every check refuses what it is about, and names key, value and what is allowed."""

import pytest

from platformctl.config.checks import CHECKS

A = "platform:analytics"
C = "platform:cloudweave"
D = (A, "database")
V = "platform:vpc"
LONG_DOMAIN = "a-very-long-name-of-a-department-of-a-company.example.com"
OBJECTIVES = {"rtoMinutes": 60, "rpoMinutes": 60}
CUTOVER = "platform:cutover"
CASES = [
    ("weights_rise", (CUTOVER,), {"weights": [10, 10, 100]}, "must rise from step to step"),
    ("weights_rise", (CUTOVER,), {"weights": [10, 50]}, "must end with 100"),
    ("weights_rise", (CUTOVER,), {"weights": [0, 100]}, "must be from 1 to 100 each"),
    (
        "weights_rise",
        (CUTOVER,),
        {"weights": [100], "preset": "canary"},
        "cannot be given together with preset",
    ),
    (
        "periods_are_measured",
        (CUTOVER, "analysis"),
        {"periodSeconds": 5},
        "analysis.periodSeconds is 5: must be a multiple of 60",
    ),
    (
        "steps_last_a_period",
        (CUTOVER, "stepSeconds"),
        30,
        "stepSeconds is 30: must be at least analysis.periodSeconds, which is 60",
    ),
    ("steps_last_a_period", (CUTOVER, "bakeSeconds"), 30, "must be 0 or at least"),
    (
        "readiness_within_the_deadline",
        (CUTOVER,),
        {"readySeconds": 60, "deadlineSeconds": 60},
        "readySeconds is 60: must be less than deadlineSeconds, which is 60",
    ),
    (
        "percentiles_in_order",
        (CUTOVER, "analysis"),
        {"p95Milliseconds": 900},
        "p95Milliseconds is 900: must not exceed p99Milliseconds, which is 500",
    ),
    (
        "percentiles_in_order",
        (CUTOVER, "analysis"),
        {"p50Milliseconds": 900},
        "p50Milliseconds is 900: must not exceed p99Milliseconds, which is 500",
    ),
    ("vpc_block", (V, "recoveryCidr"), "10.1.0.0/28", "must be a /16 to a /20"),
    ("blocks_are_apart", (V, "recoveryCidr"), "10.0.0.0/16", "must not overlap platform:vpc.cidr"),
    ("blocks_are_apart", (V, "cidr"), "10.1.16.0/20", "which is 10.1.16.0/20"),
    (
        "production_spans_zones",
        (V, "availabilityZones"),
        ["us-east-1a", "us-east-1b"],
        "must be at least 3 in production",
    ),
    (
        "names_fit",
        ("platform:edge", "domain"),
        LONG_DOMAIN,
        "must be 11 characters shorter: certificates are made for origin.cloudweave.",
    ),
    (
        "recovery_has_a_region",
        ("platform:recoveryRegion",),
        None,
        "platform:analytics.recovery: needs platform:recoveryRegion",
    ),
    (
        "objectives_can_be_kept",
        (A, "recovery"),
        OBJECTIVES,
        "recovery.rpoMinutes is 60: cannot be kept by platform:backup.intervalHours, which is",
    ),
    (
        "replica_has_backups",
        (*D, "backupRetention"),
        0,
        "must be at least 1 where there is platform:analytics.recovery.replica",
    ),
    (
        "tasks_stand_by_for_fast_recovery",
        (A, "recovery", "standbyCount"),
        0,
        "must be at least 1 where rtoMinutes is less than 60, which is 30",
    ),
    (
        "standby_has_a_database",
        (A, "recovery"),
        {**OBJECTIVES, "standbyCount": 1},
        "standbyCount is 1: needs recovery.replica",
    ),
    ("fargate_sizes", (C, "compute", "backend", "memory"), 512, "where cpu is 1024"),
    ("counts_in_order", (C, "compute", "frontend", "desiredCount"), 11, "must be from 11 to 10"),
    ("database_version", (C, "database", "engineVersion"), "9", "platform:cloudweave.database"),
    ("windows_fit", (C, "database", "backupWindow"), "04:30-05:30", "must not overlap"),
    ("vpc_block", ("platform:vpc", "cidr"), "10.0.0.0/24", "must be a /16 to a /20"),
    ("vpc_block", ("platform:vpc", "cidr"), "8.8.0.0/16", "must be private"),
    ("vpc_block", ("platform:vpc", "cidr"), "10.0.0.1/16", "has host bits set"),
    ("zones_belong", ("platform:vpc", "availabilityZones"), ["us-east-1a"] * 3, "more than once"),
    (
        "zones_belong",
        ("platform:vpc", "availabilityZones"),
        ["us-east-1a", "us-east-1b", "us-west-2a"],
        "'us-west-2a': is not in region us-east-1",
    ),
    (
        "zones_belong",
        ("platform:vpc", "availabilityZones"),
        ["us-east-1a", "us-east-1b", "us-east-1z"],
        "one of the letters a to i",
    ),
    ("recovery_region_differs", ("platform:recoveryRegion",), "us-east-1", "must differ"),
    ("products_configured", (A,), None, "needs a section platform:analytics"),
    (
        "products_configured",
        ("platform:products",),
        ["analytics", "analytics"],
        "listed more than once",
    ),
    (
        "endpoints_listed_once",
        ("platform:vpc", "interfaceEndpoints"),
        ["s3"],
        "has a gateway endpoint already",
    ),
    (
        "endpoints_listed_once",
        ("platform:vpc", "interfaceEndpoints"),
        ["logs", "logs"],
        "listed more than once",
    ),
    ("testers_are_few", ("platform:edge", "testCidrs"), ["0.0.0.0/0"], "is everybody"),
    ("testers_are_few", ("platform:edge", "testCidrs"), ["10.0.0.1/8"], "has host bits set"),
    ("edge_is_encrypted", ("platform:edge",), {"httpPort": 80}, "is for local environments"),
    ("edge_is_encrypted", ("platform:edge",), {}, "needs a domain for HTTPS"),
    ("edge_is_encrypted", ("platform:edge",), {"hostedZoneId": "Z123"}, "needs a domain"),
    ("log_retention", ("platform:logs", "retentionDays"), 100, "must be one of 1, 3, 5"),
    ("fargate_sizes", (A, "api", "cpu"), 300, "must be one of 256, 512"),
    (
        "fargate_sizes",
        (A, "api", "memory"),
        4096,
        "one of 512, 1024, 2048 where cpu is 256",
    ),
    ("counts_in_order", (A, "ingestion", "minCount"), 30, "must not exceed maxCount, which is 20"),
    ("counts_in_order", (A, "ingestion", "desiredCount"), 21, "must be from 2 to 20"),
    ("counts_in_order", (A, "ingestion", "desiredCount"), 1, "must be from 2 to 20"),
    ("counts_in_order", (A, "api"), {"minCount": 1}, "maxCount: is missing"),
    (
        "health_check_times",
        (A, "api", "healthCheck"),
        {"interval": 5},
        "less than interval",
    ),
    (
        "variables_hold_no_secrets",
        (A, "api", "environment"),
        {"ADMIN_PASSWORD": "geheim"},
        "looks like a secret",
    ),
    ("variables_hold_no_secrets", (A, "api", "environment"), {"PORT": "1"}, "set by the platform"),
    ("database_version", (*D, "engineVersion"), "9.6", "one of the majors 14, 15"),
    ("database_version", (*D, "engineVersion"), "15.x", "one of the majors 14, 15"),
    ("cache_version", (A, "cache", "engineVersion"), "5.0", "must be one of 6.2"),
    ("kafka_version", (A, "kafka", "version"), "1.0", "must be one of 3.5.1"),
    ("brokers_spread_evenly", (A, "kafka", "brokers"), 4, "must be a multiple of the 3 zones"),
    ("kafka_is_encrypted", (A, "kafka", "authentication"), "plaintext", "choose iam or tls"),
    ("instance_classes", (*D, "instanceClass"), "db.r5.gigantic", "one of the sizes micro"),
    ("instance_classes", (A, "cache", "nodeType"), "cache.large", "one of the sizes micro"),
    ("storage_can_grow", (*D, "maxAllocatedStorage"), 500, "must be at least 550, a tenth above"),
    ("replica_needs_backups", (*D, "backupRetention"), 0, "must be at least 1 where"),
    ("windows_fit", (*D, "backupWindow"), "03:00-03:10", "must last at least 30 minutes"),
    ("windows_fit", (*D, "backupWindow"), "03:30-04:30", "must not overlap backupWindow"),
    ("windows_fit", (*D, "maintenanceWindow"), "Mon:02:30-Mon:03:30", "must not overlap"),
    ("windows_fit", (*D, "maintenanceWindow"), "Mon:05:00-Wed:05:00", "30 minutes to 24 hours"),
    ("protected_in_production", ("platform:deletionProtection",), False, "must be true in"),
    ("production_keeps_data", (*D, "multiAZ"), False, "must be true in production"),
    ("production_keeps_data", (*D, "backupRetention"), 3, "must be at least 7 in production"),
]


@pytest.mark.parametrize(
    ("check", "path", "value", "said"), CASES, ids=[f"{c[0]}-{c[1][-1]}-{c[2]}"[:60] for c in CASES]
)
def test_a_mistake_is_named_with_what_is_allowed(check, path, value, said, production, mistakes):
    found = mistakes(production, path, value)

    assert any(said in sentence for sentence in found), found


def test_tasks_without_a_way_to_aws_are_refused(production, mistakes):
    production["platform:vpc"]["interfaceEndpoints"] = []
    (found,) = mistakes(production, ("platform:vpc", "natGateways"), "none")

    assert "could not pull images" in found


def test_every_check_has_a_case_that_it_refuses():
    tested = {check for check, *_ in CASES} | {"tasks_can_reach_aws"}

    assert {check.__name__ for check in CHECKS} == tested


def test_objectives_need_a_replica_or_backups(production, mistakes):
    del production["platform:backup"]
    del production["platform:aura"]["recovery"]  # whose documents ask for backups, too
    (found,) = mistakes(production, (A, "recovery"), OBJECTIVES)

    assert "recovery.rpoMinutes is 60: needs recovery.replica or platform:backup" in found


def test_documents_come_back_from_backups_whatever_replica_the_database_has(production, mistakes):
    (found,) = mistakes(production, ("platform:aura", "recovery", "rpoMinutes"), 60)

    assert found.endswith(
        "platform:aura.recovery.rpoMinutes is 60: cannot be kept by platform:backup.intervalHours, "
        "which is 12; back up more often, as documents have no replica"
    )
    del production["platform:backup"]
    (found,) = mistakes(production)
    assert found.endswith("platform:aura.recovery.rpoMinutes is 1440: needs platform:backup")


def test_a_switch_is_written_as_the_file_has_it(production, mistakes):
    (found,) = mistakes(production, (*D, "multiAZ"), False)

    assert "multiAZ is false: must be true" in found


def test_backups_twice_as_often_as_data_may_be_lost_keep_the_objective(production, mistakes):
    production["platform:backup"]["intervalHours"] = 1

    assert mistakes(production, (A, "recovery"), {**OBJECTIVES, "rpoMinutes": 120}) == []


@pytest.mark.parametrize(
    ("backup", "maintenance"),
    [
        ("23:30-00:30", "Sun:00:30-Sun:01:30"),
        ("03:00-04:00", "Mon:04:00-Mon:05:00"),
        ("22:00-23:00", "Sun:23:00-Mon:00:00"),
    ],
)
def test_windows_that_only_touch_are_allowed(backup, maintenance, production, mistakes):
    production[A]["database"]["backupWindow"] = backup

    assert mistakes(production, (*D, "maintenanceWindow"), maintenance) == []


def test_a_window_over_midnight_overlaps_what_comes_after_it(production, mistakes):
    production[A]["database"]["backupWindow"] = "23:30-00:30"
    found = mistakes(production, (*D, "maintenanceWindow"), "Wed:00:00-Wed:01:00")

    assert "must not overlap" in found[0]
