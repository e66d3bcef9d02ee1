"""Resources in the messages of Pulumi's `Analyzer` protocol."""

from google.protobuf import struct_pb2
from pulumi.runtime.proto import analyzer_pb2

from platformctl.engine.monitor import marshal
from platformctl.engine.policy.interface import Subject
from platformctl.engine.state.resource import Resource
from platformctl.plugin.values import (
    Properties,
    PropertyValue,
    ResourceReference,
    transform,
)


def analyze_request(subject: Subject) -> analyzer_pb2.AnalyzeRequest:
    """Return the request to judge or correct one resource."""
    resource = subject.resource
    return analyzer_pb2.AnalyzeRequest(
        type=resource.type,
        urn=resource.urn,
        name=resource.name,
        properties=_properties(resource.inputs),
        options=_options(subject),
        provider=_provider(subject.provider),
    )


def stack_resource(subject: Subject) -> analyzer_pb2.AnalyzerResource:
    """Return a resource as a part of the request to judge a whole stack."""
    resource = subject.resource
    return analyzer_pb2.AnalyzerResource(
        type=resource.type,
        urn=resource.urn,
        name=resource.name,
        properties=_properties(resource.outputs or resource.inputs),
        options=_options(subject),
        provider=_provider(subject.provider),
        parent=resource.parent,
        dependencies=resource.dependencies,
        propertyDependencies={
            key: analyzer_pb2.AnalyzerPropertyDependencies(urns=urns)
            for key, urns in resource.property_dependencies.items()
        },
    )


def _properties(properties: Properties) -> struct_pb2.Struct:
    """Write properties as packs expect them, which know no resource references."""
    plain = transform(properties, _without_reference)
    return marshal.write_struct(
        {key: value for key, value in plain.items() if not key.startswith("__")}
    )


def _without_reference(value: PropertyValue) -> PropertyValue:
    if isinstance(value, ResourceReference):
        return value.urn if value.id is None else value.id
    return value


def _options(subject: Subject) -> analyzer_pb2.AnalyzerResourceOptions:
    resource = subject.resource
    return analyzer_pb2.AnalyzerResourceOptions(
        protect=resource.protect,
        ignoreChanges=resource.ignore_changes,
        deleteBeforeReplace=bool(subject.delete_before_replace),
        deleteBeforeReplaceDefined=subject.delete_before_replace is not None,
        additionalSecretOutputs=resource.additional_secret_outputs,
        aliases=subject.aliases,
        customTimeouts=analyzer_pb2.AnalyzerResourceOptions.CustomTimeouts(
            **resource.custom_timeouts
        ),
        parent=resource.parent,
    )


def _provider(resource: Resource | None) -> analyzer_pb2.AnalyzerProviderResource | None:
    if resource is None:
        return None
    return analyzer_pb2.AnalyzerProviderResource(
        type=resource.type,
        urn=resource.urn,
        name=resource.name,
        properties=_properties(resource.inputs),
    )
