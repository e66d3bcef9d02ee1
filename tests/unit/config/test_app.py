"""`app.yaml`: smoke checks and the order of deployment."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformctl.config.app import App, in_order, load_app, load_apps
from platformctl.errors import ConfigurationError

MANIFEST = """
image: web
command: [python, -m, web]
port: 8080
"""

FUNCTION = """
image: adder
function: {handler: it.handle, runtime: python3.13}
"""


@pytest.fixture
def write(tmp_path):
    """Write an app.yaml and return its path."""

    def write(text, name="web"):
        folder = tmp_path / "apps" / "shop" / name
        folder.mkdir(parents=True)
        (folder / "app.yaml").write_text(text)
        return folder / "app.yaml"

    return write


def test_a_smoke_check_asks_with_get_and_wants_200(write):
    path = write(f"{MANIFEST}smoke: [{{name: it answers, path: /items/1}}]")

    check = load_app(path).smoke[0]

    assert (check.method, check.status, check.text, check.expect) == ("GET", 200, "", {})


def test_a_body_is_sent_as_json(write):
    path = write(
        f"{MANIFEST}smoke: [{{name: refused, method: POST, path: /, body: {{id: 1}}, status: 422}}]"
    )

    assert load_app(path).smoke[0].text == '{"id": 1}'


@pytest.mark.parametrize(
    ("smoke", "mistake"),
    [
        ("{name: x, path: items}", "smoke.0.path"),
        ("{name: x, path: /, method: DELETE}", "smoke.0.method"),
        ("{name: x, path: /, status: 100}", "smoke.0.status"),
        ("{name: x, path: /, expect: {'a[': 1}}", "'a\\[' is not a JMESPath expression"),
        ("{name: '', path: /}", "smoke.0.name"),
        ("{name: x, path: /, expects: {}}", "smoke.0.expects"),
    ],
)
def test_a_smoke_check_that_cannot_be_asked_is_refused(write, smoke, mistake):
    with pytest.raises(ConfigurationError) as caught:
        load_app(write(f"{MANIFEST}smoke: [{smoke}]"))

    assert mistake.replace("\\", "") in caught.value.why


def test_an_application_without_a_port_has_nothing_to_ask(write):
    path = write("image: job\ncommand: [python]\nsmoke: [{name: x, path: /}]")

    with pytest.raises(ConfigurationError) as caught:
        load_app(path)

    assert "smoke needs a port to ask, or a function" in caught.value.why


@pytest.mark.parametrize(
    ("manifest", "check", "mistake"),
    [
        (MANIFEST, "{name: x}", "smoke.0 needs a path"),
        (FUNCTION, "{name: x, path: /}", "smoke.0 has path: a function is asked with a body alone"),
        (FUNCTION, "{name: x, status: 202}", "smoke.0 has status"),
    ],
)
def test_a_smoke_check_is_about_what_the_application_is(write, manifest, check, mistake):
    with pytest.raises(ConfigurationError) as caught:
        load_app(write(f"{manifest}smoke: [{check}]"))

    assert mistake in caught.value.why


def test_a_function_is_asked_with_an_event(write):
    check = load_app(write(f"{FUNCTION}smoke: [{{name: x, body: {{Records: []}}}}]")).smoke[0]

    assert (check.text, check.path) == ('{"Records": []}', "")


def test_a_dependency_must_be_there(write, tmp_path):
    write(f"{MANIFEST}dependsOn: [store]")

    with pytest.raises(ConfigurationError) as caught:
        load_apps(tmp_path)

    assert caught.value.why == "dependsOn names 'store', which is none of web"


def test_applications_that_depend_on_each_other_are_refused(write, tmp_path):
    write(f"{MANIFEST}dependsOn: [store]")
    write(MANIFEST.replace("web", "store") + "dependsOn: [web]", "store")

    with pytest.raises(ConfigurationError) as caught:
        load_apps(tmp_path)

    assert "circle" in caught.value.what
    assert set(caught.value.why.split(" → ")) == {"web", "store"}


@st.composite
def dependencies(draw):
    """Applications that depend on some of those before them, and some of them to deploy."""
    names = [f"app-{number}" for number in range(draw(st.integers(1, 8)))]
    apps = {
        name: App.model_validate(
            {
                "image": name,
                "command": ["python"],
                "dependsOn": draw(st.lists(st.sampled_from(names[:place]), unique=True))
                if place
                else [],
                "path": "app.yaml",
            }
        )
        for place, name in enumerate(names)
    }
    return apps, draw(st.sets(st.sampled_from(names)))


@given(dependencies())
def test_each_image_comes_after_those_it_depends_on(case):
    apps, images = case

    order = in_order(apps, images)

    assert sorted(order) == sorted(images)
    places = {image: place for place, image in enumerate(order)}
    for image in images:
        assert all(
            places[name] < places[image] for name in apps[image].depends_on if name in images
        )
