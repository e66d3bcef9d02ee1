"""Which services an environment has: of every kind, in every region."""

import pytest
from support.component_examples import EXAMPLES, SERVICE, WORKLOAD
from support.paper import PaperProject

from platformctl.operations.services.find import find_services
from platformctl.operations.services.image import repository_of

FUNCTION = """
LambdaFunction("resize", LambdaFunctionArgs(
    function_name="resize", code=pulumi.AssetArchive({}), handler="resize.handle",
    deployment="blueGreen", tags={"Product": "shop"}))
LambdaFunction("rotate", LambdaFunctionArgs(
    function_name="rotate", code=pulumi.AssetArchive({}), handler="rotate.handle"))
"""


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    project = PaperProject(tmp_path_factory.mktemp("services"))
    sides = 'deployment=BlueGreen(intake_parameter="/shop/it/intake"),desired_count=3'
    project.up(SERVICE.format(more=sides) + FUNCTION)
    return project.stack.export()


def named(checkpoint):
    return {service.name: service for service in find_services(checkpoint)}


def test_a_function_is_a_service_whose_versions_are_its_sides(checkpoint):
    resize = named(checkpoint)["resize"]

    assert (resize.kind, resize.product) == ("function", "shop")
    assert (resize.function_name, resize.alias) == ("resize", "live")
    assert (resize.log_group, resize.two_sided) == ("/aws/lambda/resize", True)
    assert resize.target == "service/resize"


def test_a_function_whose_alias_follows_every_deployment_has_nothing_to_move(checkpoint):
    rotate = named(checkpoint)["rotate"]

    assert (rotate.alias, rotate.two_sided) == ("", False)


def test_a_worker_with_sides_has_as_many_tasks_as_it_was_told(checkpoint):
    worker = named(checkpoint)["it"]

    assert (worker.kind, worker.balancing) == ("consumer", None)
    assert worker.intake_parameter == "/shop/it/intake"
    assert {key: side.minimum_tasks for key, side in worker.sides.items()} == {
        "blue": 3,
        "green": 3,
    }
    assert worker.sides["green"].scalable_target is None


def test_what_is_about_to_be_deleted_and_what_was_made_half_is_no_service(checkpoint):
    resources = checkpoint["deployment"]["resources"]
    leaving = [
        {**each, "delete": True} if each["type"].endswith(":LambdaFunction") else each
        for each in resources
    ]
    half = [each for each in leaving if not each["urn"].endswith("::it-service-green")]

    assert set(named({"deployment": {"resources": leaving}})) == {"it"}
    assert find_services({"deployment": {"resources": half}}) == []
    assert find_services({"deployment": {}}) == []


@pytest.mark.parametrize(
    ("image", "repository"),
    [
        ("1.dkr.ecr.us-east-1.amazonaws.com/shop/web:1", "shop/web"),
        ("1.dkr.ecr.us-east-1.amazonaws.com/web@sha256:abc", "web"),
        ("localhost:5000/web:1", "web"),
        ("web:none", "web"),
    ],
)
def test_an_image_reference_names_its_repository(image, repository):
    assert repository_of(image) == repository


@pytest.mark.parametrize("awaiting", [True, False])
def test_a_workload_knows_whether_its_application_has_a_release(awaiting, tmp_path):
    cluster = EXAMPLES["KubernetesCluster"].strip()
    workload = WORKLOAD.format(more=f"awaiting_release={awaiting}").strip()
    options = "pulumi.ResourceOptions(providers=[cluster.provider])"
    workload = workload.replace('("it", ', '("web", ', 1)[:-1] + f", {options})"
    project = PaperProject(tmp_path)
    project.up(f"{cluster}\n{workload}")
    web = named(project.stack.export())["web"]

    assert (web.kind, web.awaiting_release) == ("kubernetes", awaiting)
