"""govern.policy: adopt a release policy; the protection officer's key signs it."""

from __future__ import annotations

from pathlib import Path

from anping.core.labels import UNRESTRICTED
from anping.core.text import Text
from anping.steps.compose.shipped import named, own_file
from anping.workspace.step import (
    Context,
    Inputs,
    Outcome,
    Parameters,
    Port,
    Produced,
    Step,
    parameter,
)


class PolicyParameters(Parameters):
    """Which policy to adopt."""

    policy: Path = parameter("政策名稱或檔案", "a shipped policy's name, or a file")


def reads(given: PolicyParameters) -> tuple[Path, ...]:
    """Return the policy file, unless a shipped policy is named."""
    from anping.govern.policy import policy_names

    # An unknown name is no file either; the step itself says which policies there are.
    return tuple(path for path in own_file(given.policy, policy_names()) if path.is_file())


def run(context: Context, given: PolicyParameters, inputs: Inputs) -> Outcome:
    """Check the policy, sign it and store both."""
    from anping.govern.policy import parse_policy, policy_bytes, policy_names
    from anping.govern.signing import sign_policy

    del inputs
    content = policy_bytes(named(given.policy, policy_names()))
    policy = parse_policy(content, name=given.policy.name)
    body, signature = context.path("policy.yaml"), context.path("policy.dsse.json")
    body.write_bytes(content)
    signature.write_bytes(
        sign_policy(content, lambda payload: context.keys.sign("officer", payload))
    )
    note = Text(f"{policy.name}：{policy.title.zh}", f"{policy.name}: {policy.title.en}")
    return Outcome(
        (
            Produced("policy", body, "application/yaml", UNRESTRICTED),
            Produced("signature", signature, "application/json", UNRESTRICTED),
        ),
        notes=(note,),
    )


POLICY = Step(
    id="govern.policy",
    command="policy",
    title=Text("採用並簽署釋出政策", "Adopt and sign a release policy"),
    takes=(),
    gives=(Port("policy", "policy", "policy"), Port("signature", "report", "policy.signature")),
    parameters=PolicyParameters,
    run=run,
    reads=reads,
    positional=("policy",),
    example={"policy": "anping-taiwan-1"},
)
