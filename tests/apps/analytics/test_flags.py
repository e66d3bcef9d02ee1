"""Feature flags as the services decide them."""

import json
import uuid
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.platform import eventually
from support.stores import Emulator
from telemetry.flags import Flags, FlagSettings, is_on, place

FLAG = "summary-by-path"
names = st.text(min_size=1, max_size=40)
percentages = st.floats(0, 100)


@given(names, names, percentages, percentages)
def test_who_is_in_stays_in_while_the_percentage_grows(flag, user, first, second):
    less, more = sorted((first, second))
    subject = {"user": user}

    if is_on(flag, {"enabled": True, "percentage": less}, subject):
        assert is_on(flag, {"enabled": True, "percentage": more}, subject)


@given(names, names)
def test_nobody_is_in_at_0_and_everybody_at_100(flag, user):
    subject = {"user": user}

    assert not is_on(flag, {"enabled": True, "percentage": 0}, subject)
    assert is_on(flag, {"enabled": True, "percentage": 100}, subject)
    assert not is_on(flag, {"enabled": False, "percentage": 100}, subject)


@given(st.integers(1, 99))
def test_about_the_percentage_is_in(percentage):
    flag = {"enabled": True, "percentage": percentage}

    share = sum(is_on(FLAG, flag, {"user": f"user-{number}"}) for number in range(2000)) / 20

    assert abs(share - percentage) < 5


def test_flags_choose_their_users_independently_of_each_other():
    users = [f"user-{number}" for number in range(2000)]

    both = sum(place("one", user) < 50 and place("other", user) < 50 for user in users)

    assert 400 < both < 600


@given(names, percentages)
def test_the_audience_has_it_whatever_the_percentage(user, percentage):
    flag = {"enabled": True, "percentage": percentage, "audience": ["country=DE", "user=ada"]}

    assert is_on(FLAG, flag, {"user": user, "country": "DE"})
    assert is_on(FLAG, flag, {"user": "ada"})
    assert not is_on(FLAG, {**flag, "enabled": False}, {"user": "ada"})


def test_without_a_name_only_what_everybody_has_is_on():
    assert not is_on(FLAG, {"enabled": True, "percentage": 99.9}, {"country": "FR"})
    assert is_on(FLAG, {"enabled": True, "percentage": 100}, {})


class Parameter:
    """A parameter that holds flags."""

    def __init__(self, client):
        self._client = client
        self.name = f"/platform/test/{uuid.uuid4().hex}/flags"

    @property
    def settings(self):
        return FlagSettings(self.name, "us-east-1")

    def set(self, **flags):
        self.write(json.dumps({"revision": 1, "flags": flags}))

    def write(self, value):
        self._client.put_parameter(Name=self.name, Value=value, Type="String", Overwrite=True)


@pytest.fixture
def own(tmp_path, monkeypatch):
    """An emulator that a test may stop."""
    emulator = Emulator(tmp_path)
    for name, value in emulator.environment.items():
        monkeypatch.setenv(name, value)
    yield emulator
    emulator.stop()


@pytest.fixture
def follow():
    """Follow flags, asking often."""
    following = []

    def follow(settings):
        flags = Flags(settings, interval=0.1)
        following.append(flags)
        flags.start()
        return flags

    yield follow
    for flags in following:
        flags.stop()


def test_a_change_is_in_force_soon_and_what_was_read_last_outlives_an_outage(own, follow):
    with closing(own.client("ssm")) as client:
        parameter = Parameter(client)
        flags = follow(parameter.settings)
        assert flags.enabled("new", {}, default=True)
        parameter.set(new={"enabled": False}, old={"enabled": True, "percentage": 100})
        eventually(lambda: not flags.enabled("new", {}, default=True))
        assert flags.enabled("old", {}, default=False)
        parameter.set(new={"enabled": True, "percentage": 100})
        eventually(lambda: flags.enabled("new", {}, default=False))
        assert not flags.enabled("old", {}, default=False)

    own.stop()
    eventually(lambda: flags.trouble)

    assert flags.enabled("new", {}, default=False)


@pytest.mark.parametrize("value", ["no json", "[]", '{"flags": 1}', '{"flags": {"new": true}}'])
def test_a_parameter_that_holds_no_flags_changes_nothing(own, follow, value):
    with closing(own.client("ssm")) as client:
        parameter = Parameter(client)
        parameter.set(new={"enabled": True, "percentage": 100})
        flags = follow(parameter.settings)
        eventually(lambda: flags.enabled("new", {}, default=False))

        parameter.write(value)
        eventually(lambda: flags.trouble)

    assert flags.enabled("new", {}, default=False)


def test_without_a_parameter_each_flag_has_its_default(follow):
    flags = follow(FlagSettings("", "us-east-1"))

    assert flags.enabled("new", {}, default=True)
    assert not flags.enabled("new", {}, default=False)


def test_a_summary_by_path_is_for_whom_the_flag_says(product, own):
    with product.postgres.connect(product.name) as connection:
        for number, path in enumerate(["/docs", "/docs", "/pricing", None]):
            connection.execute(
                "INSERT INTO events (event_id, user_id, session_id, event_type, occurred_at,"
                " properties, path) VALUES (%s, 'ada', 's', 'page_view', now(), '{}', %s)",
                [f"event-{number}", path],
            )
    with closing(own.client("ssm")) as client:
        parameter = Parameter(client)
        parameter.set(**{FLAG: {"enabled": True, "percentage": 0, "audience": ["user=ada"]}})
    api = product.start("api", FLAGS_PARAMETER=parameter.name, **own.environment)
    url, question = "/v1/events/summary", {"groupBy": "path"}

    def ask(user):
        return api.client.get(url, params=question, headers={"X-User-Id": user})

    allowed = eventually(lambda: (answer := ask("ada")).status_code == 200 and answer)
    refused = ask("eve")

    assert allowed.json()["groups"] == [
        {"key": "/docs", "count": 2},
        {"key": "", "count": 1},
        {"key": "/pricing", "count": 1},
    ]
    assert refused.status_code == 422
    assert [each["field"] for each in refused.json()["error"]["details"]] == ["groupBy"]


def test_without_flags_there_is_no_summary_by_path(product):
    api = product.start("api")

    assert api.get("/v1/events/summary", groupBy="path").status_code == 422
