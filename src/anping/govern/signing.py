"""A policy's detached signature: a signed in-toto statement whose subject is the policy file."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from anping.core.digest import canonical_json
from anping.core.errors import AnpingError, PolicyError, Where
from anping.core.text import Text
from anping.govern.policy import Policy, parse_policy, policy_digest

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://anping.dev/evidence/policy/v1"

#: Signs a payload and returns the envelope.
Sign = Callable[[bytes], bytes]
#: Checks an envelope and returns its payload; raises any AnpingError or ValueError if it is wrong.
Verify = Callable[[bytes], bytes]


def _payload(content: bytes, policy: Policy) -> dict[str, Any]:
    return {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": "policy.yaml", "digest": {"sha256": policy_digest(content)}}],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "id": policy.id,
            "version": policy.version,
            "issued": policy.issued.isoformat(),
            "owner": policy.owner.as_json(),
        },
    }


def sign_policy(content: bytes, sign: Sign) -> bytes:
    """Return the signature of a policy file's bytes, as ``sign`` encloses it.

    Raises PolicyError if the policy itself cannot be used: nobody signs a broken policy.
    """
    return sign(canonical_json(_payload(content, parse_policy(content))))


def open_policy(
    content: bytes, signature: bytes, verify: Verify, *, name: str = "policy.yaml"
) -> Policy:
    """Return the policy if ``signature`` is a right signature of exactly these bytes.

    Raises PolicyError ``policy.signature`` for a wrong signature or one of other bytes, and
    ``policy.malformed`` for a signed file that is not a policy.
    """
    try:
        signed = json.loads(verify(signature))
    except (AnpingError, ValueError) as error:
        raise _wrong(name, Text("簽章驗證失敗", "the signature does not verify")) from error
    policy = parse_policy(content, name=name)
    if signed != _payload(content, policy):
        raise _wrong(
            name, Text("簽章屬於另一份政策內容", "the signature belongs to other policy content")
        )
    return policy


def _wrong(name: str, why: Text) -> PolicyError:
    return PolicyError(
        "policy.signature",
        Text(f"政策簽章無效：{why.zh}。", f"The policy is wrongly signed: {why.en}."),
        where=Where(file=name),
        hint=Text(
            "請向政策負責人取得原始檔，或由有權者重新簽署。",
            "Get the original from the policy's owner, or have the owner sign this version.",
        ),
    )
