"""The word lists behind `values.normalise`."""

from __future__ import annotations

import re

__all__ = ["AMERICAN", "ISE", "ISE_KEPT", "KEPT", "SINGULAR"]

SINGULAR = (
    # The first ending that fits counts.
    ("ss", "ss"),  # kindness, openness, fairness
    ("us", "us"),  # focus, consensus
    ("is", "is"),  # analysis
    ("ics", "ics"),  # ethics, politics
    ("sses", "ss"),  # weaknesses
    ("ches", "ch"),
    ("shes", "sh"),
    ("xes", "x"),
    ("zzes", "zz"),
    ("ies", "y"),  # boundaries
    ("s", ""),
)
"""(ending of a word in -s, its singular)"""

KEPT = frozenset(
    {"always", "bias", "canvas", "chaos", "cosmos", "dies", "ethos", "kudos", "lens", "lies"}
    | {"logos", "means", "news", "pathos", "perhaps", "pros", "series", "species", "ties"}
    | {"others", "towards"}
)
"""Words in -s that are not plurals, or whose plural says something else."""

AMERICAN = (
    # -our
    ("ardour", "ardor"),
    ("behaviour", "behavior"),
    ("candour", "candor"),
    ("clamour", "clamor"),
    ("colour", "color"),
    ("demeanour", "demeanor"),
    ("endeavour", "endeavor"),
    ("favour", "favor"),
    ("fervour", "fervor"),
    ("flavour", "flavor"),
    ("harbour", "harbor"),
    ("honour", "honor"),
    ("humour", "humor"),
    ("labour", "labor"),
    ("neighbour", "neighbor"),
    ("rancour", "rancor"),
    ("rigour", "rigor"),
    ("saviour", "savior"),
    ("savour", "savor"),
    ("splendour", "splendor"),
    ("valour", "valor"),
    ("vigour", "vigor"),
    # -re, -ce
    ("centred", "centered"),
    ("defence", "defense"),
    ("licence", "license"),
    ("offence", "offense"),
    ("practis", "practic"),
    ("pretence", "pretense"),
    ("organis", "organiz"),
    ("recognis", "recogniz"),
    # doubled consonants
    ("counsellor", "counselor"),
    ("counselling", "counseling"),
    ("fulfilment", "fulfillment"),
    ("modelling", "modeling"),
    ("skilful", "skillful"),
    ("wilful", "willful"),
    # others
    ("acknowledgement", "acknowledgment"),
    ("judgement", "judgment"),
    ("scepti", "skepti"),
)
"""(British stem, American stem), replaced wherever they stand in a word."""

ISE = re.compile(r"(\w{3,})is(e|ed|er|ing|able|ation|ational)")
"""A word that may be spelled with -ize: its stem and its ending."""

ISE_KEPT = re.compile(
    r".*(a|o|u|w|[^i]c|[^i]v|nr|pr|sp|adv|prom|franch|parad|merchand)"
    r"|advert|chast|dem|expert|mort|pract|prem|treat|val"
)
"""Stems of words in -ise in America too: praise, noise, guise, likewise, exercise, revise,
paradise, sunrise, surprise, despise, advise, advertise, expertise, promise, improvise."""
