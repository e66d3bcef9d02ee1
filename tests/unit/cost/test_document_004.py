"""The analytics document's cost table, reproduced from what production plans."""

import pytest
from support.environments import preview_steps

from platformctl.cost.book import price_book
from platformctl.cost.estimate import estimate
from platformctl.cost.resources import planned

TABLE = {
    ("ECS Fargate", "ingestion"): 30,
    ("ECS Fargate", "consumer"): 75,
    ("ECS Fargate", "api"): 30,
    ("MSK", ""): 400,
    ("RDS PostgreSQL", "primary"): 400,
    ("RDS PostgreSQL", "replica"): 200,
    ("ElastiCache Redis", ""): 200,
    ("Load balancers", ""): 25,
    ("CloudFront", ""): 85,
    ("S3", ""): 1,
    ("CloudWatch Logs", ""): 25,
    ("Data transfer", ""): 45,
}
TOTAL = 1516


@pytest.fixture(scope="module")
def production(tmp_path_factory):
    return planned(preview_steps(tmp_path_factory.mktemp("production"), "production"))


def analytics(plan, *, optimised=False):
    book = price_book("document-004")
    return estimate(plan, book, "production", optimised=optimised).only("analytics")


def test_every_line_of_the_table_is_there_and_nothing_else(production):
    counted = {}
    for line in analytics(production).lines:
        words = line.name.split("-")
        key = next(
            (service, part)
            for service, part in TABLE
            if service == line.service and (not part or part in words)
        )
        counted[key] = counted.get(key, 0) + line.monthly

    assert {key: round(monthly, 6) for key, monthly in counted.items()} == TABLE


def test_the_total_is_the_documents(production):
    assert round(analytics(production).monthly, 6) == TOTAL


def test_with_the_documents_measures_it_is_about_900(production):
    measures = {line.saving for line in analytics(production, optimised=True).lines} - {""}

    assert analytics(production, optimised=True).monthly == pytest.approx(900, rel=0.02)
    assert measures == {measure.name for measure in price_book("document-004").measures}


def test_at_aws_prices_everything_that_production_plans_has_a_price(production):
    assert estimate(production, price_book("aws"), "production").unpriced == {}
