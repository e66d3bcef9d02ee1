"""Budgets: what counts, and who is told when."""

import pytest
from support.component_examples import EXAMPLES


def test_only_what_carries_the_tag_counts(paper):
    budget = paper.up(EXAMPLES["Budget"]).one("Budget", "it").inputs

    assert budget["costFilters"] == [{"name": "TagKeyValue", "values": ["user:Product$shop"]}]
    assert (budget["budgetType"], budget["timeUnit"]) == ("COST", "MONTHLY")
    assert (budget["limitAmount"], budget["limitUnit"]) == ("900.00", "USD")


def test_the_topic_and_the_addresses_hear_of_actual_and_of_forecast_costs(paper):
    plan = paper.up("""
    Budget("it", BudgetArgs(budget_name="it", monthly_limit=10, topic_arn="arn:topic",
                            emails=["a@example.com"], actual_percents=[50]))
    """)
    notifications = plan.one("Budget", "it").inputs["notifications"]

    assert [(each["notificationType"], each["threshold"]) for each in notifications] == [
        ("ACTUAL", 50),
        ("FORECASTED", 100),
    ]
    for each in notifications:
        assert each["subscriberSnsTopicArns"] == ["arn:topic"]
        assert each["subscriberEmailAddresses"] == ["a@example.com"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("budget_name='a:b', monthly_limit=1, emails=['a@b']", "without ':'"),
        ("budget_name='a', monthly_limit=0, emails=['a@b']", "must be more than nothing"),
        ("budget_name='a', monthly_limit=1", "nobody would be told"),
        ("budget_name='a', monthly_limit=1, emails=['ab']", "not an address"),
    ],
)
def test_a_budget_that_cannot_be_is_refused_in_a_sentence(arguments, sentence, paper):
    with pytest.raises(Exception, match=sentence):
        paper.up(f'Budget("it", BudgetArgs({arguments}))')
