"""Changes of an object: merge patches, strategic merge patches, server-side apply."""

import copy
import json
from collections.abc import Mapping, Sequence
from typing import Any

from platformctl.region.services.eks.api import fields
from platformctl.region.services.eks.api.fields import Field
from platformctl.region.services.eks.api.status import claimed, malformed
from platformctl.region.services.eks.api.structure import Part, key_of

Document = dict[str, Any]


def merge_patch(document: Any, patch: Any) -> Any:
    """Return a document with a JSON merge patch (RFC 7396) applied."""
    if not isinstance(patch, dict):
        return patch
    result = dict(document) if isinstance(document, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge_patch(result.get(key), value)
    return result


def json_patch(document: Any, steps: Sequence[Mapping[str, Any]]) -> Any:
    """Return a document with a JSON patch (RFC 6902) applied.

    Raises:
        Refusal: A step leads nowhere, or a test fails.
    """
    result = copy.deepcopy(document)
    for step in steps:
        *parents, last = [
            part.replace("~1", "/").replace("~0", "~") for part in step["path"].split("/")[1:]
        ]
        try:
            holder = result
            for part in parents:
                holder = holder[int(part)] if isinstance(holder, list) else holder[part]
            _patch(holder, last, step)
        except (KeyError, IndexError, ValueError, TypeError) as error:
            raise malformed(f"the patch leads nowhere at {step['path']}: {error!r}") from error
    return result


def _patch(holder: Any, last: str, step: Mapping[str, Any]) -> None:
    place: Any = last
    if isinstance(holder, list):
        place = len(holder) if last == "-" else int(last)
    match step["op"]:
        case "add" if isinstance(holder, list):
            holder.insert(place, step["value"])
        case "add" | "replace":
            holder[place] = step["value"]
        case "remove":
            del holder[place]
        case "test":
            if holder[place] != step["value"]:
                raise malformed(f"testing value {step['path']} failed")
        case other:
            raise malformed(f"patches of kind {other} are not in the local region")


def strategic(document: Any, patch: Any, part: Part) -> Any:
    """Return a document with a strategic merge patch applied: lists of things merge by key."""
    if isinstance(patch, dict):
        if patch.get("$patch") == "replace":
            return {key: value for key, value in patch.items() if key != "$patch"}
        result = dict(document) if isinstance(document, dict) else {}
        for key, value in patch.items():
            if key.startswith("$"):
                continue
            if value is None:
                result.pop(key, None)
            else:
                result[key] = strategic(result.get(key), value, part.member(key))
        return result
    if isinstance(patch, list) and part.merge_key and isinstance(document, list):
        return _strategic_items(document, patch, part)
    return patch


def _strategic_items(document: list[Any], patch: list[Any], part: Part) -> list[Any]:
    key, result = part.merge_key, list(document)
    for item in patch:
        place = next((i for i, one in enumerate(result) if one.get(key) == item.get(key)), None)
        if item.get("$patch") == "delete":
            result = [one for one in result if one.get(key) != item.get(key)]
        elif place is None:
            result.append(item)
        else:
            result[place] = strategic(result[place], item, part.item)
    return result


def apply(live: Document, said: Document, manager: str, part: Part, *, force: bool) -> Document:
    """Return a live object after a manager applied what it says about it.

    What it said before and says no more goes, unless somebody else says it too.

    Raises:
        Refusal: Another manager says otherwise, and `force` is not set.
    """
    result = copy.deepcopy(live)
    mine = fields.fields(said, part)
    entries = {_who(entry): entry for entry in result["metadata"].pop("managedFields", [])}
    others = {who: fields.read(entry["fieldsV1"]) for who, entry in entries.items()}
    before = others.pop((manager, "Apply"), set())
    for who, theirs in others.items():
        differing = {
            field
            for field in mine & theirs
            if fields.value_at(live, field, part) != fields.value_at(said, field, part)
        }
        if differing and not force:
            raise claimed(who[0], sorted(map(fields.text, differing)))
        others[who] = theirs - differing
    gone = before - mine - set().union(*others.values())
    # An item goes before what is in it, as its key is in it too.
    for field in sorted(gone, key=len):
        fields.remove(result, field, part)
    result = merged(result, said, part)
    owners = {**others, (manager, "Apply"): mine}
    return with_managers(result, owners, said["apiVersion"])


def updated(
    before: Document, after: Document, manager: str, part: Part, *, status: bool = False
) -> Document:
    """Return a changed object with the changed fields belonging to who changed them."""
    changed = {
        field
        for field, value in fields.leaves(after, part)
        if fields.value_at(before, field, part) != value and field[0] != "f:status"
    }
    entries = after["metadata"].get("managedFields") or []
    owners = {_who(entry): fields.read(entry["fieldsV1"]) - changed for entry in entries}
    if changed and not status:
        who = (manager, "Update")
        owners[who] = owners.get(who, set()) | changed
    return with_managers(after, owners, after["apiVersion"])


def with_managers(
    document: Document, owners: Mapping[tuple[str, str], set[Field]], api_version: str
) -> Document:
    """Return an object that says who says what about it."""
    entries = [
        {
            "manager": manager,
            "operation": operation,
            "apiVersion": api_version,
            "fieldsType": "FieldsV1",
            "fieldsV1": fields.written(found),
        }
        for (manager, operation), found in owners.items()
        if found
    ]
    return {**document, "metadata": {**document["metadata"], "managedFields": entries}}


def _who(entry: Mapping[str, Any]) -> tuple[str, str]:
    return entry["manager"], entry["operation"]


def merged(live: Any, said: Any, part: Part) -> Any:
    """Return what is there with what is said put over it, by the structure of its kind."""
    if isinstance(live, dict) and isinstance(said, dict) and not part.whole:
        return {
            **live,
            **{key: merged(live.get(key), value, part.member(key)) for key, value in said.items()},
        }
    if isinstance(live, list) and isinstance(said, list):
        if part.keys:
            return _merged_items(live, said, part)
        if part.is_set:
            return list({json.dumps(one): one for one in [*live, *said]}.values())
    return said


def _merged_items(live: list[Any], said: list[Any], part: Part) -> list[Any]:
    by_key = {key_of(one, part.keys): one for one in live}
    result = [merged(by_key.pop(key_of(one, part.keys), None), one, part.item) for one in said]
    return [*result, *by_key.values()]
