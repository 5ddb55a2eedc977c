"""A FHIR R4 resource becomes one row; its columns are named by the path of the element.

- ``patient_id`` is the id of the Patient that the row is about, in every table the same: of a
  Patient its own ``id``, elsewhere what ``patient``, ``subject`` and the like refer to
  (``Patient/7``, ``https://…/Patient/7/_history/2`` and ``urn:uuid:7`` are all ``7``).
- A nested element is joined with a dot: ``valueQuantity.value``, ``period.start``.
- A repeated element has its first occurrence under its own name, the next as ``_2`` and ``_3``, and
  what is left as JSON text in ``_more``.
- CodeableConcept: the first coding's ``code``, ``system``, ``display``, and ``text``.
- HumanName: the official name first, then the usual one; given names joined with a blank.
- Identifier: its value under ``identifier.`` and a name made of its type and system. TW Core's are
  ``national_id``, ``resident_number``, ``passport_number``, ``medical_record_number``.
- Extension: its value under ``extension.`` and the last segment of its URL.
- The narrative (``text.div``), a rendering of the rest, is passed over.

Source: HL7 FHIR R4 (4.0.1) datatypes and references; TW Core IG 0.3, Patient identifiers.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from anping.engine.jsonlines import plain

#: So many occurrences of a repeated element have columns of their own.
REPEATS = 3

#: The elements that say whose record a resource is, first come first.
OF_A_PATIENT = ("patient", "subject", "beneficiary", "individual", "for")

_PATIENT = re.compile(r"(?:\A|/)Patient/([A-Za-z0-9.\-]{1,64})\Z")
_URN = re.compile(r"urn:(?:uuid|oid):(.+)\Z")
_BY_TYPE: Mapping[str, str] = {
    "NNxxx": "national_id",
    "NNTWN": "national_id",
    "NI": "national_id",
    "PPN": "passport_number",
    "PRC": "resident_number",
    "MR": "medical_record_number",
    "SS": "social_security_number",
    "DL": "driving_licence_number",
}
_BY_SYSTEM: tuple[tuple[str, str], ...] = (
    ("moi.gov.tw", "national_id"),
    ("immigration.gov.tw", "resident_number"),
    ("boca.gov.tw", "passport_number"),
    ("/sid/passport", "passport_number"),
)
_USES = {"official": 0, "usual": 1, None: 2, "nickname": 4, "maiden": 5, "old": 6}
_WORD = re.compile(r"[^0-9A-Za-z]+")
_JOINED = frozenset({"given", "prefix", "suffix"})


def patient_of(reference: str, patients: Mapping[str, str]) -> str | None:
    """Return the id of the Patient that a reference names, or None if it names none.

    ``patients`` are the ids of Patients by the URL under which a Bundle holds them, where the URL
    does not end with the id.
    """
    plain_reference = reference.strip().partition("/_history/")[0]
    if plain_reference in patients:
        return patients[plain_reference]
    found = _PATIENT.search(plain_reference) or _URN.match(plain_reference)
    return None if found is None else found[1]


class Flattener:
    """Turns resources into rows; remembers what did not fit into columns of its own."""

    def __init__(self, patients: Mapping[str, str]) -> None:
        self._patients = patients
        self.more: Counter[str] = Counter()
        self.without_patient = 0
        self.narratives = 0

    def flat(self, resource: Mapping[str, Any], url: str = "") -> dict[str, Any]:
        """Return the columns of one resource that a Bundle holds under ``url``."""
        element, person = self._person(resource, url)
        self.without_patient += person is None
        row: dict[str, Any] = {"patient_id": person}
        for key, value in resource.items():
            if key == "resourceType" or (key == "id" and resource["resourceType"] == "Patient"):
                continue
            if key == "text" and isinstance(value, dict) and "div" in value:
                self.narratives += 1
            elif key == element:
                whole = value[0] if isinstance(value, list) else value
                rest = {name: inner for name, inner in whole.items() if name != "reference"}
                row.update(self._object(key, rest))
            elif key == "contained":
                row[key] = _json(value)
            else:
                row.update(self._element(_simple(key, value), value))
        return row

    def _person(self, resource: Mapping[str, Any], url: str) -> tuple[str, str | None]:
        """Return the element that names the Patient, and the Patient's id."""
        if resource["resourceType"] == "Patient":
            named = resource.get("id")
            return "id", named if isinstance(named, str) else patient_of(url, self._patients)
        for element in OF_A_PATIENT:
            value = resource.get(element)
            if isinstance(value, list) and len(value) == 1:
                value = value[0]
            if isinstance(value, dict) and isinstance(value.get("reference"), str):
                other = value.get("type", "Patient") != "Patient"
                found = None if other else patient_of(value["reference"], self._patients)
                if found is not None:
                    return element, found
        return "", None

    def _element(self, path: str, value: Any) -> dict[str, Any]:
        if isinstance(value, dict):
            return self._object(path, value)
        if isinstance(value, list):
            return self._repeated(path, value)
        return {path: value}

    def _object(self, path: str, value: Mapping[str, Any]) -> dict[str, Any]:
        row: dict[str, Any] = {}
        for key, inner in value.items():
            if key == "coding" and isinstance(inner, list) and inner:
                # The first coding is what a CodeableConcept means.
                row.update(self._element(path, inner[0]))
                row.update(self._rest(f"{path}.coding", inner[1:]))
            elif key in _JOINED and _all_texts(inner):
                row[f"{path}.{key}"] = " ".join(inner)
            elif key == "reference" and isinstance(inner, str):
                row[f"{path}.{key}"] = self._reference(inner)
            else:
                row.update(self._element(f"{path}.{_simple(key, inner)}", inner))
        return row

    def _reference(self, reference: str) -> str:
        if _PATIENT.search(reference.partition("/_history/")[0]) or reference in self._patients:
            return f"Patient/{patient_of(reference, self._patients)}"
        return reference

    def _repeated(self, path: str, values: Sequence[Any]) -> dict[str, Any]:
        parent, _, last = path.rpartition(".")
        if last in {"extension", "modifierExtension"}:
            return self._extensions(path, values)
        if last.startswith("_"):
            # The extensions of a repeated simple element stand beside it.
            return {f"{parent}.{last[1:]}.extension".lstrip("."): _json(values)}
        if last == "identifier":
            return self._named(path, [(_identifier(one), _value(one)) for one in values])
        if last == "name" and all(isinstance(one, dict) for one in values):
            values = sorted(values, key=lambda one: _USES.get(one.get("use"), 3))
        if not values:
            return {path: None}
        return self._element(path, values[0]) | self._rest(path, values[1:])

    def _rest(self, path: str, values: Sequence[Any]) -> dict[str, Any]:
        """Return the columns of what follows the first occurrence of an element."""
        row: dict[str, Any] = {}
        for number, value in enumerate(values[: REPEATS - 1], start=2):
            row.update(self._element(f"{path}_{number}", value))
        if len(values) >= REPEATS:
            row[f"{path}_more"] = _json(values[REPEATS - 1 :])
            self.more[path] += 1
        return row

    def _extensions(self, path: str, values: Sequence[Any]) -> dict[str, Any]:
        named: list[tuple[str, Any]] = []
        for one in values:
            if isinstance(one, dict):
                url = str(one.get("url", ""))
                name = re.split(r"[/#:]", url.rstrip("/"))[-1] or "extension"
                inner = one.get("extension")
                named.append((name, _Nested(inner) if isinstance(inner, list) else _value(one)))
        return self._named(path, named)

    def _named(self, path: str, named: Sequence[tuple[str, Any]]) -> dict[str, Any]:
        """Return the columns of values that have names, repeated names like repeated elements."""
        groups: dict[str, list[Any]] = {}
        for name, value in named:
            groups.setdefault(name, []).append(value)
        row: dict[str, Any] = {}
        for name, values in groups.items():
            first, column = values[0], f"{path}.{name}"
            if isinstance(first, _Nested):
                row.update(self._extensions(column, first))
            else:
                row.update(self._element(column, first))
            row.update(self._rest(column, values[1:]))
        return row


