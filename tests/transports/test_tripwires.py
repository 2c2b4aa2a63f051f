"""Tripwires: the private botocore code that the transport overrides or relies on, by its hash.

A change of botocore that could break users breaks these tests first. The hash is one of the
syntax tree, so comments, docstrings and formatting do not count.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import textwrap
from collections.abc import Callable, Mapping
from typing import Any

import botocore
import pytest
from botocore.client import BaseClient
from botocore.hooks import EventAliaser, HierarchicalEmitter
from botocore.session import Session
from botocore.signers import RequestSigner
from botocore.stub import Stubber
from botocore.validate import ParamValidationDecorator

RELIED_ON: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "BaseClient._make_api_call": (
        "is patched: its signature; calls _emit_api_params before it validates, emits before-call "
        "after it, and takes (http, parsed) as the answer (transports/stubber.py, docstring)",
        {
            "61a640d7841f": "1.23.8",
            "88a0e56a6696": "1.25.0",
            "2e66b498467d": "1.28.0",
            "37dcafd6bf09": "1.30.0",
            "b32ea2560186": "1.32.0",
            "85ff94c6bf96": "1.34.0",
            "dbee73be3818": "1.35.0",
            "6cd98796a461": "1.38.0",
            "49cc349d83cf": "1.39.0",
            "377731e45f31": "1.40.0",
            "896872bd5d24": "1.43.0",
        },
    ),
    "BaseClient._emit_api_params": (
        "is patched: the signature, the context dict that before-call gets too, and the event "
        "names (ClientTransport._binding)",
        {
            "b2c2d7cd493b": "1.23.8",
            "f3bc5dd84529": "1.26.0",
        },
    ),
    "Session.create_client": (
        "takes the service first, and asks get_credentials, get_auth_token, get_scoped_config and "
        "IMDSRegionProvider.provide (transports/credentials.py)",
        {
            "54478202ea21": "1.29.44",
            "c72f8a3cce92": "1.43.0",
        },
    ),
    "Session.get_credentials": (
        "keeps what it loaded in _credentials, which ours does not (credentials._at_hand)",
        {
            "e99ea8cef240": "1.29.44",
        },
    ),
    "Session.get_scoped_config": (
        "raises ProfileNotFound for a profile that is not there (_without_missing_profile)",
        {
            "ab4e033fdb70": "1.29.44",
        },
    ),
    "Session.get_component": (
        "makes the loader, for which it reads the profile (_loader_without_profile)",
        {
            "cd7e5b877d04": "1.29.44",
            "7bff5bc40090": "1.43.0",
        },
    ),
    "BaseClient._resolve_endpoint_ruleset": (
        "is replaced: takes model, params and context, in which it leaves only what is "
        "about signing (transports/short_way.py)",
        {
            "64fa047f683a": "1.29.44",
            "d4545939675e": "1.43.117",
        },
    ),
    "BaseClient._convert_to_request_dict": (
        "is replaced: only makes the request, of which nothing but before-call sees more "
        "than url, headers, body and context (transports/short_way.py)",
        {
            "4f75a292c661": "1.29.44",
            "37bd6bcbd6ac": "1.43.117",
        },
    ),
    "HierarchicalEmitter._emit": (
        "calls what prefix_search finds, and keeps that in _lookup_cache (transports/short_way.py)",
        {
            "4f334ddafeeb": "1.29.44",
        },
    ),
    "HierarchicalEmitter._register_section": (
        "makes another _lookup_cache when a handler comes (transports/short_way.py)",
        {
            "7ac412b1f114": "1.29.44",
            "b4fbb2eba2cd": "1.43.117",
        },
    ),
    "HierarchicalEmitter.unregister": (
        "makes another _lookup_cache when a handler goes (transports/short_way.py)",
        {
            "0e921214fb42": "1.29.44",
            "73bd720582e0": "1.43.117",
        },
    ),
    "ParamValidationDecorator.serialize_to_request": (
        "only validates and serializes (transports/short_way.py)",
        {
            "65bdab08f62e": "1.29.44",
        },
    ),
    "Session._register_builtin_handlers": (
        "is patched: takes the events of a session that is being made (transports/event_names.py)",
        {
            "dbd6d66ee28a": "1.29.44",
        },
    ),
    "EventAliaser.__copy__": (
        "is patched: the copy begins with an empty _alias_name_cache (transports/event_names.py)",
        {
            "9b0ccf25bbaf": "1.29.44",
        },
    ),
    "EventAliaser._alias_event_name": (
        "keeps in _alias_name_cache what it finds in _event_aliases (transports/event_names.py)",
        {
            "97f3b7dbd8ab": "1.29.44",
            "cd354272e153": "1.43.117",
        },
    ),
    "RequestSigner.sign": (
        "emits choose-signer with the request's context, and takes request_credentials from its "
        "signing context, from 1.33 on (credentials.signature)",
        {
            "86d1ebe10d78": "1.29.44",
            "a1bc723b7758": "1.43.0",
        },
    ),
    "Stubber.__init__": (
        "keeps client and _queue, and registers nothing (AmplifyBackendStubber.__init__)",
        {
            "6fb6428a3d3e": "1.23.8",
            "cfe897a31995": "1.41.0",
        },
    ),
    "Stubber.activate": (
        "is overridden: whether it registers a handler that ours lacks",
        {
            "af187e424917": "1.23.8",
            "b204f9b7cfd5": "1.41.0",
        },
    ),
    "Stubber.deactivate": (
        "is overridden: whether it removes a handler that ours lacks",
        {
            "cf411832c026": "1.23.8",
            "06e6401814f8": "1.41.0",
        },
    ),
    "Stubber._add_response": (
        "appends operation_name, response and expected_params to _queue (_canned)",
        {
            "b4878066f28d": "1.23.8",
            "f9f5e2b52bd2": "1.25.0",
            "798b2f517bb4": "1.35.0",
        },
    ),
    "Stubber.add_client_error": (
        "appends operation_name, response and expected_params to _queue (_canned)",
        {
            "456070ed7322": "1.23.8",
            "e9beb5b13ce1": "1.25.0",
        },
    ),
    "Stubber._assert_expected_params": (
        "is called with the entry at the head of _queue (_canned)",
        {
            "1f3a074a9767": "1.23.8",
            "e619a7596545": "1.35.0",
        },
    ),
    "Stubber._assert_expected_call_order": (
        "is called by _assert_expected_params and looks at the head of _queue",
        {
            "d1409674c6cf": "1.23.8",
            "383d8f95357d": "1.26.0",
        },
    ),
    "Stubber._should_not_stub": (
        "is called by _assert_expected_params and knows presigned requests by the same key",
        {
            "4d218f7b8fae": "1.23.8",
        },
    ),
    "Stubber.assert_no_pending_responses": (
        "asks after _queue alone",
        {
            "e2a2d7490c41": "1.23.8",
            "14b277d107e8": "1.26.0",
        },
    ),
}
"""What we rely on and why; each hash that was reviewed, and the oldest botocore it was seen in."""


def fingerprint(source: str) -> str:
    """A hash of what the code does, the same under every Python: no comments, no docstring."""
    function = ast.parse(textwrap.dedent(source)).body[0]
    assert isinstance(function, ast.FunctionDef)
    if ast.get_docstring(function) is not None:
        function.body = function.body[1:]
    return hashlib.sha256(_plain(function).encode()).hexdigest()[:12]


def _plain(node: Any) -> str:
    """``ast.dump`` without the empty fields, which differ between versions of Python."""
    if isinstance(node, ast.AST):
        fields = [(name, value) for name, value in ast.iter_fields(node) if value not in (None, [])]
        return f"{type(node).__name__}({', '.join(f'{n}={_plain(v)}' for n, v in fields)})"
    return f"[{', '.join(map(_plain, node))}]" if isinstance(node, list) else repr(node)


def verify(name: str, function: Callable[..., Any]) -> None:
    """Fail, saying what to review, unless the code is one that was reviewed."""
    reason, reviewed = RELIED_ON[name]
    found = fingerprint(inspect.getsource(inspect.unwrap(function)))
    if found not in reviewed:
        pytest.fail(
            f"botocore {botocore.__version__} has another {name} than those reviewed.\n"
            f"Review that it still {reason}.\n"
            f"Compare it with the newest reviewed, botocore {list(reviewed.values())[-1]}; if all "
            f"is well, add {found!r} to RELIED_ON.",
            pytrace=False,
        )


_OWNERS = (
    *(BaseClient, EventAliaser, HierarchicalEmitter, ParamValidationDecorator),
    *(RequestSigner, Session, Stubber),
)


@pytest.mark.parametrize("name", RELIED_ON)
def test_botocore_is_as_it_was_reviewed(name: str) -> None:
    owner, attribute = name.split(".")
    owners = {each.__name__: each for each in _OWNERS}
    verify(name, getattr(owners[owner], attribute))


def test_a_change_says_what_to_review() -> None:
    def _should_not_stub(self: Any, context: Any) -> bool:
        return bool(self and context.get("is_presigned"))

    with pytest.raises(pytest.fail.Exception) as caught:
        verify("Stubber._should_not_stub", _should_not_stub)
    assert str(caught.value).splitlines() == [
        f"botocore {botocore.__version__} has another Stubber._should_not_stub than those "
        "reviewed.",
        "Review that it still is called by _assert_expected_params and knows presigned requests by "
        "the same key.",
        "Compare it with the newest reviewed, botocore 1.23.8; if all is well, add "
        f"{fingerprint(inspect.getsource(_should_not_stub))!r} to RELIED_ON.",
    ]


def test_comments_docstrings_and_formatting_do_not_count() -> None:
    one = "def f(a, b='x'):\n    'Says it.'\n    return g(a,\n             b)  # why\n"
    two = '    def f(a, b="x"):\n        return g(a, b)\n'
    assert fingerprint(one) == fingerprint(two)
    assert fingerprint(one) != fingerprint(two.replace("(a, b)", "(b, a)"))
