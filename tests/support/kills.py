"""A process that ends right before or right after one of its calls of AWS."""

from support.operations import Killed


class CallKiller:
    """Makes clients that end their process at one call.

    Args:
        clients: Makes boto3 clients.
        action: The call, such as `UpdateService`.
        number: Which one of them, from 0.
        when: `before` or `after` it has taken effect.
    """

    def __init__(self, clients, action, number, when):
        self._clients = clients
        self._action = action
        self._left = number
        self._when = when
        self._dead = False

    def clients(self, service, region):
        """Return a client of the process."""
        return _Client(self, self._clients(service, region))

    def call(self, action, call):
        """Make a call, if it is given the time."""
        if self._dead:
            raise Killed
        if action != self._action:
            return call()
        self._left -= 1
        if self._left >= 0:
            return call()
        self._dead = True
        if self._when == "after":
            call()
        raise Killed


class _Client:
    def __init__(self, killer, client):
        self._killer = killer
        self._client = client

    def __getattr__(self, name):
        found = getattr(self._client, name)
        action = self._client.meta.method_to_api_mapping.get(name)
        if action is None:
            return found
        return lambda **asked: self._killer.call(action, lambda: found(**asked))
