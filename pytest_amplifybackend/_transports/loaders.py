"""What botocore's loaders read for clients of the service, shared among sessions.

A session of botocore lists some four hundred folders of models and parses the same files for its
first client, which takes thirty times as long as the client. A program that makes a session of its
own pays that in every test. So while a fake is active, a session that makes a client of the
service gets what an equal loader has read before, as all clients of one session do anyway.

Only what lies in installed packages is shared. Folders of the user's, AWS_DATA_PATH and
``~/.aws/models`` for example, are read anew by each session: what lies there may change.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.loaders import JSONFileLoader, Loader

from pytest_amplifybackend._patching import Change, Patch

_METHODS = ("list_available_services", "list_api_versions", "load_data_with_path")
"""The methods of a loader that read the disk. ``load_service_model`` calls them."""

_PACKAGES = ("botocore", "boto3", "awscli")
"""The packages that bring models; their folders do not change while the process runs."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """A call of a loader's method; equal to one by another loader that would give the same."""

    method: str
    folders: tuple[str, ...]
    args: tuple[Any, ...]
    read: Callable[[], Any] = field(compare=False)


@functools.lru_cache(maxsize=64)  # some ten are for the service
def _shared(reading: _Reading) -> Any:
    return reading.read()


def changes(is_making_a_client: Callable[[], bool]) -> list[Change]:
    """What is replaced in botocore's loaders; applies only where ``is_making_a_client``."""

    def sharing(name: str, previous: Callable[..., Any]) -> Callable[..., Any]:
        def method(loader: Any, *args: Any, **kwargs: Any) -> Any:
            if kwargs or not is_making_a_client() or not _is_plain(loader):
                return previous(loader, *args, **kwargs)
            read = functools.partial(previous, loader, *args)
            return _shared(_Reading(name, _existing(loader), args, read))

        return method

    return [Patch(Loader, name, functools.partial(sharing, name)) for name in _METHODS]


def _is_plain(loader: Any) -> bool:
    """Whether a loader is botocore's own and reads nothing but what installed packages bring."""
    return (
        type(loader) is Loader
        and type(loader.file_loader) is JSONFileLoader
        and all(folder.startswith(_packages()) for folder in _existing(loader))
    )


def _existing(loader: Any) -> tuple[str, ...]:
    """The folders in which a loader looks, in its order."""
    return tuple(filter(os.path.isdir, loader.search_paths))


def _packages() -> tuple[str, ...]:
    modules = [sys.modules[name] for name in _PACKAGES if name in sys.modules]
    return tuple(f"{folder}{os.sep}" for module in modules for folder in module.__path__)
