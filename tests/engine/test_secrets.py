"""Secrets: sealed in the state, masked wherever something is shown, plain for the provider."""

import json
import threading
from uuid import uuid4

import pytest
from support.engine_program import Project

from platformctl.engine import Backend
from platformctl.engine.state.secrets import PassphraseSecrets
from platformctl.errors import ResourceError, StateError

PROGRAM = """
config = pulumi.Config()
token = config.require_secret("token")
a = Thing("a", password=token, nested={"list": [Output.secret("inner-secret"), "open"]})
b = Thing("b", copy=a.password, other=a.nested)
pulumi.info("the token is swordfish-1")
print("printed swordfish-1")
export("password", a.password)
export("open", "visible")
"""
CONFIGURATION = {"shop:token": "swordfish-1"}


def up(project: Project, program: str = PROGRAM) -> object:
    return project.up(program, configuration=CONFIGURATION, secret_keys=["shop:token"])


def test_a_secret_reaches_the_provider_and_nothing_else(project: Project) -> None:
    result = up(project)

    assert project.cloud.named("b")[0]["inputs"]["copy"] == "swordfish-1"
    assert result.outputs == {"password": "[secret]", "open": "visible"}
    assert project.stack.outputs() == {"password": "[secret]", "open": "visible"}
    assert project.stack.outputs(show_secrets=True)["password"] == "swordfish-1"
    written = "".join(
        file.read_text() for file in project.stack.folder.rglob("*") if file.is_file()
    )
    shown = "".join(str(event) for event in project.events)
    for secret in ("swordfish-1", "inner-secret"):
        assert secret not in written
        assert secret not in shown
        assert secret not in json.dumps(project.stack.export())
    assert "the token is [secret]" in project.messages()
    assert "printed [secret]" in project.messages("info")


def test_secrets_keep_their_ciphertext_while_they_do_not_change(project: Project) -> None:
    up(project)
    before = project.stack.export()

    result = up(project)

    after = project.stack.export()
    assert result.changes == {"same": 3}
    assert after["deployment"]["resources"] == before["deployment"]["resources"]


def test_a_value_that_becomes_secret_is_sealed_without_an_update(project: Project) -> None:
    project.up('Thing("a", value="not-so-open")')

    result = project.up('Thing("a", value=Output.secret("not-so-open"))')

    assert result.changes == {"same": 2}
    assert "not-so-open" not in json.dumps(project.stack.export())


def test_the_secrets_of_a_failure_are_masked(project: Project) -> None:
    project.cloud.refuse("create", "a", "wrong password swordfish-1")

    with pytest.raises(ResourceError, match=r"wrong password \[secret\]"):
        up(project)

    assert "swordfish-1" not in "".join(str(event) for event in project.events)


def test_the_secrets_of_a_failed_deletion_are_masked(project: Project) -> None:
    up(project)
    project.cloud.refuse("delete", "b", "cannot let go of swordfish-1")

    with pytest.raises(ResourceError, match=r"cannot let go of \[secret\]"):
        project.engine().destroy()

    assert "swordfish-1" not in "".join(str(event) for event in project.events)


def test_a_wrong_passphrase_is_noticed(project: Project) -> None:
    up(project)

    other = Backend(project.folder / "state", "another").stack("dev")

    with pytest.raises(StateError, match="passphrase is not the one") as raised:
        other.outputs()
    assert "PULUMI_CONFIG_PASSPHRASE" in raised.value.remedy


def test_the_sealed_format_is_pulumis() -> None:
    secrets = PassphraseSecrets("correct horse")

    version, salt, proof = secrets.state.split(":", 2)

    assert (version, len(salt)) == ("v1", 12)
    assert PassphraseSecrets("correct horse", secrets.state).open(proof) == "pulumi"
    sealed = secrets.seal("text")
    assert sealed.startswith("v1:")
    assert PassphraseSecrets("correct horse", secrets.state).open(sealed) == "text"
    assert secrets.seal("text") == sealed
    with pytest.raises(StateError):
        secrets.open(sealed[:-6] + "AAAAA=")


def test_without_a_passphrase_a_random_one_is_kept_for_the_owner_only(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE_FILE", raising=False)
    project.stack = Backend(project.folder / "other").stack("dev")
    up(project)

    kept = project.folder / "other" / "passphrase"
    assert kept.stat().st_mode & 0o777 == 0o600
    again = Backend(project.folder / "other").stack("dev")
    assert again.outputs(show_secrets=True)["password"] == "swordfish-1"

    kept.unlink()
    with pytest.raises(StateError, match=r"the passphrase .* cannot be read") as raised:
        again.outputs(show_secrets=True)
    assert "put the file back" in raised.value.remedy
    assert not kept.exists(), "another passphrase would open nothing"


def test_a_passphrase_file_that_is_not_there_is_named(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE_FILE", str(project.folder / "nowhere"))
    project.stack = Backend(project.folder / "other").stack("dev")

    with pytest.raises(StateError, match=r"nowhere: No such file"):
        up(project)


def test_the_key_of_a_state_is_derived_before_it_is_needed(project: Project) -> None:
    def deriving() -> list[threading.Thread]:
        return [each for each in threading.enumerate() if each.name == "key"]

    # Another passphrase, whose key this process does not have yet.
    stack = Backend(project.folder / "state", str(uuid4())).stack("dev")
    stack.unlock_ahead()
    assert deriving() == [], "there is no state yet"

    project.up('export("password", Output.secret("hunter2"))')
    stack.unlock_ahead()
    (thread,) = deriving()
    thread.join()

    with pytest.raises(StateError, match="cannot be opened"):
        stack.outputs(show_secrets=True)
