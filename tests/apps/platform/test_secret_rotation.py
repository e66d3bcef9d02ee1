"""Secrets are rotated by the real function, called by the region, on real stores."""

import psycopg
import pytest
import redis
from support.caches import TOKEN, endpoint, make_cache, open_cache
from support.databases import PASSWORD, make_database, query, unique
from support.rotation import described, make_rotation, make_secret, rotate, value_of

RULES = {"AutomaticallyAfterDays": 30}


def test_a_signing_key_is_replaced_and_the_one_before_stays_to_verify_with(region):
    secret = make_secret(region, {"secret": "first", "expiresIn": "15m"})

    rotate(region, secret, RotationLambdaARN=make_rotation(region, "jwt"), RotationRules=RULES)

    first = value_of(region, secret)
    assert first["previousSecret"] == "first"
    assert first["expiresIn"] == "15m"
    assert len(first["secret"]) == 43
    assert value_of(region, secret, "AWSPREVIOUS")["secret"] == "first"

    rotate(region, secret)

    second = value_of(region, secret)
    assert second["previousSecret"] == first["secret"]
    assert second["secret"] not in ("first", first["secret"])
    shown = described(region, secret)
    assert shown["RotationEnabled"]
    assert shown["RotationRules"] == RULES
    assert (shown["NextRotationDate"] - shown["LastRotatedDate"]).days == 30


def test_a_database_takes_the_new_password_and_no_longer_the_old_one(region):
    name = unique("db")
    database = make_database(region, name)
    secret = make_secret(region, {"username": "owner", "password": PASSWORD})

    rotate(
        region,
        secret,
        RotationLambdaARN=make_rotation(region, "database", name),
        RotationRules=RULES,
    )

    value = value_of(region, secret)
    assert value["username"] == "owner"
    assert query(region, database, "select 1", password=value["password"]) == [(1,)]
    with pytest.raises(psycopg.OperationalError):
        query(region, database, "select 1", password=PASSWORD)


def test_a_cache_takes_the_new_token_and_the_old_one_until_the_next_rotation(region):
    name = unique("cache")
    place = endpoint(make_cache(region, name, nodes=1))
    secret = make_secret(region, {"authToken": TOKEN})

    rotate(
        region,
        secret,
        RotationLambdaARN=make_rotation(region, "redis", name),
        RotationRules=RULES,
    )

    first = value_of(region, secret)["authToken"]
    assert open_cache(region, place, first).ping()
    assert open_cache(region, place, TOKEN).ping()

    rotate(region, secret)

    second = value_of(region, secret)["authToken"]
    assert open_cache(region, place, second).ping()
    assert open_cache(region, place, first).ping()
    with pytest.raises(redis.AuthenticationError):
        open_cache(region, place, TOKEN).ping()
