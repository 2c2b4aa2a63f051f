"""The kinds of constraint that a value can be under: one class for each.

A class says whether a value keeps the constraint, what is said where it does not, what breaks it
and, as plain data for the strategies, what valid values look like. Another kind is another class.
"""

from pytest_amplifybackend._rules.constraints.base import Constraint
from pytest_amplifybackend._rules.constraints.schemas import (
    GraphQLSchema,
    ProvidersConfigured,
    RelatedOneWay,
)
from pytest_amplifybackend._rules.constraints.structures import (
    Needs,
    NeedsByHeadless,
    Unrepeated,
)
from pytest_amplifybackend._rules.constraints.uris import IssuerUri, RedirectUri
from pytest_amplifybackend._rules.constraints.values import (
    Avoids,
    Filled,
    Finite,
    Includes,
    Items,
    Length,
    OneOf,
    Pattern,
    Whole,
    spelled,
)

__all__ = [
    "Avoids",
    "Constraint",
    "Filled",
    "Finite",
    "GraphQLSchema",
    "Includes",
    "IssuerUri",
    "Items",
    "Length",
    "Needs",
    "NeedsByHeadless",
    "OneOf",
    "Pattern",
    "ProvidersConfigured",
    "RedirectUri",
    "RelatedOneWay",
    "Unrepeated",
    "Whole",
    "spelled",
]
