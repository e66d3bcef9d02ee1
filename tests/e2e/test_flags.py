"""A feature flag, from the command to the answer of the API."""

import httpx
from support.platform import eventually

FLAG = ("local", "analytics", "summary-by-path")


def test_a_flag_is_followed_by_the_running_api_within_ten_seconds(platform):
    url = platform.outputs()["analytics_api_url"] + "/v1/events/summary"

    def status(user):
        answer = httpx.get(url, params={"groupBy": "path"}, headers={"X-User-Id": user})
        return answer.status_code

    assert status("ada") == 422
    platform.run("flag", "set", *FLAG, "--audience", "user=ada", "--reason", "a first look")
    # Ten seconds between two readings, and what a busy machine adds.
    eventually(lambda: status("ada") == 200)
    assert status("eve") == 422

    found = platform.json("flag", "list", "local")["products"]
    platform.run("flag", "set", *FLAG, "--off")
    eventually(lambda: status("ada") == 422)
    audited = platform.json("audit", "list", "local")["entries"]

    assert found == [
        {
            "product": "analytics",
            "revision": 1,
            "flags": {
                "summary-by-path": {"enabled": True, "percentage": 0, "audience": ["user=ada"]}
            },
            "behind": [],
        }
    ]
    reasons = [each["reason"] for each in audited if each["action"] == "flag set"]
    assert reasons == ["", "a first look"]


def test_the_next_up_leaves_flags_as_they_are(platform):
    platform.run("flag", "set", *FLAG, "--percentage", "20")

    platform.run("up", "local", "--expect-no-changes")

    flags = platform.json("flag", "list", "local")["products"][0]
    assert flags["flags"]["summary-by-path"]["percentage"] == 20
    assert flags["behind"] == []


def test_a_flag_that_says_two_things_is_refused(platform):
    run = platform.run("flag", "set", *FLAG, "--off", "--percentage", "20", status=2)

    assert "exactly one of" in run.stderr
