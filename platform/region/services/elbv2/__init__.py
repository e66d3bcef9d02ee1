"""Elastic Load Balancing v2: application load balancers that really balance.

`service` joins the operations (`load_balancers`, `target_groups`, `targets`, `listeners`, `rules`,
`tags`), which only change records (`records`); `plane` keeps one balancer process per load
balancer, tells it what the records say (`desired`), and takes in health and metrics.
"""
