"""Every product costs what its budget allows."""

from collections.abc import Iterator

from platformctl.policies.relations import known
from platformctl.policies.rule import ADVISORY, MEDIUM, Problem, StackRule, Undetermined, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.values import UNKNOWN
from platformctl.policies.view import ResourceView, StackView

_BUDGET = "aws:budgets/budget:Budget"
_OF_PRODUCT = "user:Product$"


def _affordable(stack: StackView, settings: Settings) -> Iterator[Problem]:
    if not settings.costs:
        return
    budgets = [each for each in stack.all(_BUDGET) if each.get("timeUnit") == "MONTHLY"]
    for budget in budgets:
        limit = budget.get("limitAmount")
        if limit is UNKNOWN:
            yield Undetermined(path="limitAmount", urn=budget.urn)
            continue
        cost = _cost(budget, settings)
        if cost > float(limit):
            found, expected = _dollars(cost), f"at most {_dollars(float(limit))} a month"
            yield Violation(path="limitAmount", found=found, expected=expected, urn=budget.urn)


def _cost(budget: ResourceView, settings: Settings) -> float:
    """Return the estimated cost of what a budget is about: some products, or everything."""
    said = [str(each) for each in known(budget.each("costFilters[].values[]"))]
    products = [each.removeprefix(_OF_PRODUCT) for each in said if each.startswith(_OF_PRODUCT)]
    return sum(settings.costs.get(each, 0.0) for each in products or settings.costs)


def _dollars(amount: float) -> str:
    return f"${amount:,.0f}"


RULE = StackRule(
    id="cost-within-budget",
    title="Every product costs what its budget allows",
    why="What a month costs is decided when it is deployed, and noticed when the bill comes.",
    fix="make it smaller (`platformctl cost` tells what costs how much), or raise the budget",
    severity=MEDIUM,
    staging=ADVISORY,
    judge=_affordable,
    before="Budget(…, BudgetArgs(monthly_limit=900, …)) of a stack estimated at $1,400",
    after="Budget(…, BudgetArgs(monthly_limit=1500, …))",
)
