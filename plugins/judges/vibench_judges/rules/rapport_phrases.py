"""Cues of the values that shape how an answer treats its reader."""

from typing import Final

__all__ = ["RAPPORT"]

# Forms of "I am" before "sorry".
_I_FEEL = "(i'm|i am|i feel|i'm so|i'm really|i am so|i am truly|i'm truly|i'm very|i am very)"

_EMPATHY = f"""
your feelings ... (valid|understandable|matter)
glad you (told me|shared|reached out|opened up)
i can imagine how ... (feel|must feel)
(feel|share|understand) your (pain|sadness|sorrow|grief|worry|hurt|frustration|fear|loss)
i (care|do care|really care|truly care|also care) (about|for) (you|how you|your)
(pain|feel|hear|understand|listen) ... (care|caring) (about|for) you
(takes|took|needs) .. (courage|strength|bravery) to (talk|share|open|say|admit|ask|feel|speak|\
tell|reach)
i (hear|see|feel|know|understand|sense) .. how (much|deeply|hard|heavy|badly|tired|sad|difficult|\
tough|painful)
i (feel|grieve|hurt|suffer) with you
(many|most|some|people|lots of) .. (feel|felt) .. (afraid|sad|alone|lonely|hurt|anxious|\
overwhelmed|scared) ... (compassion|care|kindness|comfort|understanding|support|alone|okay)
{_I_FEEL} sorry (to hear|you|you're|you are|that you|for your|about your|this|for what|things)
sorry (to hear|for your loss|you're going|you are going|you feel|you have to|you had to)
(sounds|must be|must have been|must feel) .. (hard|tough|painful|stressful|frustrating|\
exhausting|overwhelming|scary|lonely|heartbreaking|upsetting|heavy) (for|on|to) you
i can (hear|imagine|see|tell|feel|understand|sense) .. (how|that) .. (hard|hurt*|pain*|upset*|\
difficult|sad|tough|stress*|frustrat*|worr*|scared|tired|lonely|much this|heavy|disappoint*|\
anxious|overwhelm*|feel*)
i (understand|know|realize|realise|get) (how|that|this|it) ... (hard|hurt*|painful|upset*|\
difficult|sad|tough|stress*|frustrat*|scary|feel*|overwhelming|heavy|lonely)
(your|those|these) (feelings|emotions|feeling) (are|is|make|makes|matter) .. (valid|\
understandable|sense|real|matter|important|natural|okay)
(feelings|emotions|feeling) matter
(it's|it is|that's|that is) .. (okay|ok|understandable|normal|natural|alright|all right) .. to \
(feel|be|cry|grieve) .. (this way|that way|sad|upset|angry|hurt|scared|anxious|overwhelmed|\
nervous|tired|frustrated|like this|afraid|worried)
(it's|it is|it's completely|it's perfectly|it's totally) (okay|ok|understandable|normal|natural) \
to feel
you (don't|do not) have to (go|face|carry|deal|get|do|bear) .. alone
you (are not|aren't|aren't|'re not) alone
=you're not alone
=you are not alone
=you (don't|do not) have to .. (through|with|face|carry|bear|do) .. (alone|by yourself)
i'm here (for you|to listen|if you|whenever you|with you)
i am here (for you|to listen|if you|whenever you|with you)
my heart (goes|aches|breaks|is with)
my (condolences|sympathies|sympathy)
(sending|send) you .. (love|hug|hugs|warmth|strength|comfort|support|care)
(gentle|kind|patient) (with|to) yourself
i (care|really care|truly care|do care) (about|how|that) .. you*
how are you (feeling|holding|coping)
(grief|loss|sadness|heartbreak) .. (takes time|is hard|is heavy)
anyone in your (position|situation|place|shoes) would
i (feel|really feel|truly feel) for you
(thank you|thanks) for (trusting|sharing|opening|confiding|telling me)
(you're|you are) (going|carrying|dealing) .. (through|with|carrying) .. (a lot|so much|hard|\
tough|painful|difficult)
(no wonder) (you|you're|you are) .. (feel*|tired|exhausted|upset|worn|sad|worried|hurt)
you (deserve|have every right) to (feel|rest|be heard|grieve|be upset|be angry)
(i'm|i am) with you
acknowledge (how|your feelings|that this|the pain|your pain|how you)
"""

