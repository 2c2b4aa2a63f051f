"""Other people's categories of amplify-meta.json: entries that no operation of this API makes.

Functions, hosting, notifications, a REST API beside AppSync, groups beside a user pool: of 167
public files 60 and more have some, in any order (observed).
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

Entries = dict[str, dict[str, Any]]

SERVICES = {"auth": "Cognito", "api": "AppSync", "storage": "S3"}
"""What the operations of this API make, by category."""


@dataclass(slots=True)
class Category:
    """The added entries of one category, in their order.

    ``ahead`` of them stand before what an operation makes in this category, the others after it;
    ``behind`` are the categories before this one.
    """

    entries: Entries = field(default_factory=dict)
    ahead: int = 0
    behind: list[str] = field(default_factory=list)


Added = dict[str, Category]


def merged(own: Mapping[str, Entries], added: Mapping[str, Category]) -> dict[str, Entries]:
    """The categories with both what operations have made and what was added."""
    found = {name: entries for name, entries in own.items() if name not in added}
    order = list(found)
    for name, category in added.items():
        items = list(category.entries.items())
        found[name] = {
            **dict(items[: category.ahead]),
            **own.get(name, {}),
            **dict(items[category.ahead :]),
        }
        places = [order.index(other) for other in category.behind if other in order]
        order.insert(max(places, default=-1) + 1, name)
    return {name: found[name] for name in order}


def with_entries(
    own: Mapping[str, Entries],
    added: Mapping[str, Category],
    name: str,
    entries: Entries,
    *,
    before: str | None,
    after: str | None,
) -> Added:
    """What is added once a category has more entries.

    ``before`` and ``after`` name one of its entries, or a category if it is new.
    """
    found = merged(own, added)
    names = list(found.get(name, found))
    place = len(names)
    if before is not None:
        place = names.index(before)
    if after is not None:
        place = names.index(after) + 1
    old = added.get(name)
    if old is None and name not in own:
        return {**added, name: Category(entries, len(entries), names[:place])}
    old = old or Category(behind=list(found)[: list(found).index(name)])
    items = list(old.entries.items())
    made = own.get(name, {})
    is_ahead = place <= old.ahead if made else place < old.ahead or old.ahead == len(items)
    index = place if is_ahead else place - len(made)
    items[index:index] = entries.items()
    ahead = old.ahead + len(entries) if is_ahead else old.ahead
    return {**added, name: Category(dict(items), ahead, old.behind)}


def without(added: Mapping[str, Category], gone: Container[str]) -> Added:
    """What is added once operations have deleted what they made in some categories.

    A category without entries leaves no place: it comes last if it is made anew, and takes none
    of those that stood behind it along.
    """
    return {
        name: replace(
            category,
            behind=[other for other in category.behind if other in added or other not in gone],
        )
        for name, category in added.items()
    }


def problems(name: str, entries: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is wrong with a category and its entries, each with the entry's path."""
    if name == "providers":
        yield "", "is of the environment's stack, which add_app() makes"
    for entry, value in entries.items():
        if not isinstance(value, Mapping):
            yield entry, "must be a dict with the members of the entry"
        elif not isinstance(value.get("service"), str) or not value["service"]:
            yield entry, "must have a 'service', such as 'Lambda'"
        elif SERVICES.get(name) == value["service"]:
            yield entry, f"is of service {value['service']!r}: add_{name}() makes it"


def check(own: Mapping[str, list[str]], added: Mapping[str, Category]) -> None:
    """Raise ValueError for loaded categories that nobody can have added."""
    for name, category in added.items():
        for entry, text in problems(name, category.entries):
            raise ValueError(f"the category {name} {entry} {text}")
        taken = [entry for entry in own.get(name, ()) if entry in category.entries]
        if taken:
            raise ValueError(f"the category {name} has two entries {taken[0]}")
        if not 0 <= category.ahead <= len(category.entries):
            raise ValueError(f"the category {name} has {category.ahead} entries ahead")
        if not all(isinstance(other, str) for other in category.behind):
            raise ValueError(f"the category {name} is behind what is no category")
