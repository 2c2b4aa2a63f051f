"""Write the API model that the package ships: the installed botocore's, without its prose.

    python tools/record_model.py

``amplifybackend-fake operations --diff`` shows beforehand what will change. Afterwards the fake has
to follow: ``pytest tests/model tests/snapshots`` says where it does not.

The names that type checkers know are written as well; with ``--names``, only those.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from typing import Any

import botocore

from pytest_amplifybackend._amplify.operations import OPERATIONS
from pytest_amplifybackend._api import catalogue, installed

NAMES = catalogue.MODEL.with_name("literals.py")
_HEAD = '''"""The names that arguments take, for type checkers: operations, and values of enums.

``tools/record_model.py`` writes this file.
"""

from __future__ import annotations

from typing import Literal
'''
_UNIONS = """
OperationName = Operation | _Method
CalledOperation = Operation | _Neighbor
ServedOperation = OperationName | _Neighbor | _NeighborMethod
"""
ENUMS = {"MFAMode": "MFAMode", "DeliveryMethod": "DeliveryMethod", "AuthMode": "Mode"}
"""The aliases of the enums that strategies narrow by, and their shapes."""


def without_prose(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {name: item for name, item in value.items() if not _is_prose(name, item)}
        return {name: without_prose(item) for name, item in kept.items()}
    return [without_prose(item) for item in value] if isinstance(value, list) else value


def _is_prose(name: str, value: Any) -> bool:
    return name == "documentation" and isinstance(value, str)  # a member of that name is a dict


def names() -> str:
    """The module of the names, as the formatter would leave it."""
    operations = list(catalogue.operations())
    aliases: dict[str, Iterable[str]] = {
        "Operation": operations,
        "_Method": map(catalogue.method_name, operations),
        "_Neighbor": sorted(OPERATIONS),
        "_NeighborMethod": map(catalogue.method_name, sorted(OPERATIONS)),
    }
    shapes = {alias: catalogue.service_model().shape_for(name) for alias, name in ENUMS.items()}
    aliases |= {alias: shape.enum for alias, shape in shapes.items()}
    return _HEAD + "".join(map(_alias, aliases, aliases.values())) + _UNIONS


def _alias(name: str, values: Iterable[str]) -> str:
    quoted = [f'"{value}"' for value in values]
    line = f"{name} = Literal[{', '.join(quoted)}]"
    if len(line) > 100:
        line = f"{name} = Literal[\n" + "".join(f"    {value},\n" for value in quoted) + "]"
    return f"\n{line}"


def main() -> None:
    if "--names" not in sys.argv[1:]:
        raw = installed.loader().load_service_model(catalogue.SERVICE, "service-2")
        shipped = {"botocore": botocore.__version__, "model": without_prose(raw)}
        catalogue.MODEL.write_text(json.dumps(shipped, indent=1) + "\n", encoding="utf-8")
        subprocess.run([sys.executable, __file__, "--names"], check=True)  # which reads it anew
        return
    NAMES.write_text(names(), encoding="utf-8")


if __name__ == "__main__":
    main()
