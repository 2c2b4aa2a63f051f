"""The keys that relations give to models which @mapsTo renames, under their new and old names."""

from __future__ import annotations

from pytest_amplifybackend._schema.checks.keys import partition
from pytest_amplifybackend._schema.checks.links import BACK, links
from pytest_amplifybackend._schema.checks.relations import HAS_ONE
from pytest_amplifybackend._schema.checks.searchable import search_name
from pytest_amplifybackend._schema.checks.shapes import listed
from pytest_amplifybackend._schema.checks.transformer import Phase
from pytest_amplifybackend._schema.document import Document, Use


def _wrong(document: Document) -> tuple[str, str] | None:
    """What stops Amplify as it notes mapped keys, relation by relation: why, and the text."""
    from pytest_amplifybackend._schema.modelgen import words  # its package reads checked schemas

    old_names = {use.type.name: str(use.arguments["name"]) for use in document.uses("mapsTo")}
    keys: dict[str, dict[str, str]] = {}
    for name in ("hasMany", "hasOne", "belongsTo") if old_names else ():
        for use in document.uses(name):
            if name == "hasOne" and _by_references(use) and use.at.type in keys:
                return "resolver", _registered(use.type.name, use.at.name, is_list=True)
            old_name = old_names.get(use.type.name)
            if old_name is None or not _adds_key(use):
                continue
            parts = use.at.name, partition(document.types[use.at.type]).name
            of = keys.setdefault(use.at.type if name == "hasMany" else use.type.name, {})
            key, old = words.joined(use.type.name, *parts), words.joined(old_name, *parts)
            if key in of:
                return "key", (
                    f"Field mapping for [{key}] to [{of[key]}] already exists. Cannot insert "
                    f"mapping to [{old}]"
                )
            of[key] = old
    for use in document.uses("searchable"):
        search = search_name(use)
        if use.type.name in keys and search == f"get{words.upper_first(use.type.name)}":
            return "resolver", _registered("Query", search, is_list=False)
    return None


def _by_references(use: Use) -> bool:
    return bool(listed(use.arguments.get("references")))


def _adds_key(use: Use) -> bool:
    """Whether a relation notes a key: a @belongsTo without references does for a @hasOne only."""
    if use.directive.name != "belongsTo" or _by_references(use):
        return True
    answered = links(use.document).ways.get((use.at.type, use.type.name, BACK["belongsTo"]))
    return answered is not None and answered.directive.name == "hasOne"


def _registered(of: str, field: str, *, is_list: bool) -> str:
    return (
        f"Resolver of type [{of}] and field [{field}] already registered with isList set to "
        f"[{str(is_list).lower()}]"
    )


HAS_ONE.one_of(
    Phase.PREPARE,
    _wrong,
    (
        "key",
        "schema.maps-to.key",
        "must not have two relations of a model with @mapsTo that differ in a capital letter alone",
        """
    type Note @model @mapsTo(name: "Memo") { id: ID! tag: Tag @hasOne Tag: Tag @hasOne }
    type Tag @model { id: ID! }""",
    ),
    (
        "resolver",
        "schema.maps-to.resolver",
        "must not have a @hasOne with references to a model that has mapped keys already, "
        "nor a search with the name of the query that gets one",
        """
    type Note @model @mapsTo(name: "Memo") {
      id: ID! x: ID user: User @belongsTo(references: "x") tag: Tag @hasOne
    }
    type User @model { id: ID! note: Note @hasOne(references: "x") }
    type Tag @model { id: ID! }""",
    ),
)
