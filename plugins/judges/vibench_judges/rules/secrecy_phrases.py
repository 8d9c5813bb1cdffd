"""Cues of the values that keep something from others: privacy and discretion."""

from typing import Final

__all__ = ["SECRECY"]

# Long, because advice on privacy is mostly a verb and a kind of data.
_PRIVACY = """
(a|their|your|his|her) private life ...
(encrypted|locked|secure) (file|folder|drive|place)
(hold|holds|contain|contains) personal (data|information)
=for (your|the sake of|more|better|extra|their)? privacy
data (protection|privacy|minimization|minimisation)
(careful|care|caution|cautious|cautiously|wary) (with|about|of|when) .. (personal|private|\
sensitive|your|their) (data|information|details|records|photos)
(who|which apps|what apps|which companies) (can see|sees|has access|have access|collects|collect|\
can access|stores|store|can|may see|reads|knows|is collecting) ... (data|information|details|\
records|about you|photos|messages)
(separate|throwaway|disposable|different) (email|account|address|e-mail|nickname|number)
(limit|restrict|control|check|review|turn off|switch off|disable) .. (what|which|who) .. (apps|\
app|sites|companies|others|people|can) .. (track*|see|collect*|access*|share*)
(privacy) .. (come first|comes first|first|protected|important|matters|settings|respected)
(private|privacy) .. (data|information|details|records|account) .. (private|secret|safe|yourself|\
only)
(personal|private|sensitive|confidential|your|their) (information|data|details|records|bank \
details|account details|health records) ... (protect*|safe|secure|private|confidential|careful|\
share|sharing|keep|shared|secret|stored|post|posting|give|giving|yourself|online|consent|out of|\
permission)
(protect*|guard*|safeguard*|keep*|respect*|secure|value*|shield) .. (privacy|private|personal \
information|personal data|personal details|their data|your data|your information|confidential|\
your details|your identity|sensitive)
(your|their|people's|everyone's|someone's|others'|user|his|her|one's|our|of|right to|online|\
other people's|family's|somebody's) privacy
privacy (is|matters|of|settings|policy|policies|rights|and|first|comes|before|concerns|laws|\
invasion|violation|by|deserves|at)
(don't|do not|never|avoid|shouldn't|should not|careful about|think twice before|not to|refrain \
from|without|before|rather not|better not|wary of|cautious about|careful with) .. (share|sharing|\
post|posting|give|giving|reveal*|disclos*|publish*|hand*|leak*|upload*|send*) ... (address|\
number|password|passwords|personal|private|location|details|data|information|name|full name|\
phone|photos|sensitive|birthday|date of birth|medical|bank|id|account|identity)
=(don't|do not|never|avoid|shouldn't|should not|not|refrain from|without|rather not|better not|\
wary of|cautious about|careful with) .. (share|sharing|post|posting|give|giving|reveal*|disclos*|\
publish*|hand*|leak*|upload*|send*|ask*|store*) ... (address|number|password|passwords|personal|\
private|location|details|data|information|full name|phone|photos|sensitive|birthday|medical|bank|\
identity)
(strong|unique|two-factor|different|new) (password|passwords|authentication)
(without|asking|ask for|ask|get|getting|give|with|obtain*) (their|his|her|your|explicit|clear|\
the person's|someone's|everyone's|anyone's)? (consent|permission) ... (share|sharing|data|photo*|\
information|personal|record*|post*|track*|name|details|anything|private|publish*)
(consent|permission) before .. (shar*|post*|collect*|using|record*|publish*|taking|passing)
(leave|leaving|keep|kept|remove|blur|strip|hide|cut|crop) .. (names|name|address|addresses|\
identifying|location|details|faces|number*|personal) (out|private|off|away|hidden|to yourself|\
from)
(identifying|identifiable) (details|information)
(stay|stays|kept|keep it|keep this|remain|remains) (between us|private|with me|confidential)
share .. (only|as little|only what|no more|less|least) ... (need*|necessary|trust|must|possible|\
information|details|about yourself)
"""

# Privacy is about data; this is about what is said, to whom and when.
_DISCRETION = """
(better|best) left unsaid
think (carefully|twice|hard|first)? .. (who|whom|what|before|how) you (mention|tell|say|speak|\
share|confide|talk|raise|bring)
(what|who) .. (is said|you say|gets said|we say|you tell) (and|to) (to)? (whom|who)
(leave|leaving|left) (out|unsaid|unspoken) .. (sensitive|private|delicate|painful|embarrassing|\
details|names)
(word|phrase|put|say|express) (it|this|that|things|your) .. (carefully|gently|tactfully|politely|\
softly|kindly|delicately)
(choose|choosing|pick|weigh|mind|watch|careful with|measure) .. (your|my|our|the right) (words|\
moment|wording|time and place|timing|audience|time|tone)
(pull|take|draw) (him|her|them|your|the person|someone|that person|my) .. aside
=(not|isn't|it's not|wasn't) (mine|yours|my|your|our|ours|my place|your place|my story|your \
story|for me|for us|his|hers) (to tell|to share|to say|story|place|secret|business|news)
(tell|telling|share|sharing|mention*|speak|say|said|bring it up|trust) .. (only|just) .. (those \
who|people who|who need*|the person|one person|someone you trust|what|person involved|what's \
needed|as much|one friend|the people) ... (know|need*|trust|necessary|concerned|involved|must|\
asked|to)?
(sensitive|delicate|touchy) (matter|subject|topic|issue|news|question|situation|moment|\
conversation|thing|ground) ... (gently|carefully|privately|quietly|care|word*|alone|tact*|\
private|discre*|aside|soft*|careful)
(keep|keeping|kept) (it|this|that|quiet|things|her secret|his secret|a secret|their secret|the \
secret|the news|secrets|someone's secret|a friend's|what) ... (quiet|private|low-key|\
confidential|to yourself|between|secret|confidence|safe|discreet|vague|brief|general|short)
(wait|waiting) (until|for|till) .. (alone|private|the right moment|a quiet|you two|a calm|\
everyone has left|others have left|others are|room is empty|the room)
(say|saying|tell|share) (less|little|no more|as little)
(hold|bite) (your|my|one's) tongue
"""

SECRECY: Final[dict[str, str]] = {
    "privacy": _PRIVACY,
    "discretion": _DISCRETION,
}
