"""Drawings of environments: what is found in a preview, and that nothing overlaps."""

from itertools import combinations, pairwise
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st
from support.policies import STACK, resource

from platformctl.operations.graph.layout import (
    BOX_HEIGHT,
    BOX_WIDTH,
    crossings,
    layout,
)
from platformctl.operations.graph.model import LAYERS, Flow, Graph, Part, graph
from platformctl.operations.graph.svg import svg


def component(kind, name):
    return resource(f"platformctl:{kind}", name)


def steps(*records):
    return [{"op": "create", "newState": record} for record in records]


BALANCER = component("edge:ApplicationLoadBalancer", "shop-balancer")
SERVICE = component("compute:FargateService", "shop-api")
ROLE = resource("platformctl:security:ServiceRole", "shop-api-role", parent=SERVICE["urn"])
LISTENER = resource("aws:lb/listener:Listener", "listener", parent=BALANCER["urn"])
RULE = resource(
    "aws:lb/listenerRule:ListenerRule",
    "rule",
    parent=SERVICE["urn"],
    sources={"listenerArn": [LISTENER]},
)
POLICY = resource("aws:iam/role:Role", "role", parent=ROLE["urn"])
EXAMPLE = steps(BALANCER, LISTENER, SERVICE, ROLE, POLICY, RULE)


def test_parts_are_the_outermost_components_by_product_and_layer():
    drawn = graph(EXAMPLE, ["shop"], "us-east-1")

    assert [(part.name, part.layer, part.product, part.resources) for part in drawn.parts] == [
        ("balancer", "edge", "shop", 1),
        ("api", "compute", "shop", 2),
    ]
    assert {part.region for part in drawn.parts} == {"us-east-1"}


def test_data_flows_from_the_outer_layer_to_the_inner_one_whoever_names_whom():
    drawn = graph(EXAMPLE, ["shop"], "us-east-1")

    assert drawn.flows == [Flow(BALANCER["urn"], SERVICE["urn"])]


def test_what_others_stand_on_is_drawn_only_when_asked_for():
    repository = component("compute:ImageRepository", "shop-api")
    child = resource("aws:ecr/repository:Repository", "shop-api", parent=repository["urn"])
    example = steps(repository, child)

    assert graph(example, ["shop"], "r").parts == []
    assert len(graph(example, ["shop"], "r", supporting=True).parts) == 1


def test_a_part_is_in_the_region_of_its_provider():
    provider = resource("pulumi:providers:aws", "recovery", inputs={"region": "us-west-2"})
    network = component("network:Network", "network")
    vpc = resource(
        "aws:ec2/vpc:Vpc",
        "network",
        parent=network["urn"],
        provider=f"{provider['urn']}::id",
        inputs={"cidrBlock": "10.1.0.0/16"},
    )

    (part,) = graph(steps(provider, network, vpc), ["shop"], "us-east-1").parts

    assert (part.region, part.product, part.fact) == ("us-west-2", "platform", "10.1.0.0/16")


@st.composite
def graphs(draw):
    places = draw(
        st.lists(
            st.tuples(
                st.sampled_from(LAYERS),
                st.sampled_from(["shop", "blog", "platform"]),
                st.sampled_from(["us-east-1", "us-west-2"]),
            ),
            min_size=1,
            max_size=24,
        )
    )
    parts = [
        Part(
            urn=f"{STACK}::{index}",
            name=f"part-{index}",
            kind="FargateService",
            layer=layer,
            product=product,
            region=region,
            fact="",
            resources=1,
        )
        for index, (layer, product, region) in enumerate(places)
    ]
    pairs = st.tuples(st.sampled_from(parts), st.sampled_from(parts))
    flows = {
        Flow(start.urn, end.urn)
        for start, end in draw(st.lists(pairs, max_size=20))
        if start != end
    }
    return Graph(parts, sorted(flows, key=lambda flow: (flow.start, flow.end)))


@given(graphs())
def test_no_two_boxes_overlap_and_no_line_crosses_a_box(drawn):
    drawing = layout(drawn)

    assert len(drawing.boxes) == len(drawn.parts)
    for one, other in combinations(drawing.boxes, 2):
        apart_x = abs(one.x - other.x) >= BOX_WIDTH
        assert apart_x or abs(one.y - other.y) >= BOX_HEIGHT
    assert list(crossings(drawing)) == []
    assert all(0 <= box.x <= drawing.width - BOX_WIDTH for box in drawing.boxes)


def overlapping(one, other):
    """Tell whether two segments along an axis lie on one another for a length."""
    for along, across in ((0, 1), (1, 0)):
        if len({point[across] for point in (*one, *other)}) == 1:
            starts, ends = zip(
                *(sorted((a[along], b[along])) for a, b in (one, other)), strict=True
            )
            return max(starts) < min(ends)
    return False


@given(graphs())
def test_lines_lie_on_one_another_only_if_they_start_or_end_together(drawn):
    for one, other in combinations(layout(drawn).lines, 2):
        if one.flow.start == other.flow.start or one.flow.end == other.flow.end:
            continue
        assert not any(
            overlapping(first, second)
            for first in pairwise(one.points)
            for second in pairwise(other.points)
        )


@given(graphs())
def test_panels_do_not_overlap_and_hold_their_boxes(drawn):
    drawing = layout(drawn)

    for one, other in combinations(drawing.panels, 2):
        beside = one.x + one.width <= other.x or other.x + other.width <= one.x
        assert beside or one.y + one.height <= other.y or other.y + other.height <= one.y
    for box in drawing.boxes:
        assert any(
            panel.title == box.part.product
            and panel.x < box.x < box.x + BOX_WIDTH < panel.x + panel.width
            and panel.y < box.y < box.bottom < panel.y + panel.height
            for panel in drawing.panels
        )


def test_what_runs_on_a_cluster_is_not_drawn_as_data_through_it():
    cluster = component("compute:KubernetesCluster", "shop-cluster")
    nodes = resource("aws:eks/cluster:Cluster", "cluster", parent=cluster["urn"])
    table = component("data:DynamoTable", "shop-table")
    wired = resource("aws:dynamodb/table:Table", "t", parent=table["urn"], sources={"a": [nodes]})

    drawn = graph(steps(cluster, nodes, table, wired), ["shop"], "r")

    assert [part.name for part in drawn.parts] == ["cluster", "table"]
    assert drawn.flows == []


@given(graphs())
def test_the_picture_is_well_formed_whatever_it_shows(drawn):
    root = ET.fromstring(svg(layout(drawn), "<a & b>"))

    names = {element.text for element in root.iter() if element.get("class") == "name"}
    assert names == {part.name for part in drawn.parts}
