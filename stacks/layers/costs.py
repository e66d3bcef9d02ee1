"""Who is told before the environment costs more than it may."""

from platformctl.components import Alerts, Budget, BudgetArgs
from platformctl.config.environment import BudgetsConfig, EnvironmentConfig
from platformctl.naming.tags import component_tags
from platformctl.stacks.layers.shared import SHARED, tags

TOTAL = "total"


def budgets(config: EnvironmentConfig, alerts: Alerts) -> list[Budget]:
    """Make a budget of the whole environment and one of each product, where configured."""
    made = []
    for name in BudgetsConfig.model_fields:
        limit = getattr(config.budgets, name)
        if limit is None or name not in (TOTAL, *config.products):
            continue
        cost_tags = {"Environment": config.environment}
        if name != TOTAL:
            cost_tags["Product"] = name
        made.append(
            Budget(
                f"budget-{name}",
                BudgetArgs(
                    budget_name=f"platform-{config.environment}-{name}",
                    monthly_limit=limit,
                    cost_tags=cost_tags,
                    topic_arn=alerts.topic_arn,
                    emails=config.alerts.emails,
                    tags=component_tags(tags(config, SHARED), "budget"),
                ),
            )
        )
    return made