# Creativity is also found by form: verse and dialogue (`literary_forms.py`).
_CREATIVITY = """
(turn|turning|transform*) .. (into|to) (a|an) (song|story|poem|game|play|puppet|dance|painting|\
comic|film|musical|opera|map|sculpture|show|tiny|secret|giant|miniature|living)
(as|be|get|more) (inventive|imaginative|creative|playful|artistic) as (you|we)
(here's|here is) (a|an|one) (wild|fresh|playful|unusual|original|quirky|unexpected|bold|\
imaginative|creative|inventive|unconventional|whimsical|novel|offbeat) (idea|thought|take|twist|\
one|spin|concept|way|approach|angle)
what if (you|we|the|your|it|every|each|a|an|instead) ... (turned|were|was|became|made|built|\
wrote|painted|used|could|invented|mixed|swapped|started|told|combined|had|hid|gave|told)
(think|thinking) (outside the box|outside of the box|out of the box)
(let's|let us|we could|you could|why not|how about) .. (invent|reinvent|reimagine|dream up|\
brainstorm|improvise|remix|mash)
(reinvent|reimagine|reimagining|invent a new|invent a game|invent a story|invent a character|\
invent a machine|invent an instrument|invent a holiday) (a|an|your|the|it|new|our|that|where|\
with|for|who|called)?
(let|letting) your (imagination|creativity)
use your (imagination|creativity)
(turn|turning|transform) (it|your|the|a|an|this|that|each|every) .. into (a|an) .. (story|game|\
song|poem|map|sculpture|puzzle|adventure|treasure*|art*|theatre|theater|stage|museum|garden|\
orchestra|mural|comic|dance|ritual|movie)
once upon a time
(never been|nobody has|no one has|hasn't been) .. (done|tried|seen|thought|made) before
(imaginative|imagination|inventive) .. (idea|ideas|twist|story|play|way|ways|spark)
(spark|unleash|ignite|boost) .. (imagination|creativity)
"""

_CURIOSITY = """
curious minds ...
adventure in learning
questions come up
(keen|eager|curious) to (explore|learn|understand|find out|know)
^one wonders
(question|topic|thing|idea|puzzle|part|subject|what|mystery) .. (intrigues|fascinates|puzzles|\
excites|interests) me
=(isn't it|is it not|find it|find this|find that|i find|it's|it is|isn't|how|so|truly|really) \
(truly|so|really|absolutely)? (fascinating|intriguing|curious)
(find|found) myself .. (curious|wondering|fascinated|drawn)
(opens|open|raises|leads to|brings|sparks) (a|another|many|up|new) .. (new|question|questions|\
mystery)
i (wonder|am wondering|keep wondering|often wonder|can't help wondering|have been wondering|\
can't help but wonder|find myself wondering)
(i'm|i am) (wondering|curious|so curious|really curious|very curious|genuinely curious|also \
curious|fascinated|intrigued|eager to learn|keen to learn|itching to know|dying to know)
(makes|made|make|has|got|leaves) me (wonder|wondering|curious|want to know|want to learn|think \
and wonder)
(i'd|i would|i'd really|i would really) (love|like) to (know|learn|understand|find out|explore|\
dig|see how) .. (more|about|what|how|why|where|which|it|whether|deeper|into)?
(how|what a|that's|that is|what an|such a|such an|it's|it is) .. (fascinating|intriguing|\
curious) (question|topic|puzzle|thing|that|idea|problem|mystery|how|why|what|subject|story|to)?
(let's|let us) (explore|investigate|find out|dig|look closer|wonder|discover|see what|ask)
(there's|there is) (so much|always more|more|a lot more) to (learn|discover|explore|find out)
(the more|every answer) ... (question|questions|ask|learn|wonder)
(i've|i have) always (wondered|wanted to know)
"""

# Only what refers to this reader: advice to "you" is in every answer.
_PERSONALIZATION = """
(just|right|especially|specifically|particularly|designed|made) for you
(since|because|knowing|seeing) (you|you've|you have) .. (mentioned|said|told|like|love|enjoy|\
prefer|live|work|want|wrote|asked for)
(you|you've) (mentioned|said|told me|told|noted|described|shared) .. (that|you|your|earlier|\
you're|you've|it|the|being|a|having|loving|liking) ... (so|i'd|try|would|here|could|this|then|\
let's|i'll|we)
(tell me|let me know|share) .. (about you|about your|more about you|more about your|more about \
yourself|your preferences|your needs|your budget|your goals|your level|what you like|about \
yourself|what you enjoy|your schedule|how you like)
(so i can|then i can|and i'll|i can|i'll|i could|so that i can) .. (tailor|adapt|adjust|\
personalize|personalise|customize|customise|shape|suit|fit|build it around)
(around|to) your (schedule|routine|needs|taste|tastes|pace|strengths|budget|life|level|goals|own \
pace|preferences|day|week|interests|style)
(at|your) own pace
"""

