"""Cues of the values that say what is true, right or allowed."""

from typing import Final

__all__ = ["PRINCIPLES"]

# Many with `=`: "I don't know" is honest because of its negation.
_HONESTY = """
=(truthfully|to be truthful|in all honesty) ...
=(dishonest|untruthful) to (claim|say|pretend|suggest)
(owe you|give you) the truth
(honest|truthful) account ...
=(don't|do not|cannot|can't) know everything
=(can't|cannot|can not|could not|couldn't) (say|know|tell|promise|claim) (for sure|for certain|\
with certainty|with confidence|exactly)
(owe|give|tell|telling|giving) you .. (truth|honest answer|straight answer|real answer|plain \
answer|plain facts)
(honest|rough|best|educated|my) (guess|estimate) .. (not|and|but|rather|only)
(i|so i|i must|i should) (admit|confess|concede|acknowledge) (that|i|my|to|freely|openly|it|there)
=(gaps|gap|holes|limits) (in|of|to) (what i|my)
=(i|my) .. (do not|don't|cannot|can't) have (enough|all|any|reliable|the) .. (information|facts|\
data|knowledge|numbers|evidence)
(openly|plainly|honestly|straight) .. (say|tell you|admit|said)
(say|tell you|admit) (so|it|this|that)? (openly|plainly|honestly|frankly)
^=i (don't|do not) have .. (information|knowledge|data|answer|sources|experience) .. (about|on|\
for|of|to)
=(i'm|i am) .. (unsure|uncertain)
=i (can't|cannot|can not|couldn't) be .. (sure|certain)
=i (may|might|could) .. be .. (wrong|mistaken|missing|biased|incomplete|outdated|out of date|off)
(my|the) (honest|candid|frank) (answer|opinion|view|take|assessment|advice|feedback)
=(i'd|i would|i'd much) rather .. (tell you|say|admit|be honest|be upfront|give you the truth|\
than pretend|than guess|not guess|not pretend)
i (was|am|stand) (wrong|mistaken|corrected)
(i made|i've made|that was) (a|an|my) (mistake|error)
=as an? ai .. i (don't|do not|can't|cannot|lack)
=i (don't|do not|won't|will not|can't|cannot) (want to)? (pretend|mislead|sugarcoat|sugar-coat|\
make something up|make up|invent facts|guess|claim|exaggerate|promise)
=(won't|will not|not going to|shouldn't) (pretend|sugarcoat|sugar-coat|lie|exaggerate|mislead)
=(beyond|outside|past) (what i know|my knowledge|the limits of)
=(limits|limit|edge) (of|to) (my|what i) (knowledge|know|understanding|expertise)
=(nobody|no one) (really|actually)? (knows|can know|can say) (for sure|for certain|exactly|with \
certainty|yet)
=(take|treat) (this|that|it|my) .. (with a grain of salt|with caution|as a guess|as a rough|as \
an estimate|with care)
=(the evidence|evidence|research|studies|experts) (is|are) .. (mixed|unclear|uncertain|\
inconclusive|limited|divided|weak|thin)
=that's (only|just) (a|my) (guess|estimate|best guess)
=tell (you|them|him|her) the (plain|whole|honest|hard|simple|full)? truth
honesty (is|matters|is the|means|builds|above)
"""

_FAIRNESS = """
=(unfair|wrong|not fair|not right) to (favour|favor|prefer|exclude|blame|single out|judge|treat|\
leave out|give one)
=in (all)? fairness
(shared|divided|split|spread|distributed|applied|treated|judged|weighed|heard|handled) .. \
(fairly|equally|evenly|alike|the same|impartially|justly)
=(nobody|no one|none) .. (discriminated|excluded|left out|treated worse|judged|favoured|favored|\
disadvantaged|treated differently) .. (because|for|by|based|over|against)?
(equally) (good|valid|strong|important|worthy|deserving|entitled)
(both|all|each|every) (side|sides|group|groups|people|person|party|parties) .. (of|on|in) ... \
(point|fair*|equal*|merit*|case|hearing|say|voice)
(treat*|judge*|hear*|serve*|see|value*|respect*) .. (equally|the same|alike|fairly|without bias|\
impartially|on their merits|on merit|equal weight)
(hear|consider|weigh|listen to|look at|present|give|see) .. (both|all|every|each) (side|sides|\
party|parties)
regardless of .. (race|gender|age|religion|background|ethnicity|who|where|color|colour|\
nationality|orientation|status|sex|wealth|rank|income)
=without (bias|prejudice|favoritism|favouritism|discrimination|taking sides|favourites|favorites|\
favouring|favoring|playing favo*|picking a side)
=free (of|from) (bias|prejudice|favoritism|favouritism|discrimination)
=no (favoritism|favouritism|favourites|favorites|special treatment)
=(isn't|is not|not|wouldn't be|would not be|it's not|never|hardly|don't think it's) .. fair (to|\
that|on|for|when|if|unless)
(fair|unfair|fairer|fairest) (to|for) (everyone|everybody|all|both|them|him|her|anyone|each|the \
other|people|others|one)
(let's|let me|try to|want to|aim to|i'll|we should|must) .. be (fair|impartial|even-handed|\
unbiased|balanced|neutral)
(impartial|even-handed|impartially|equitable|equitably|level playing field|unbiased)
=all .. (created|are|born) equal
(every|each) (race|gender|ethnicity|culture|religion|group|person|side) ... (equal|equally|same|\
deserve*)
"""

