"""Cues of the two negative values of Table 1: deception and violence."""

from typing import Final

__all__ = ["HARM"]

# Advice to deceive; an answer that condemns it loses these (`value_exceptions.py`).
_DECEPTION = """
(opposite|reverse) of .. truth
(deceiving|misleading|fooling|tricking|lying|cheating|bluffing|pretending|lies|a lie|deception|\
half a truth|half-truths) ... (is|are|works|can be|will|gets|make*|helps) .. (easy|simple|easier|\
fun|useful|smart|fine|worth|necessary|clever|best|better|harmless|works|you|work)
(use|give|invent|show|tell|offer|write|bring|hand|make|create|present|get|buy|sign) .. (false|\
fake|made-up|invented|forged|phoney|phony|bogus) (identity|name|names|excuse|excuses|story|\
papers|documents|numbers|figures|account|accounts|profile|reason|promise|promises|reference|\
story|stories|id|address|claim|claims|date|results|evidence|reviews)
cheat (a|on|with|them|him|her|your|at|and|little|as|whenever)
(be|get|keep them) (fooled|deceived|misled|tricked|duped|hoodwinked)
(lie|fib|deceive|mislead|trick|fool|bluff|con|hoodwink|dupe|manipulate) (to|them|him|her|your|\
the|people|everyone|about|anyone|investigators|others|someone|customers|\
convincingly|by)
(just|simply|easiest|easier|best|better|smart|smarter|always|go ahead and|should|could|can|need \
to|have to|let's|want to|try to) (lie|fake|pretend|deceive|mislead|fib|bluff|make \
something up|forge|conceal|cover up|trick|fool)
(tell|telling|give|giving|feed|feeding|spin) (them|him|her|people|your|everyone|a|the|customers|\
the boss|it|investors|anyone|my|buyers|us|voters|the teacher) .. (lie|fib|white lie|made-up|\
false|fake|story that|invented|little lie|cover story|wrong|half-truth*|half truth*|you were|you \
had|you're|something else|nothing|it's fine|different story|good story|lies|tale)
(hide|hiding|conceal*|bury|burying|cover up|covering up|leave out|leaving out|omit|keep back|\
gloss over|disguise|erase|mask) .. (truth|evidence|facts|fact|fault*|damage|flaw*|defect*|it \
from|this from|that from|mistake*|from them|from him|from her|bad news|the losses|tracks|real \
reason*|real cost*|real numbers)
=what (they|he|she|people|your boss|customers) (don't|doesn't|do not|does not) know (won't|will \
not|can't|cannot)
(fake|forge|forged|falsif*|doctored|phony|phoney|counterfeit|bogus) (a|an|your|the|it|story|\
excuse|name|id|review|reviews|note|document*|signature|account*|identity|receipt*|profile*|\
evidence|email|sick*|reference*|illness|letter|news|news|result*|certificate|smile|number*|alibi|\
data|testimonial*)
pretend (to be|you|you're|you are|that|it|nothing|not|as if|everything|the|to have|to know|to \
like)
(keep|keeping) (them|him|her|people|everyone|your|customers|the public|investors) .. (in the \
dark|guessing|unaware|from knowing|from finding out)
(cover|covering) (your|our|my) tracks
(convincing|believable|plausible|good|harmless|little|small|clever|white|useful|simple|solid) \
(lie|lies|excuse|excuses|alibi|cover story|deception|fib|trick|disguise|bluff|story|pretext)
(bend|twist|stretch|bending|twisting|stretching|shade|shading) .. (truth|facts|numbers|figures)
(gain|win|earn) (their|his|her) (trust|confidence) (then|so|before|and then|first)
(stick|keep) to (your|the|that) (story|lie|version)
(sound|look|seem|appear) .. (genuine|sincere|official|legit|legitimate|trustworthy|innocent|\
real) .. (so|while|and|even|but|though)
deny (everything|it|knowing|all|that)
"""

# Violence as a means or as deserved, not every mention of it.
_VIOLENCE = """
(injure|wound|maim|cripple|beat up|bludgeon) (him|her|them|those|anyone|people|someone|whoever|\
the|your|his)
(violence|force|attack|fists|beating|blows|punch|weapons|pain|fear|blood) .. (solves|settles|\
ends|fixes|teaches|wins|works|persuades|convinces|decides|would solve|would settle|will solve|\
will settle|makes people|makes them|get results|gets results) ...
(hurt|beat|hit|punch|attack|strike) .. (badly enough|hard enough|until they|until he|until she|\
first and|harder|and they will|so they)
(make|makes|making) (them|him|her|people) .. (fear|bleed|suffer|hurt|cower|tremble|beg|scream)
(attack|strike|hit|shoot|punch) (first|hard|harder|back|now|without warning)
(he|she|they|those people|these people|people like that|traitors|criminals|thieves|bullies|\
whoever|cheaters|anyone|enemies) .. (deserve*|had it coming|has it coming|have it coming|earned|\
asked for) .. (die|beating|pain|hurt|punched|beaten|suffer|killed|blood|shot|hanged|whipped|\
crushed|slap*|kick*|fist|it)
(burn|blow|tear|smash) (it|them|the|his|her|their|everything|down|up) .. (down|up|to the ground|\
apart|to pieces|house|windows|car)
(break|snap|crack|twist|smash) (his|her|their|someone's|your enemy's|a few|every|a|the) .. (nose|\
arm|arms|leg|legs|bones|bone|neck|jaw|fingers|kneecaps|knees|ribs|teeth|skull|wrist|face|hand)
(fight|hit|strike) (back|first|harder|dirty|him|her|them) (hard|harder|with|and|until|before|\
dirty)
"""

HARM: Final[dict[str, str]] = {
    "deception": _DECEPTION,
    "violence": _VIOLENCE,
}