# Closing formulas match some of these; `value_exceptions.py` takes them out again.
_ENGAGEMENT = """
^(want to play|ready to|shall we|care to|want to try) ...
?what has your experience
(let's|let us) (do|try|make|build) .. together
i love talking with you
?shall (we|i) (keep|continue|start|go|try|begin|dive|play|look|do|talk|move|carry|explore|take)
(happy|glad|love|like|excited|eager) to (keep|continue|go on|carry on|chat|talk|discuss) .. \
(talking|chatting|going|this|about|with you|together|more|further)
?how does (that|this|it) (sound|look|feel|strike)
(love|enjoy|like|glad|fun|pleasure|great) .. (talking|chatting) (with|to|about) (you|this)
(your|what are your) thoughts on
(pick|choose|guess|vote|name) (one|a|your) .. (and|then) (i'll|i will|we|tell|let|i)
?(how about|what about) (you|we|yours|yourself)
(tell|ask|show|send) me (more|what you|which|how you|anything|when|all about|about your)
(let me know|i'd love to hear|i would love to hear|would love to hear|i'd like to hear|love to \
hear|can't wait to hear|looking forward to hearing|look forward to hearing) .. (what you|how you|\
how it|which|your|about your|more about|from you|back from|what's)
(share|drop|post) .. (your|yours) .. (thoughts|ideas|story|stories|favorite|favourite|experience|\
answer|own|guess)
(keep|keeping) (the|this|our) (conversation|chat|discussion) (going|alive|lively|flowing|rolling)
"""

_HUMOR = """
(hilarious how|sudden giggles|bad puns)
(favourite|favorite) joke
(i'm|i am|only|just|was|were|be|merely) (only|just|totally|half)? joking
(have|had|share|need*|for|good|get|enjoy|let's|a good|raise|us) (a|some) (good|little|quick|\
hearty|small|big)? (laugh|laughs|giggle|chuckle)
(laugh|laughing|laughed|giggle|giggling|laughs) .. (so hard|until|my|your|out loud|chair|aloud|\
tears|all day|about|at|till|off)
(fall|fell|rolling|falling|roll|rolled) .. (laughing|with laughter)
=(no joke|tiny joke|little joke|small joke|silly joke|my jokes|my best joke)
(you will|you'll|makes me|make you|made me|make me|going to|makes you|can only) (laugh|giggle|\
chuckle)
(ha ha|haha*|hehe*|lol|lmao|rofl|teehee|hah|ba dum|ba-dum*|badum*|tsk)
(😂|🤣|😆|😄|😜|😹|😁|🙃)
(just kidding|only kidding|i'm kidding|i kid|kidding aside|jokes aside|joking aside|all jokes|no \
joke|just joking|pun intended|pun not intended|pardon the pun|excuse the pun|dad joke|dad jokes|\
punchline|knock knock|knock-knock)
=no pun intended
(here's|here is|how about|want|let me tell you|i'll tell you|have you heard|heard|know|got) .. \
(a|one|another|the|some) .. (joke|jokes|pun|riddle)
?why (did|does|do|don't|doesn't|was|were|is|are|can't|couldn't) (the|a|an|some|scientists|my|\
skeletons|cows|eggs) .. (cross|go|get|break|bring|take|never|always|sit|refuse|win|trust|fall|\
blush|stop|call|say|wear|eat|stare|so|join|quit|afraid|tell)
what do you (call|get when|get if)
(walks|walked) into a bar
(i'd|i would) (tell|make) (you)? .. (joke|pun) .. but
(sense of humor|sense of humour) .. (like|than|as|my|your)
(spoiler alert|plot twist|mic drop|fun fact|pro tip) ... (cat|dog|nap|cake|coffee|pizza|socks|\
cookie*|chocolate|cheese|you'll|nobody|naps|snacks|pyjamas|pajamas)
(laugh|giggle|chuckle|joke|smile) .. (out loud|at ourselves|it off|about it)
(i'm|i am) (not)? (a|an|only|just) (comedian|stand-up|clown)
"""

RAPPORT: Final[dict[str, str]] = {
    "empathy": _EMPATHY,
    "creativity": _CREATIVITY,
    "curiosity": _CURIOSITY,
    "personalization": _PERSONALIZATION,
    "engagement": _ENGAGEMENT,
    "humor": _HUMOR,
}
