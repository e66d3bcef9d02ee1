"""Protobuf structs ↔ property values, with every signature of Pulumi's protocol."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from google.protobuf import struct_pb2

from platformctl.engine import assets, wire
from platformctl.engine.references import describe_reference, read_reference
from platformctl.plugin.values import (
    UNKNOWN,
    Archive,
    Asset,
    Properties,
    PropertyValue,
    ResourceReference,
    Secret,
    Unknown,
)

# The largest whole number that a double holds exactly.
LARGEST_EXACT = 2**53


def read_struct(struct: struct_pb2.Struct, base: Path) -> Properties:
    """Read the properties in a struct; paths of assets are relative to the folder `base`."""
    return {key: read_value(value, base) for key, value in struct.fields.items()}


def read_value(value: struct_pb2.Value, base: Path) -> PropertyValue:
    """Read one value."""
    kind = value.WhichOneof("kind")
    return _READERS[kind](value, base) if kind else None


def _read_string(value: struct_pb2.Value, base: Path) -> PropertyValue:
    del base
    text = value.string_value
    return UNKNOWN if text in wire.UNKNOWN_SENTINELS else text


def _read_number(value: struct_pb2.Value, base: Path) -> PropertyValue:
    del base
    number = value.number_value
    whole = number.is_integer() and abs(number) <= LARGEST_EXACT
    return int(number) if whole else number


def _read_object(value: struct_pb2.Value, base: Path) -> PropertyValue:
    fields = value.struct_value.fields
    if wire.SIGNATURE in fields:
        return _read_signed(fields, base)
    return {key: read_value(item, base) for key, item in fields.items()}


def _read_list(value: struct_pb2.Value, base: Path) -> PropertyValue:
    return [read_value(item, base) for item in value.list_value.values]


_READERS: dict[str, Callable[[struct_pb2.Value, Path], PropertyValue]] = {
    "string_value": _read_string,
    "number_value": _read_number,
    "struct_value": _read_object,
    "list_value": _read_list,
    "bool_value": lambda value, _: value.bool_value,
    "null_value": lambda _value, _base: None,
}


def _read_signed(fields: Mapping[str, struct_pb2.Value], base: Path) -> PropertyValue:
    """Read an object that stands for something else: a secret, an asset, and so on."""
    signature = fields[wire.SIGNATURE].string_value
    if signature == wire.SECRET:
        return _secret(read_value(fields["value"], base))
    if signature == wire.OUTPUT_VALUE:
        value = read_value(fields["value"], base) if "value" in fields else UNKNOWN
        is_secret = "secret" in fields and fields["secret"].bool_value
        return _secret(value) if is_secret else value
    plain = {key: read_value(item, base) for key, item in fields.items()}
    if signature == wire.RESOURCE_REFERENCE:
        return read_reference(plain)
    if signature == wire.ASSET:
        return assets.asset(plain, base)
    if signature == wire.ARCHIVE:
        return assets.archive(plain, base)
    raise ValueError(f"unknown signature {signature!r} in a property value")


def _secret(value: PropertyValue) -> PropertyValue:
    return value if isinstance(value, Secret) else Secret(value)


def write_struct(properties: Mapping[str, PropertyValue]) -> struct_pb2.Struct:
    """Write properties as a struct."""
    struct = struct_pb2.Struct()
    fields = struct.fields
    for key, value in properties.items():
        write_value(fields[key], value)
    return struct


def write_value(target: struct_pb2.Value, value: PropertyValue) -> None:
    """Write one value into a protobuf value in place."""
    if isinstance(value, str):
        target.string_value = value
    elif value is None:
        target.null_value = struct_pb2.NULL_VALUE
    elif isinstance(value, bool):
        target.bool_value = value
    elif isinstance(value, int | float):
        target.number_value = value
    elif isinstance(value, list | tuple):
        items = target.list_value.values
        target.list_value.SetInParent()
        for item in value:
            write_value(items.add(), item)
    elif isinstance(value, dict):
        fields = target.struct_value.fields
        target.struct_value.SetInParent()
        for key, item in value.items():
            write_value(fields[key], item)
    else:
        _write_signed(target, value)


def _write_signed(target: struct_pb2.Value, value: Any) -> None:
    if isinstance(value, Unknown):
        target.string_value = wire.UNKNOWN_STRING
    elif isinstance(value, Secret):
        write_value(target, {wire.SIGNATURE: wire.SECRET, "value": value.value})
    elif isinstance(value, Asset | Archive):
        write_value(target, assets.describe(value))
    elif isinstance(value, ResourceReference):
        write_value(target, describe_reference(value))
    else:
        raise TypeError(f"not a property value: {type(value).__name__}")
