"""Write the API model that the package ships: the installed botocore's, without its prose.

    python tools/record_model.py

``amplifybackend-fake operations --diff`` shows beforehand what will change. Afterwards the fake has
to follow: ``pytest tests/model tests/snapshots`` says where it does not.
"""

from __future__ import annotations

import json
from typing import Any

import botocore

from pytest_amplifybackend._api import catalogue, installed


def without_prose(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {name: item for name, item in value.items() if not _is_prose(name, item)}
        return {name: without_prose(item) for name, item in kept.items()}
    return [without_prose(item) for item in value] if isinstance(value, list) else value


def _is_prose(name: str, value: Any) -> bool:
    return name == "documentation" and isinstance(value, str)  # a member of that name is a dict


def main() -> None:
    raw = installed.loader().load_service_model(catalogue.SERVICE, "service-2")
    shipped = {"botocore": botocore.__version__, "model": without_prose(raw)}
    catalogue.MODEL.write_text(json.dumps(shipped, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
