"""A trusted timestamp: a time-stamping authority says that a checkpoint existed by then.

RFC 3161 over the SHA-256 of the checkpoint's text (its three lines, without signatures), so that
cosignatures that come later do not break it. A timestamp shows that the log had this root at the
latest at that moment, as far as the authority's clock and key are trusted; it does not show that
the log is unbranched, which only a witness remembers. Parsing and cryptography are those of
``rfc3161-client`` (the extra ``timestamp``).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.x509 import (
    Certificate,
    load_der_x509_certificate,
    load_pem_x509_certificates,
)

from anping.core.errors import EvidenceError, InputError, MissingExtraError
from anping.core.text import Text
from anping.evidence.checkpoint import Checkpoint
from anping.evidence.problems import malformed

#: A response with a long certificate chain has about 8 KiB.
MAXIMUM_BYTES = 64 << 10
_NEEDED_FOR = Text("時戳", "A timestamp")


@dataclass(frozen=True, slots=True)
class TimestampRequest:
    """A request as it goes to the authority, and the nonce that its answer must repeat."""

    content: bytes
    nonce: int


@dataclass(frozen=True, slots=True)
class Timestamp:
    """What a response claims: when, by whom (the signing certificate's subject), and its number."""

    moment: datetime
    authority: str
    serial: int


def request_timestamp(checkpoint: Checkpoint) -> TimestampRequest:
    """Return a request for a checkpoint, with a nonce and asking for the certificates.

    Raises MissingExtraError without the extra ``timestamp``.
    """
    client = _client()
    request = client.TimestampRequestBuilder(
        data=checkpoint.text.encode(), hash_algorithm=client.HashAlgorithm.SHA256
    ).build()
    return TimestampRequest(request.as_bytes(), request.nonce)


def read_timestamp(response: bytes, checkpoint: Checkpoint) -> Timestamp:
    """Return what a response claims of ``checkpoint``; its signature is not checked here.

    Raises EvidenceError (``timestamp.malformed``, ``timestamp.refused``, ``timestamp.other``) if it
    is no granted response, or speaks of something else.
    """
    client = _client()
    if len(response) > MAXIMUM_BYTES:
        raise _malformed()
    try:
        parsed = client.decode_timestamp_response(response)
        granted = parsed.status == client.PKIStatus.GRANTED
        if granted:
            return _claimed(parsed, checkpoint)
    except EvidenceError:
        raise
    except Exception as error:  # what the parsers raise for forged DER is not one type
        raise _malformed() from error
    raise EvidenceError(
        "timestamp.refused",
        Text("時戳機構拒絕了請求。", "The time-stamping authority refused the request."),
        hint=Text("向該機構查詢原因，或改用另一個機構。", "Ask the authority why, or use another."),
    )


def check_timestamp(
    response: bytes, checkpoint: Checkpoint, *, roots: bytes, nonce: int | None = None
) -> Timestamp:
    """Return the timestamp of ``checkpoint`` after checking all of it.

    ``roots`` are the trusted certificates in PEM. Checked are the imprint, the signature, the chain
    to a root at the stated time, the key's purpose (critical, time stamping: RFC 3161, 2.3) and,
    where given, the nonce. Raises EvidenceError (``timestamp.untrusted`` and those of
    :func:`read_timestamp`), InputError for ``roots`` that hold no certificate.
    """
    client = _client()
    claimed = read_timestamp(response, checkpoint)
    verifier = client.VerifierBuilder(roots=_certificates(roots), nonce=nonce).build()
    try:
        verifier.verify_message(
            client.decode_timestamp_response(response), checkpoint.text.encode()
        )
    except Exception as error:  # VerificationError, and what forged certificates make parsers raise
        raise EvidenceError(
            "timestamp.untrusted",
            Text(
                f"時戳無法以信任的根憑證驗證（自稱由 {claimed.authority} 簽署）。",
                f"The timestamp, said to be of {claimed.authority}, does not verify under the "
                "trusted root certificates.",
            ),
            hint=Text(
                "核對根憑證是否屬於該時戳機構；若是，這個時戳是偽造的或已損壞。",
                "Check that the roots are that authority's; if they are, the timestamp is forged or damaged.",
            ),
        ) from error
    return claimed


def _claimed(answer: Any, checkpoint: Checkpoint) -> Timestamp:
    info = answer.tst_info
    wanted = hashlib.sha256(checkpoint.text.encode()).digest()
    if bytes(info.message_imprint.message) != wanted:
        raise EvidenceError(
            "timestamp.other",
            Text("時戳蓋的不是這個檢查點。", "The timestamp is not of this checkpoint."),
            hint=Text("請向提供者索取正確的時戳。", "Ask whoever gave it for the right one."),
        )
    signers = [(signer.issuer, signer.serial_number) for signer in answer.signed_data.signer_infos]
    names = [
        certificate.subject.rfc4514_string()
        for certificate in map(load_der_x509_certificate, answer.signed_data.certificates)
        if (certificate.issuer, certificate.serial_number) in signers
    ]
    moment = info.gen_time
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return Timestamp(moment, names[0] if names else "?", int(info.serial_number))


def _certificates(roots: bytes) -> list[Certificate]:
    try:
        return list(load_pem_x509_certificates(roots))
    except ValueError as error:
        raise InputError(
            "timestamp.roots",
            Text("根憑證檔裡沒有可讀的憑證。", "The file of root certificates holds none."),
            hint=Text("請給 PEM 格式的憑證。", "Give certificates in PEM."),
        ) from error


def _client() -> Any:
    try:
        import rfc3161_client
    except ImportError as error:
        raise MissingExtraError.of("timestamp", needed_for=_NEEDED_FOR) from error
    return rfc3161_client


def _malformed() -> EvidenceError:
    return malformed(
        "timestamp.malformed",
        Text("這不是 RFC 3161 的時戳回覆。", "This is not an RFC 3161 timestamp response."),
    )