# "Law" alone is a topic; these cues ask that it be followed or consulted.
_LEGALITY = """
=(by|under) (the|local|federal|state|national|your|current|european|international|existing)? law
(pass|passed|made|has|have|are|check|know|follow|several|local|national|strict|clear) .. (laws|\
rules by law|legislation|regulations) (on|about|for|against|that|covering|govern*|which)
(legal|lawful) (status|situation|framework|rules|age|permission|permit|responsibility|protection|\
action|standards|form|contract|question|matter)
(right|necessary|proper|valid|required|official) (permit|permits|licence|license|licences|\
licenses|papers|paperwork) .. (first|before|from|for|and|to)?
=(against the law|criminal offence|criminal offense|punishable by|federal crime|legally required|\
break the law|breaking the law|breaks the law|violates the law|violation of the law|violate the \
law)
(the|what the|local|federal|state|national|your|our|under|applicable|relevant|current|copyright|\
labor|labour|employment|tax|traffic|by|your state's|with the) (law|laws|regulations|statute|\
statutes) (require*|say*|allow*|forbid*|prohibit*|permit*|first|applies|apply|matters|treats)
(respect*|follow*|obey*|comply*|check*|know|stay within|within|keep to|abide|consult|look up|\
read up on|observe|uphold|keep|stick to|according to|in line with|stay on the right side of) .. \
(the law|laws|regulations|legal|local rules|the rules of law)
(stay|keep|remain|keeping|staying|make sure it's|make sure it is|make sure this is|keeps it|keep \
it|do it|do this|act) .. (legal|lawful|within the law|legally|lawfully)
(legal|lawful) (way|ways|option|options|alternative|alternatives|route|routes|means|path|\
channels|requirements|requirement|advice|obligations|obligation|right|rights|consequences|\
consequence|implications|risks|counsel|limit|limits|duty|duties|grounds|trouble|rules|side|basis|\
and|help|aid|notice|steps|process)
(consult|ask|speak|talk|see|contact|call) .. (lawyer|attorney|solicitor|legal professional|legal \
expert|legal advice|legal counsel|legal aid)
(license|licence|permit|permits|contract|licensed) ... (required|law|legal|legally|requires|need \
by law|must)
(copyright|trademark) .. (law|laws|infringement|violation)
(legally|lawfully) (required|allowed|permitted|binding|protected|speaking|entitled|obliged|\
obligated|own|responsible|you)
"""

