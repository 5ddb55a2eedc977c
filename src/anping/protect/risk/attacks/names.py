"""The names of what the attacks measure, by the question that they answer.

The three questions are those of the Article 29 Working Party 2014, Opinion 05/2014 on anonymisation
techniques (WP216), section 2: can somebody be singled out, can records about somebody be linked, can
something be inferred about somebody.
"""

from __future__ import annotations

UNIVARIATE, MULTIVARIATE = "risk.singling_out.univariate", "risk.singling_out.multivariate"
LINKABILITY, LINKAGE = "risk.linkability", "risk.linkage"
PERSON_LINKAGE, DISTANCE_LINKAGE = "risk.linkage.person", "risk.linkage.distance"
PROFILE_LINKAGE = "risk.linkage.profile"
#: The same attacks with people as control whom no record of the release is about.
STRANGER_LINKAGE, STRANGER_INFERENCE = "risk.linkage.held_out", "risk.inference.held_out"
INFERENCE, MEMBERSHIP, DOWNCODING = "risk.inference", "risk.membership", "risk.downcoding"

#: WP216's questions: the attacks that answer each. Every attack has ``.success``, ``.control`` and
#: ``.excess``, and most a ``.baseline``: what a guess gives. ``risk.inference`` and
#: ``risk.inference.held_out`` have them for each sensitive column, as the measures' subject.
SINGLING_OUT_ATTACKS = (UNIVARIATE, MULTIVARIATE)
LINKING_ATTACKS = (
    LINKAGE,
    STRANGER_LINKAGE,
    PERSON_LINKAGE,
    PROFILE_LINKAGE,
    DISTANCE_LINKAGE,
    LINKABILITY,
)
INFERRING_ATTACKS = (INFERENCE, STRANGER_INFERENCE, MEMBERSHIP, DOWNCODING)
ATTACKS = (*SINGLING_OUT_ATTACKS, *LINKING_ATTACKS, *INFERRING_ATTACKS)
#: What an attack's measures end in.
SUCCESS, CONTROL, BASELINE, EXCESS = ".success", ".control", ".baseline", ".excess"
