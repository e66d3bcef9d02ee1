"""The data plane of load balancers and of the edge: one child process per load balancer.

In the order a request meets them:

1. `server` parses the client's HTTP, bounds it, and keeps its connection alive.
2. `routing` picks a rule; `weights` picks one of its target groups, exactly by weight.
3. `targets` picks a target of the group (health, draining, slow start, stickiness).
4. `proxy` joins the client's connection to one of `upstream` and streams both ways.
5. `health` probes the targets meanwhile; `metrics` counts.

`control` receives the whole desired configuration (`configuration`) from the region's supervisor,
again after every change, and reports health, metrics and access logs back; `owner` is the
supervisor's end of that line. `edge` holds what only CloudFront does. Nothing here knows the AWS
API, and but for `owner` nothing here imports the region.
"""
