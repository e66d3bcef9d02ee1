"""Which target group and which target a client stays with, and the cookies that say so.

Elastic Load Balancing, User Guide for Application Load Balancers, Sticky sessions: `AWSALBTG`
binds to a target group of a weighted action, `AWSALB` to a target, and `AWSALBAPP` to a target as
long as the application's own cookie lives.
"""

import time
from collections.abc import Mapping

from platformctl.region.balancer import cookies
from platformctl.region.balancer.routing import Forward
from platformctl.region.balancer.server import Request
from platformctl.region.balancer.targets import Group, Target


def group_of(
    request: Request, action: Forward, groups: Mapping[str, Group], key: bytes
) -> tuple[Group | None, bytes]:
    """Return the target group that a client stays with, or whose turn it is, and the cookie."""
    now = time.time()
    known = _named(request, cookies.GROUP_COOKIE, key, action.stickiness)
    weighted = zip(action.groups, action.weights.weights, strict=True)
    kept = (groups[arn] for arn, weight in weighted if weight and groups[arn].digest == known)
    group = next(kept, None)
    if group is None:
        arn = action.choose()
        if arn is None:
            return None, b""
        group = groups[arn]
    sealed = cookies.seal(key, group.digest, now)
    return group, cookies.set_cookie(cookies.GROUP_COOKIE, sealed, action.stickiness, now)


def target_of(request: Request, group: Group, key: bytes) -> bytes | None:
    """Return the digest of the target that a client stays with."""
    return _named(request, _target_cookie(group), key, group.spec.cookie_seconds)


def begins(group: Group, cookie: bytes) -> bool:
    """Tell whether a cookie that an application sets binds the client to its target."""
    spec = group.spec
    return spec.stickiness == "app_cookie" and cookie.startswith(spec.cookie_name.encode() + b"=")


def bind(group: Group, target: Target, key: bytes) -> bytes:
    """Return the lines of an answer's head that bind the client to a target."""
    now = time.time()
    sealed = cookies.seal(key, target.digest, now)
    return cookies.set_cookie(_target_cookie(group), sealed, group.spec.cookie_seconds, now)


def _target_cookie(group: Group) -> bytes:
    application = group.spec.stickiness == "app_cookie"
    return cookies.APPLICATION_COOKIE if application else cookies.TARGET_COOKIE


def _named(request: Request, cookie: bytes, key: bytes, lifetime: float) -> bytes | None:
    """Return what a cookie of ours names in a request."""
    header = request.header(b"cookie")
    value = cookies.find(header, cookie) if header else None
    return cookies.unseal(key, value, lifetime, time.time()) if value else None