class _Nested(list[Any]):
    """The extensions of an extension."""


def _simple(key: str, value: Any) -> str:
    """Return the name of the element whose extensions stand under the key with an underscore."""
    return key.removeprefix("_") if isinstance(value, dict) else key


def _all_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _value(one: Any) -> Any:
    """Return the value of an identifier or of an extension, whatever its type."""
    if not isinstance(one, dict):
        return one
    found: Iterator[Any] = (one[key] for key in one if key.startswith("value"))
    return next(found, None)


def _identifier(one: Any) -> str:
    """Return the name of an identifier's column: by its type, then by its system."""
    if not isinstance(one, dict):
        return "other"
    system = str(one.get("system", ""))
    codes = _codes(one.get("type"))
    for code in codes:
        if code in _BY_TYPE:
            return _BY_TYPE[code]
    for part, name in _BY_SYSTEM:
        if part in system:
            return name
    words = _WORD.sub("_", re.split(r"[/#]", system.rstrip("/"))[-1]).strip("_").lower()
    return words or next((code.lower() for code in codes), "other")


def _codes(concept: Any) -> list[str]:
    """Return the codes of a CodeableConcept."""
    codings = concept.get("coding") if isinstance(concept, dict) else None
    found = [one.get("code") for one in codings or () if isinstance(one, dict)]
    return [code for code in found if isinstance(code, str) and code]


def _json(value: Any) -> str:
    return json.dumps(plain(value), ensure_ascii=False)
