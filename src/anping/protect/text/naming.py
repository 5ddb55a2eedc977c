"""A name that a text tells once is looked for in all of the text: whole, given name, turned round."""

from __future__ import annotations

from collections.abc import Iterable

from anping.core.span import Span
from anping.protect.text.folding import squeezed_text
from anping.protect.text.surrogates.people import surname_and_given_of, whole_names

#: A name less sure than this is not looked for elsewhere.
SURE = 0.5


def forms_of_names(text: str, spans: Iterable[Span]) -> dict[str, str]:
    """Return the forms (folded and squeezed) of the names among the spans of a text."""
    mentions = [
        text[span.start : span.end]
        for span in spans
        if span.type == "PERSON_NAME" and span.score >= SURE
    ]
    forms = []
    for name in whole_names(mentions):
        given = surname_and_given_of(name)[1]
        forms += [name, given] if len(given) > 1 else [name] if len(name) > 2 else []
    for mention in mentions:
        words = mention.split()
        if len(words) == 2 and mention.isascii():
            forms += [squeezed_text(mention), squeezed_text("".join(reversed(words)))]
    return dict.fromkeys(forms, "PERSON_NAME")