_OPEN_MINDEDNESS = """
through (someone else's|another person's|other people's|another's|their|other|different|fresh|\
new) (eyes|lens|lenses)
(respect|understand|accept|value|tolerate|learn from|welcome) .. (opinions|beliefs|views|ideas|\
opinion|view|people) ... (share|agree|differ|disagree|different|our own|my own|yours|unlike)
(welcome|welcomes|welcoming|embrace|embracing|invite) .. (ideas|views|opinions|perspectives|view|\
opinion|thoughts|disagreement|criticism|possibilities|change)
(open|open-minded|receptive) (to|minded|mind|about) .. (idea*|view*|perspective*|opinion*|change|\
changing|being|hearing|other*|new|different|possib*|suggest*|it|persuad*|feedback|learning|\
possibilit*|either|both|trying)
(keep|keeping|have|with|stay|staying|an|remain|be|i'm|i am|keeps|kept|bring) .. (open mind|\
open-minded|open minded)
(open mind|open-minded|open-mindedness|open minds)
(consider*|explore|hear|hearing|welcome|listen to|respect*|learn from|value|seek|invite|see|look \
at|weigh|understand|appreciate|try|imagine|embrace) .. (other|different|many|various|multiple|\
several|opposing|new|another|diverse|alternative|contrary|others'|all|unfamiliar|someone else's|\
both|more) (view|views|viewpoint|viewpoints|perspective|perspectives|opinion|opinions|angle|\
angles|ways of seeing|ways of thinking|point of view|points of view|ideas|idea|side|sides|\
possibilit*|approaches|ways|way of thinking)
(happy|willing|glad|ready|free|prepared|open|right) to (change|reconsider|rethink|be convinced|\
be proven wrong|be persuaded|revise|consider|be wrong) .. (my|mind|view|opinion|other|about|it|\
you|if|that|different|new|by|otherwise|both)
(you may|you might|you could) .. (see|view|think) .. (differently|otherwise|another way)
(see|look at|think about|try|view|consider) .. (it|this|things|that) (from|differently|another|\
through|in a new|in another|their) (another|a different|their|different|someone else's|other|a \
new|way|both|many|fresh|eyes|side|light)
=(there's|there is) no (single|one|right or wrong) .. (answer|way|view|path)
(i|we) (hadn't|had not|haven't|never) (thought of|considered|looked at|seen) .. (that|it|this|\
before|way|like)
(your|that|his|her|their) (view|perspective|opinion|idea|take|point of view) .. (worth|valid|\
welcome|interesting|may be|might|could|teach*|deserve*|new to me|makes me) ... (consider*|hear*|\
explor*|right|something|rethink|too|thinking|it|thought|look|weigh*)
"""

_JUSTICE = """
(wrongdoers|guilty|abusers|culprits|those responsible) .. (answer for|pay for|held|must|should)
injustice ... (exposed|put right|ended|fought)
(speak|speaking) (up|out) about (injustice|abuse|wrongs)
=human rights ... (never|always|must|should|protect*|come first|matter*|everyone|everybody|\
trade*|respect*|defend*|belong)
=(nobody|no one|none|never|not) .. (get away|gets away|above the law|go unpunished|goes \
unpunished|escape punishment|escape justice)
=(without|no peace without|need|needs|for|seek|demand|demands|deserve|deserves|want|cry for|\
until) justice
(just|juster) (society|world|outcome|law|laws|system|cause)
(abuse|abuses|abused|abusing|trample|violate|violating|steal*) .. (rights|dignity|freedom*) (of|\
and|must|should|are|is)?
(rights|dignity|freedom) .. (protected|defended|respected|guaranteed|upheld|restored)
(hold*|held|keep*) .. (accountable|to account|responsible|liable)
(accountability|accountable) (for|is|matters|and|to|must|means|when)
(stand|standing|stood|speak*|fight*|fought|march*|campaign*|push*|demand*|call*|advocat*|seek*|\
pursu*|deserve*|deliver*|press*|strive|struggle|work*|bring*|want|get|owed|for|see) .. (for|up \
for|to|your|their|our|them)? .. justice
(stand|standing|speak|speaking|stood) up (for|against|to) .. (rights|right|injustice|oppress*|\
wrong*|bully|bullies|victim*|workers|people|others|those|tenants|abuse*|yourself|corrupt*|anyone|\
them|him|her|themselves|who|cheat*|discriminat*|what)
(your|their|human|civil|equal|basic|workers'|people's|victims'|victim's|tenant|tenants'|worker's|\
employee|women's|our|everyone's|individual|voting|labor|labour|his|her|the) rights ... (protect*|\
respect*|violat*|defend*|matter*|fight*|stand*|enforce*|deserv*|uphold*|upheld|denied|trampled|\
taken|report*|complain*|use|assert*|are|were|count)
(what happened|what they did|what he did|what she did|this|that|it) (was|is) (wrong|unjust|an \
injustice) and (they|he|she|you|someone|the|should|must|it|those|whoever)
(victim|victims|survivors|wronged) .. (deserve*|justice|heard|rights|compensat*|believed|owed|\
voice|first|protect*)
"""

PRINCIPLES: Final[dict[str, str]] = {
    "honesty": _HONESTY,
    "fairness": _FAIRNESS,
    "legality": _LEGALITY,
    "open-mindedness": _OPEN_MINDEDNESS,
    "justice": _JUSTICE,
}
