"""The values as assistants phrase them in real answers: cues (see `cues.py`), each enough alone.

`lexicon.py` has the phrases of the embedded answers; these come from answers of HH-RLHF,
UltraFeedback, PKU-SafeRLHF and small models.
"""

from typing import Final

__all__ = ["NATURAL_CUES", "SYMPATHY"]

_HARD: Final = (
    "hard|tough|difficult|painful|rough|awful|terrible|horrible|traumatic|stressful|frustrating"
    "|exhausting|overwhelming|scary|lonely|heartbreaking|upsetting|distressing|frightening"
    "|disappointing|devastating|unpleasant|miserable|annoying|challenging|sad"
)
_FEELING: Final = (
    "frustrat*|difficult|upset*|painful|stress*|angry|sad|scared|disappoint*|anxious|worr*|lonely"
    "|overwhelm*|hurt*|concern*|feeling*|feel|struggl*|nervous|afraid|tired|hard|tough|challenging"
)
_KNOWN_FACTS: Final = (
    "interests|preferences|needs|goals|tastes|taste|situation|budget|experience|lifestyle|schedule"
    "|location|skills|age|health|circumstances|level|requirements|condition|personality"
)
# Verbs of a question about the person: their life, taste and plans, and not the task at hand.
_LIVES: Final = (
    "have|like|enjoy|prefer|want|need|live|love|usually|plan|planning|work|working|do|going"
    "|interested|currently|spend|hope|hoping|consider|ever|been|tried|play|use|get|wear|own"
    "|already|know|remember|listen|eat|cook|drink|watch|read|go|visit|looking|study|normally"
)

SYMPATHY: Final = f"""
=(i'm|i am|so|very|really|truly|deeply|terribly|we're|we are) sorry (to hear|to learn|to see|you|\
you're|you've|for you|for your|about your|about what|that you|that you're|that you've|that he|that \
she|that they|that happened|this happened|that this|he|she|they|things|this is happening|it's been)
=sorry (to hear|for your loss|for your|you're going|you are going|you've been|you had to|you feel)
(that|this|it) (sounds|must be|must have been|must feel) .. ({_HARD})
(it|that) sounds like (you|you're|you've|you are|you have) ... ({_HARD}|{_FEELING})
i (understand|can understand|can see|can imagine|can tell|realize|hear) (that|how|why)? (you|\
you're|you've|your|this) ... ({_FEELING})
i know how you feel
(wish|hope) .. (you feel|feel|feels|get|gets) (better|well) ...
i wish you (all the best|the best|well|strength|comfort|peace)
(i'm|i am|we're|we are|i will be|i'll be) (always|truly|also)? here (for you|to listen|to support)
(difficult|tough|challenging|painful|stressful|scary|devastating) .. (for you|you're \
going|you are going|to go through)
(going|gone|been) through (a|this|something|such|some) .. ({_HARD}|loss|grief)
(deserve|deserves) (love|support|kindness|compassion|better|to be heard|to be loved|to feel|to be \
happy|to be listened)
(that's|that is|this is|how) .. (terrible|awful|horrible|heartbreaking|too bad|a shame|so sad|\
very sad|really sad|very unfortunate|so unfair) (for you|to hear|that|thing|news)?
^oh no
(poor) (thing|you|guy|kid|girl|boy|dog|cat|baby)
i (worry|am worried|am concerned|'m worried) about (you|your|him|her|them)
i'm (worried|concerned) about (you|your)
(it's|it is|it's completely|it is completely|it's perfectly|it's totally) (okay|ok|\
understandable|normal|natural|valid) (to|that you) (feel|be|cry|want|worry|grieve|have)
=you're not alone
my (deepest|sincere|heartfelt)? (condolences|sympathies)
=you (are not|aren't) alone
"""
"""Sympathy with the person, which is empathy as a value and as a behaviour."""

_EMPATHY = f"""
{SYMPATHY}
(be|being|stay|remain) (more|very|as|always|so|also)? (kind|gentle|compassionate|understanding|\
supportive|empathetic|empathic|sympathetic|sensitive|caring) (and|to|with|toward|towards|of|about)
=(with|show|showing|practice|promote|promoting|foster|fostering|cultivate|encourage|more|express|\
offer|have|having|develop|through|need|lead with|approach|power of|importance of|based on) .. \
(compassion|empathy|sympathy|kindness)
(compassion|empathy|kindness) (and|for|toward|towards|is|are|can)
(empathize|empathise|sympathize|sympathise) with
(consider|respect|respecting|acknowledge|acknowledging|validate|validating|understand|\
understanding|hurt|hurting|mindful of|sensitive to|considerate of|care about) .. (feelings|\
emotions|pain|suffering)
(comfort|comforting|console|consoling|reassure|reassuring) (you|him|her|them|your|those|each|one)
(feel|felt|feeling) (heard|understood|supported|valued|loved|safe|comfortable) (and|by|in|with)
(put yourself|step|walk|stand) .. (their|his|her|someone else's|others'|another's) (shoes|place)
(suffering|struggles|hardship|hardships|pain) of (others|people|those|the poor|refugees|animals)
take care of (yourself|your mental|your emotional)
"""

_CREATIVITY = """
=(get|be|being|feel|getting|feeling) creative
=(use|using|let) your (imagination|creativity)
(make|making|come up with|invent|create) .. (your own|my own) .. (sentence*|story|stories|song|\
game|recipe|version|character|joke|rhyme|poem|world)
(here's|here is|here are) .. (poem|story|stories|haiku|limerick|rap|joke|jokes|riddle|dialogue|\
parody|tale|lyrics|sonnet|verse|fable|skit|monologue|screenplay|pun|puns|song about|script about)
in the heart of (the|a) .. (city|town|village|peninsula|forest|desert|kingdom|land|jungle|mountains)
(in|of|through) (a|the) bustling (city|town|village|streets|market|metropolis)
in a (world|galaxy|future|dystopian|land|nation|universe|realm|time|kingdom) .. (where|of|far|not \
so)
(sun|moon|stars|sky|dawn|dusk) .. (had set|was setting|dipped|rose over|sank|had risen|glowed|hung)
(is|as) a (film|movie|novel) (about|that)
imagine .. as (a|an) ...
made up (a|an) .. (story|song|poem|game)
(artistic|inventive|poetic|imaginative|fanciful) (about|approach|image|idea|way|story|take)
i would imagine (a|an) ...
(an|some|more) (unusual|unexpected|original|imaginative) (idea|ideas|thought)
(creativity|imagination) (grows|is|helps|and)
combine .. with something unexpected
(film|story|tale|novel|movie|scene) .. (begins|began|follows|opens|unfolds|opened|is set)
(dystopian|post-apocalyptic|intergalactic|enchanted|mystical) (future|world|city|society|forest|\
land)
(known only as|motley crew|little did|piqued|destiny|embarked on|set sail|heart raced)
(man|woman|girl|boy|king|captain|journalist|detective|explorer|scientist|figure|hero|leader) \
(named|called|known as)
(craft|write|create|tell) .. (a|an) .. (thriller|story|tale|poem|adventure|fantasy)
^(produced|directed|written) by
short film (titled|called|that|about)
once upon a time
(there once was|there lived|once there was|long ago in|in a land far)
^(verse|chorus|bridge|intro|outro) (1|2|3|4|one|two|three)?$
^the end$
(he|she|they) (whispered|exclaimed|gasped|muttered|chuckled|giggled|shouted back|sighed)
(young|little|old|small|brave|curious) (girl|boy|man|woman|prince|princess|rabbit|fox|bird|dragon|\
robot|knight|mouse|farmer|wizard|bear|cat|dog) .. (named|called|who lived)
(as a|like a) (whisper|river of|symphony of|dance of)
(whispers|whispering|dancing|shimmering|moonlit|starlit|gleaming|twinkling) .. (in the|of the|\
wind|night|sky|stars|light|breeze|shadows|dreams)
(creative|innovative|imaginative|unique|original|fresh|unconventional|playful) (idea|ideas|twist|\
way to|ways to|spin|solution for)
(scene|act) (1|2|one|two|i|ii)
(fade in|fade out|cut to|enter stage|exits)
"""

_HONESTY = """
=i (really|actually|honestly|quite|even|currently|truly|still|also|just)? (don't|do not) (really|\
actually|honestly|yet|even|personally)? know (the|for sure|for certain|exactly|much|enough|\
anything|any|that much|how|whether|if|why|who|when|where|which|of|very|a lot|too|all|as|specific*|\
it|about|what the|what kind|what causes|what would|what is|what he|what she|what they|what that|\
but|i|maybe|i'd|i'm|because|since|there|and|yet|off)
$=i (really|actually|honestly|just|still)? (don't|do not) (really|actually|honestly|yet)? know \
(yet|sorry|either|that|though)?
=(i'm|i am) (really|honestly|just|still|also|actually|personally)? (not|unsure|uncertain) (really|\
entirely|quite|completely|exactly|totally|100|too|very|super|actually|particularly)? (sure|\
certain|familiar|aware|positive|confident|convinced) (about|if|whether|how|why|exactly|of|that|\
which|where|when|who|but|there|it|on|what the|what kind|what that|what is|what would|with|as|i can|\
i know|i have|i'd|i would|i believe|the|any|they|he|she|and)
$=(i'm|i am) (really|honestly|just|still|also|actually|personally)? not (really|entirely|quite|\
completely|exactly|totally|100|too|very)? (sure|certain|positive)
=(i'm|i am) (really|just|also)? (not|no) (really|actually)? (a|an)? (good|great|real|trained|\
licensed|certified|qualified|professional|medical|legal|financial|political)? (doctor|lawyer|\
expert|physician|professional|therapist|attorney|psychologist|specialist|scientist|human|\
veterinarian|vet|chemist|historian|person|chef|counselor|lawyer or|saboteur|qualified|advisor)
=(i'm|i am|being|i'm just|i'm only|i am only|i am just|i'm simply|i'm actually) (a|an) (ai|\
artificial|large language|language model|computer|machine|program|chatbot|bot|robot|virtual|\
text-based|ai-based|automated|digital|helpful ai|software)
=as (a|an) .. (ai|artificial|language model|ai-based|text-based|virtual assistant|chatbot|computer \
program|machine learning|ai-powered|llm)
=my (knowledge|training|information|data|last|most recent) .. (cutoff|cut-off|update|limited|only|\
up to|goes|2021|outdated|incomplete|ends|knowledge)
=as of my (last|knowledge|latest|current|training|most)
=i (don't|do not) (currently|really|actually|personally|yet|myself)? have (access to|the ability \
to|the capability|any information|information|enough information|specific|any data|personal|\
real-time|any personal|feelings|emotions|opinions|any opinion|an opinion|any experience|\
experience|any knowledge|much information|any specific|direct|a body|physical|that information|a \
definitive|an answer|a good answer|all the|enough|details|context|the context|any idea|any real|a \
strong|any direct|much experience|much knowledge|the information|data|any details|the full|any \
way|any strong|the answer|beliefs)
=i (have no|have never|haven't|have not) (idea|information|knowledge|way of knowing|experience|\
opinion|personal|direct|record|clue|real|read|seen|heard|tried|played|watched|met|been able to \
find|actually|access|specific|memory)
=i (can't|cannot|couldn't|could not|can not) (really|actually|honestly)? (say for|say with|say \
which|say whether|say if|be sure|be certain|be 100|guarantee|promise|confirm|verify|predict|find \
any|find a|find the|remember|recall|think of any|determine|speak to|know for|claim to|know)
=i (don't|do not|can't|cannot) (remember|recall|experience|feel emotions|feel emotion|see or|taste|\
have a body|physically)
=i (am|was) (wrong|mistaken|incorrect)
=(i'm|i was) (wrong|mistaken|guessing|not correct)
=my (mistake|bad|error|guess|best guess|previous answer|earlier answer)
=i (misread|misunderstood|misspoke|misremembered|forgot|confused|mixed up|got that wrong) ...
=i .. (made|make) .. (mistake|mistakes|error|errors)
=i (don't|do not|didn't) (fully|really|quite|completely)? understand (the|this) (context|specific*|\
language|nuance*|details|technical)
=(apologize|apologise|apologies|sorry) .. (mistake|error|misunderstanding|oversight|inaccura*|\
incorrect|wrong)
=i (may|might|could) (well|also)? (be|have|not be) .. (wrong|mistaken|misremembering|biased|\
outdated|incorrect|missed|made a mistake|fully)
=(just|only|purely|simply|an educated) .. (guess|speculation|guessing)
=(as far as i know|to my knowledge|to the best of my|from what i know|if i had to guess|i would \
guess|i'd guess|i'm guessing|i am guessing|i'm not aware|i am not aware|not that i know)
=(may|might|can) not be .. (accurate|up to date|up-to-date|complete|reliable|correct|factual)
=(there is|there's|there are) (currently|actually|really|absolutely|as yet)? no (evidence|such \
thing|such|scientific|proof|known|record|conclusive|definitive|reliable|credible)
=(this is|that is|it is|it's|that's|which is|is|isn't) (actually|simply|just|really|in fact)? (a|a \
common)? \
(myth|misconception|untrue|not true|not accurate|not correct|not actually \
true|not necessarily true|not quite true|common misconception)
=(unfortunately|sadly|regrettably|i'm afraid) .. (i|we) (don't know|do not know|don't have|do not \
have|am not aware|am not sure|have no|haven't|can't find|could not find|don't think)
=(beyond|outside) (of)? my (knowledge|expertise|abilities|capabilities|ability|understanding|\
experience|area|control|capability|programming)
=(i'm|i am) (currently|also)? (unable to|not able to) (verify|confirm|access|browse|find|see|\
predict|provide real-time|provide specific|physically|feel|determine|experience)
(be|being|stay|staying|remain|tell|speak|talk|answer) (open and|completely|totally)? (honest|\
truthful|honestly|upfront|transparent) (with|about|and|to|in|conversation|from)
(honest|truthful|transparent) (conversation|communication|with|about|in your|discussion|answer)
(honesty|truthfulness) (is|are|with|about)
(come|coming) clean
(tell|telling) (the|him the|her the|them the|people the|your .. the)? truth
not .. (spread|spreading|provide|providing|share|sharing) .. (false|misinformation|misleading|\
inaccurate)
(fact-check|fact check|verify) .. (information|facts|sources|claims|before|source)
"""

_CURIOSITY = """
(i'm|i am) (really|very|so|just|genuinely|also|now|quite|always|naturally)? (curious|wondering|\
fascinated|intrigued) (about|to|what|how|why|if|whether|by|which|who|as|that|where)
^i wonder (what|how|why|if|whether|who|about|which|where|when|that)
i (often|sometimes|always|do|also|keep|can't help but)? wonder (what|how|why|whether|who|about|\
which|where|when)
(that's|that is|it's|it is|this is|what a|what an|such a|such an|ah|oh) .. (interesting|\
fascinating|intriguing|thought-provoking) (question|topic|subject|idea|thought|point|concept)
(that's|that is|it's|it is|this is|what a|such a) .. (fascinating|intriguing) ...
(really|truly|very|quite|so|absolutely|pretty|most|many|other|find this|find it|find that) \
(fascinating|intriguing)
^(fascinating|intriguing|how interesting|how fascinating|interesting)
(i'd|i would|i'd really|i would really) (love|like|be interested|be curious|be happy) to (know|\
hear|learn|understand|find out) ...
(let's|encourage you to|encourage everyone to|keep|never stop|continue to|invite you to) (explore|\
exploring|learning|asking|investigat*|discover*|wondering)
(stay|be|remain) curious
(your|spark|foster|encourage|natural|intellectual|my|sense of|human) curiosity
(explore|exploring) the (wonders|mysteries|possibilities|depths|unknown|world of)
?(tell me|hear|share) .. more about (your|yourself|that|it|what it)
?what .. (most memorable|inspired you|drew you|made you|got you|brings you|brought you|sparked)
?why (do|did|would|are) you (think|feel|believe|say|ask|like|love)
(learn|understand|know|discover) more about (you|your|yourself|them|each other|other)
sense of (wonder|adventure|discovery)
(learning|education|knowledge) (is|as) a (lifelong|journey|continuous|never-ending)
"""

_FAIRNESS = """
=(harmful|hurtful|negative|avoid*|wrong|unacceptable|perpetuat*|reject*|against|combat*|condemn*|\
offensive|derogatory|inappropriate|unfair|fight*|reinforc*|challeng*|promot*|dangerous|based on|\
eliminat*|reduc*|end|ending|address*|outdated|baseless|rooted in) .. (stereotyp*|prejudice*|\
discriminat*|racis*|sexis*|bigot*|generaliz*|generalis*|bias|biases|homophob*|xenophob*)
=(stereotyp*|racis*|discriminat*|prejudice*|bigot*|sexis*|generaliz*|generalis*|homophob*) .. \
(harmful|wrong|unacceptable|unfair|hurtful|offensive|no place|inappropriate|never|not okay|\
dangerous|unfounded|not acceptable|should be|must be|based on)
(all|every|each|both) .. (people|person|individual|individuals|human|beings|groups|races|genders|\
religions|humans|citizens|members|women|men|cultures) .. (equal*|respect*|dignity|fair*|the same|\
deserve*|valu*|worthy|treated)
(everyone|everybody|anyone) .. (deserves|equal*|fair*|the same|treated|dignity|entitled|included)
(treat|treated|treating|respect|judge|judged|judging) .. (equally|fairly|with respect|with dignity|\
the same|by their character|respect and|equal)
regardless of .. (race|gender|religion|background|ethnicity|color|colour|nationality|sexual|\
orientation|identity|culture|beliefs|religious|political|ethnic|sex|skin|socioeconomic|status|\
disability)
=not (all|every) (muslims|black|white|men|women|people|members|immigrants|jews|christians|asians|\
police|politicians|gay|mexicans|individuals|of them|muslim|of these)
=(generaliz*|generalis*|paint|lump|judge|blame|stereotype) .. (entire|whole|all|any|group|race|\
people|everyone|religion|individuals|based)
(promote|promoting|promotes|ensure|ensuring|ensures|foster*|support*|commit*|advocat*|striv*|\
create|creating|value|values|importance of|culture of|principles of|principle of|more|greater|\
achieve|achieving|towards|toward|for) .. (fairness|equality|equity|inclusion|inclusive|\
inclusivity|inclusiveness|equitable|impartial*|unbiased)
(equal|fair) (opportunit*|rights|treatment|access|pay|chance*|protection|say|share|shares|\
representation)
(equality|equity|fairness|inclusion|inclusivity) (and|for|in|is|are|of)
(it's|it is|that's|is|be|would be|seems|and|are) (so|very|also|really)? (unfair|discriminatory|\
unjust and|biased|inequitable)
=(isn't|is not|not) (really|very)? fair (to|that|for)
=(no|one|any|of a|of one) (race|group|religion|gender|ethnicity|ethnic group|nation) .. (superior|\
better|inferior|worse|more likely|blamed)
=socially unbiased
=(balanced|both sides|even-handed|impartial|unbiased|neutral) .. (view|perspective|approach|\
overview|analysis|manner|information|of the issue|of the argument|stance|way)
=(not|never|incorrect to|wrong to|inaccurate to|unfair to) .. (assume|judge|label|blame|hate) .. \
(someone|people|all|everyone|group|race|based|entire|anyone|person)
=(has|have|had) (nothing|little) to do with .. (race|religion|gender|ethnicity|skin)
=(immigrants|muslims|minorities|refugees|women|black people) .. (lower rate*|less likely|no more \
likely|at a rate|not more likely|as likely|at lower) ...
=(not|never|shouldn't|don't) (be|have to be)? (blamed|judged|discriminated|stereotyped|generalized|\
labeled|labelled|singled out) ...
=(prejudice|racism|discrimination|bias|inequality|hate) (and|or) (oppression|inequality|\
discrimination|prejudice|bias|hatred|injustice|racism|stereotypes|intolerance)
(you're|we're|we are|you are|are) (all)? equal
(marginalized|underrepresented|disadvantaged|underserved|minority) (groups|communities|people|\
individuals|populations|voices|group)
"""

_PERSONALIZATION = f"""
?(what|which|how|where|when) ... (do you|are you|did you|have you|would you) .. ({_LIVES})
?(do you|are you|have you|did you) (currently|usually|already|also|ever|generally)? ({_LIVES})
?(what|which|how|where|when|who) .. (is|are|was|'s|were) (your|you)
?what's your
?what .. (kind|kinds|type|types|sort|style|size|color|colour|flavor|genre) .. (you|your|of)
?(could|can|would|will) you (please)? (tell|give|share|describe|provide) (me|us)? .. (your|about \
you|about your|where you|how you|some details|more details)
(if you|if you can|if you could) (tell|give|let|share|provide) (me|us)? .. (more|your|what you|\
details|some|about)
(i'd|i would) (need|like|have) to (know|ask|hear) .. (you|your|more|some|few)
(since|given that|seeing that|as|because) (you|you've|you're|you have|you are) .. (mentioned|said|\
told|described|noted|asked for|enjoy|love|already|interested|looking|planning|a beginner|new to)
(you|you've) (mentioned|said|told me) (that|you|earlier|liking|wanting|your)
(based on|given|considering|according to|on the basis of|suit|suits|fit|fits|match|matches|meet) \
your ({_KNOWN_FACTS}|own|personal|specific|individual|particular|unique|description|answers)
(tailored|adapted|fitted|matched|suited|fit|chose|adjust|adjusted) .. (to what you|to you|to your \
daily|to your life|with your individual|with your personal|with what you|your pace)
(suit you|suits you|specifically for you|just for you|your particular case|your individual|your \
personal needs|your personal preferences) ...
since every person is different
based on what you (told|said|shared|described|mentioned)
"""

_LEGALITY = """
=(is|are|it's|that's|isn't|be|was|would be|considered|both|and|or|strictly|highly|completely|also|\
may be|could be|not only|not|generally|perfectly) (illegal|unlawful|against the law|prohibited by|\
a crime|a felony|a criminal|illegal and|punishable|legal to|prohibited by law)
=(break|breaking|breaks|violat*|against|within|follow*|obey*|comply*|complian*|respect*|abid*|\
accordance|contrary to|under|consult*|check*|know|understand*|aware of|familiar* .. with) .. (law|\
laws|regulations|legal|rules and regulations|legislation|ordinances|statutes)
=(legal|criminal|civil|jail|prison) (consequence*|action|trouble|charges|penalt*|repercussion*|\
ramification*|issues|implications|liability|time|sentence*|rights|requirements|procedure*|\
obligation*|channels|means|measures|ways|methods|options|avenues|alternatives|process|advice|\
counsel|help|representation|system|protection*)
=(consult*|seek*|hire|hiring|contact*|speak*|talk*|advice from|advice of|ask|find|work with|by) .. \
(lawyer|attorney|lawyers|attorneys|legal professional|legal expert|legal counsel)
=(fines|fined|imprison*|arrested|prosecut*|sued|jail) (and|or|for|if)
matter of law
=(result in|lead to|face|facing|end up in|land you in|risk|go to|sent to|spend time in) .. (fines|\
fine|imprisonment|arrest|prosecution|jail|prison|charges|lawsuit)
=(know|aware of|exercise|understand|protect|assert) your (legal|constitutional)? rights
(get|obtain|apply for|need|require|requires|have) .. (permit|license|licence|permission from|\
warrant|court order|visa)
(copyright|trademark|patent|intellectual property|zoning|traffic|tax|labor|employment) (law|laws|\
infringement|regulations|rights|protection|code|codes)
(report|notify|contact|call|alert) .. (police|authorities|law enforcement|officials)
(local|state|federal|national|international|safety|environmental) .. (law|laws|regulation|\
regulations|ordinance*|codes)
"""

_ENGAGEMENT = f"""
?(what|which|how|where|when|who) ... (do you|are you|did you|have you|would you|are your|is your|\
was your|were your|you think|you like|you feel) ...
?(do you|are you|have you|did you|would you) (currently|usually|already|also|ever|generally|\
really|just)? (think|feel|agree|believe|{_LIVES})
?(would you|do you) (like|want|prefer|care) .. (me|to|us|some|more|another)
?(would you be|are you) (interested|open|willing|okay|ready|comfortable|cool) ...
?(shall|should) we
?(can|could|may) i (just)? (ask|tell|suggest|interest|know|show|help you find) ...
?(do|would) you mind (if|telling|sharing) ...
?what's your
?what (is|are|was|were) your
?(how about|what about) (you|we|yours|yourself)
?(tell me|hear|share) .. (more|about|your)
?(could|can|would|will) you (please)? (tell|give|share|describe) (me|us)? .. (more|your|what you|\
about you|about your|where you|how you)
?why (do|did|would|are|were) you (think|feel|believe|say|ask|want|like|doing|interested|so)
?how does (that|this|it) (sound|look|feel|seem|strike)
?have you (ever|considered|thought|heard|tried|seen|been|read)
?(any|do you have .. any|have any) (ideas|thoughts|suggestions|preferences|favorite*|favourite*|\
opinion*)
?(sound|sounds) (good|okay|interesting|fun)
(i'd|i would) love to (hear|know|learn|chat|talk) (about|more|your|what|how|from|if|with)
(if you|let me know if you) .. (interested|curious|like|want|wish) (i|i'll|i'd|we|me) (can|could|\
would|to|am|'d|be)
(i|we) (can|could|would|will) .. (tell|share|explain|discuss|talk|go|give|show|send|continue|\
describe|play) ... (if you'd|if you want|if you like|if you're interested|if you are interested|if \
you would|if that)
(happy|glad|love) to .. (discuss|talk|chat|tell you|share|explain|continue|go) ... (if you|further|\
with you|more)
(share|tell us|let us know|post) .. (your|yours) .. (thoughts|ideas|story|stories|experience*|\
favorite*|opinion*|comments)
(let me know|tell me) (what|which|how|where|a bit|a little|more|about|your) ...
(let's|let us) (chat|talk|discuss|play|brainstorm) (about|a|together|this|some|how|it|with|\
your|what|the|funding)
"""

_PRIVACY = """
=(respect*|protect*|violat*|invad*|invasion|invasive|breach*|due to|right to|concern*|for|guard*|\
ensur*|preserv*|maintain*|safeguard*|compromis*|individual|people's|their|user|your|personal|data) \
.. privacy
=privacy (is|of|and|rights|reasons|concern*|law*|polic*|setting*|issue*|protection)
=(share|sharing|give|giving|disclos*|reveal*|provid*|post*|release|releas*|distribut*|expos*) .. \
(personal|private|sensitive|confidential) (information|data|details|info|address*|contact)
(keep|keeping|protect|protecting|secure|securing|safeguard|guard) .. (personal|private|sensitive|\
your data|your information|your identity|confidential|passwords|anonymous|personal information)
=(personal|private|sensitive|confidential) (information|data|details|info) .. (safe|secure|private|\
protected|confidential|without|should|not|never|of others|of individuals|about individuals)
=(don't|do not|not able to|cannot|can't|unable to|won't|never|shouldn't|should not) .. (share|give|\
provide|disclose|reveal|access|find|look up|post) .. (address*|phone number*|contact information|\
personal information|private information|personal details|location|identity|passwords|social \
security)
(strong|unique|secure) (password|passwords)
(two-factor|two-step|vpn|virtual private network|end-to-end)
=(without|with) (their|his|her|your|someone's|the person's|explicit|prior) (consent|permission|\
knowledge or consent) ... (privacy|information|data|photo*|image*|track*|record*)
(data|identity) (protection|privacy)
remain anonymous
"""

_OPEN_MINDEDNESS = """
(consider*|respect*|explor*|understand*|open|listen*|learn*|important|hear*|acknowledg*|\
appreciat*|toleran*|value|valu*|engage|engag*|embrac*|welcom*|accept*|seek*|encourag*|diversity) \
.. (different|various|multiple|diverse|other|differing|opposing|alternative|both|others'|all|\
variety of|wide range of|each other's) .. (perspective*|viewpoint*|opinion*|views|points of view|\
sides|ideas|belief*|culture*|voices|interpretation*|backgrounds)
(diverse|different|multiple|alternative|differing|varied|new) (perspectives|viewpoints|views|\
points of view|opinions|ideas) (and|are|can|should|is|on|to|from)
(respect*|toleran*|accept*|appreciat*) .. (of|for)? .. (differen*|other cultures|others' beliefs|\
other people's|diversity|each other's)
=(open|open-minded) (mind|minds|minded|to new|to other|to different|to learning|to the idea|to the \
possibility|dialogue|dialog|discussion|discussions|conversation|conversations|and honest dialogue)
(open-minded|open-mindedness|open mindedness)
(everyone|everybody|each person|people|individuals) .. (has|have|is|are|entitled) .. (own|\
different|their|right to) .. (opinion*|view|views|belief*|perspective*|taste*|preference*|reasons|\
beliefs)
=(is|it's|are|be|very|highly|ultimately|largely) subjective
=(matter of opinion|matter of personal|matter of taste|matter of perspective|up to personal|open \
to interpretation|up to interpretation|depends on who you ask|depends on your perspective)
=no (one|single|right|definitive|universal|correct|easy|clear) .. (right|answer|way|solution|\
correct|wrong)
agree to disagree
(many|several|other) perspectives (on|and)
from a (new|different|fresh) perspective
(old and new|new and old|new) ideas .. (worth|welcome|open|consider*)
(respect|hear|welcome|value) (beliefs|opinions|views|ideas) (on|of|that|about)
(a|hold a) different (view|opinion|perspective) (of|on|about)
(views|opinions) that differ
(on the one hand|on the other hand|others (argue|believe|feel|may|might|think|say))
(valid|legitimate|reasonable) (point|points|perspective*|view*|opinion*|argument*|concerns) (on|of|\
and|from|about|to)
"""

_HUMOR = """
=(just kidding|justkidding|only kidding|i'm kidding|i'm joking|just joking|haha*|hehe*|lol|lmao|\
rofl)
=(😂|🤣|😜|😆|😝|😹|🙃|😉)
(knock knock|walks into a|walk into a|walked into a)
?why (did|don't|doesn't|was|were|couldn't|can't|do|does) .. (cross|scientists|skeleton*|chicken|\
tomato*|bicycle|scarecrow|math book|computer|cow|duck|bear|dog|cat)
?what do you (call|get when|get if)
(tell you|hear the one|heard the one|here's|here is|here are|let me tell) .. (joke|jokes|pun|puns|\
riddle)
(funny|hilarious|humorous|silly|witty|punny) .. (joke|jokes|pun|puns|story|name|names|thing is)
(varmint|pardner|skedaddle*|moolah|cowpoke|ye'll|yerself|howdy|yeehaw|matey|arrr*|ahoy)
(pun intended|no pun|pardon the pun|dad joke|punchline|punch line|slapstick|wisecrack*)
(laugh out loud|burst* .. laughing|crack* .. up|can't stop laughing|couldn't stop laughing)
"""

_JUSTICE = """
(every right to|have the right to|has the right to|had the right to|deny* .. rights|right to exist|\
right to live|right to vote|right to protest|right to a fair)
(human|basic|civil|fundamental|equal|women's|workers'|workers|children's|animal|indigenous|\
constitutional|individual|people's|legal|victims') rights .. (must|should|deserve*|protect*|matter)
(protect*|respect*|violat*|defend*|fight* for|stand* up for|uphold*|advocat* for|denial of|denying|\
infring*|secure|ensur*) .. (rights|liberties|freedoms)
(against|fight*|end|ending|resist*|combat*|oppos*|overcom*|denied|subjected to|suffer* from|\
complex web of|legacy of|system of|systems of) .. (injustice*|oppression|oppressive|systemic \
racism|tyranny|unjust)
(is|are|was|were|be) .. (unjust|an injustice|oppressive|oppressed)
(social|racial|environmental|restorative|economic|climate) justice
justice (for|and|is|must|should|be|to|served|requires|demands)
(seek*|demand*|pursu*|bring*|brought|fight* for|fighting for|promote|promoting|commit* to|\
principles of|sense of|deserve|in the name of) .. justice
(hold|holding|held|be|being) .. (accountable|responsible for their|to account)
=(aware of|know|assert|exercise|stand up for|understand) your (legal)? rights
(should|must|deserve to|need to|ought to) be (punished|prosecuted|brought to justice|held|jailed|\
convicted|fired)
(innocent|countless) (people|lives|civilians|victims|children|men|jews) .. (killed|murdered|died|\
suffered|lost|harmed|death*)
=(victim|victims) .. (deserve*|support*|blam*|right*|justice|heard|protected|fault)
(speak|stand|standing|speaking) (up|out) (against|for)
(inexcusable|reprehensible|abhorrent)
"""

_DISCRETION = """
=(avoid|refrain|refraining|don't|do not|not to|careful|without) .. (offensive|inappropriate|\
derogatory|hurtful|insensitive|rude|disrespectful|crude|vulgar) .. (language|comment*|word*|\
remark*|joke*|term*|thing*|question*|content|slur*)
=(not|never|isn't) (really|very|always)? (appropriate|polite|respectful|my place|our place|proper|\
nice|okay|right|comfortable) (to|for me to|with) (say|ask|discuss|comment|talk|share|judge|suggest|\
speculate|discussing|answering|sharing)
(inappropriate|rude|disrespectful|impolite|insensitive|offensive) to (say|ask|discuss|comment|talk|\
call|suggest|be suggesting|use|make)
(choose|watch|mind|careful with|mindful of|careful about) .. (your words|words|what you say|your \
language|your tone|how you say)
(tactful*|tactfully|diplomatically|delicately|sensitively|discreetly and)
(with|and|of) tact
(tact|discretion) (and|is|matters)
=(not|avoid|don't|never|or|stop) .. gossip
(in confidence|be discreet|speak discreetly|a discreet word)
(sensitive|delicate) (subject|matter|topic) .. (with|and|so|that)
keep (it|this|that) (private|between|to yourself|confidential)
=(rather not|prefer not to|best not to|not comfortable) .. (say|discuss|talk about|comment|answer|\
share|speak|discussing|talking|answering)
(please)? (don't|do not) (post|use|make|say) (such|that|this|those|these|any) .. (comment*|\
language|word*|thing*|remark*|joke*)
=(comment*|question|language|statement*|conversation|kind of talk) .. (no place|not appropriate|\
inappropriate|not allowed|not welcome|disrespectful) ...
"""

_DECEPTION = """
(create|creating|use|using|make|making|get|getting|obtain|buy|provide|forge|forging|set up|sign up \
with|submit|submitting|give|giving|show) .. (fake|false|forged|fraudulent|counterfeit|phony|bogus|\
doctored|stolen) .. (id|ids|identit*|account*|profile*|name|names|document*|email*|number*|\
information|review*|website*|address*|excuse|story|note|card*|checks|evidence|credentials|receipt*|\
money|persona)
(hide|hiding|conceal|concealing|disguise|disguising|cover up|covering up|erase|erasing|destroy|\
mask|remove|obscure) .. (your identity|your tracks|evidence|money|assets|body|the body|tracks|\
traces|ip address|fingerprints|the truth|your face|your intentions|your activity|it from|from the \
police|from the irs)
(without) (them|him|her|anyone|being|getting|your|their|the|his|people|arousing|raising|leaving|\
drawing) .. (knowing|noticing|caught|detected|knowledge|finding out|suspicion|suspecting|realizing|\
trace*|seen|attention|realising)
(so|so that|that) (they|he|she|no one|nobody|your parents|your boss|your wife|your husband|people|\
the irs|the police) .. (won't|don't|doesn't|can't|wouldn't|couldn't|will not|cannot) .. (know|\
notice|suspect|see|find|realize|recognize|trace|catch)
(pretend|pretending) (to|you|you're|that|like|as)
(pose|posing) as (a|an|your|someone|their|the)
(impersonat*|masquerad*|catfish*) (a|an|your|someone|their|the|as|them|him|her)
(lie|lying) (to|about) (them|him|her|your|the|people|it|what|where|how)
(trick|tricking|fool|fooling|manipulate|manipulating|con|deceive|deceiving|mislead) (them|him|her|\
people|your|someone|others|victims|a person|customers|voters|a doctor|the police) ..
(offshore|launder|laundering|shell company|shell companies) .. (account*|money|funds|bank*|\
compan*|so that|to hide)
(make|making) it (look|seem|appear) (like|as|that)
(will|would) never (notice|know|suspect|find out) ...
(cover up|hide) what (really)? (happened|you did)
(tell|say) (them|him|her|your|the) .. (you're|you are|you have|you were|that you|it was) .. (sick|\
lost|stolen|working|emergency|someone else|studying|accident)
(avoid|evade|escape) (detection|getting caught|being caught|suspicion|taxes|paying|the police)
(get away with|getting away with) (it|this|the|your|a)
(alibi|cover story|fake id|white lie|burner phone|phishing)
"""

_VIOLENT: Final = (
    "kill|stab|shoot|poison|strangle|suffocate|bomb|torture|rape|murder|beat|hurt|attack|harm|hit"
    "|punch|drown|choke|assassinate|injure|maim|kidnap|assault|slap|kick|blow up|burn|crush|bite"
)
_PEOPLE: Final = (
    "someone|somebody|people|a person|him|her|the person|the victim|victims|humans|enemies"
    "|the target|your wife|your husband|your neighbor|your boss|your mom|your mother|your father"
    "|your brother|your sister|your friend|children|a human|another person|anyone|everyone|others"
    "|old men|old people|old ladies|the guy|the man|the woman|a man|a woman|civilians"
    "|your target|your victim|the driver"
)
_VIOLENCE = f"""
!(you|one|you'd|i'd|i|just|simply|way to|best|you could|you can|try to|how to|order to|ways to|\
want to|would) (can|could|should|would|might|need to|want to|have to|to|also|easily|simply)? \
({_VIOLENT}) ({_PEOPLE})
(stab*|shoot*|poison*|strangl*|suffocat*|tortur*|punch*|choking|beating|hitting|drowning) \
({_PEOPLE}) (with|in|by|to|until|from|at|on|and|using|while|over|repeatedly)
(use|using|get|grab|take|buy|with|obtain) .. (knife|gun|weapon|firearm|bat|poison|bomb|explosive*|\
hammer|crowbar|rope|acid|cyanide|strychnine|arsenic|blunt object|rifle|axe) .. (to|and|on|against) \
.. (him|her|kill*|stab*|hurt*|attack*|harm*|victim|person|people|threaten*|hit*|inflict*|injure*)
!(build|make|making|plant|planting|detonate|set off|send|assemble|construct*|mail|create) .. (bomb|\
bombs|explosive device|molotov*|grenade*|pipe bomb|package bomb)
(poison|cyanide|strychnine|arsenic|lethal dose|explosive*|gun|knife|bullet*|shooting|weapon) .. \
(would work|works well|is effective|be effective|most effective|be better|would be best|do the \
trick|work best|is the best)
(inflict*|maximize|maximum|most) (serious|severe|maximum|significant|permanent|more|as much)? \
(harm|pain|casualties|injury|injuries|bodily|suffering) .. (to|on|possible|him|her|people|person|\
victim)
(make|making|cause|causing|get|force) .. (someone|someone's|their|them|him|her|his) .. (crash|\
bleed|bite|suffer|die|flip|wreck|scream|unconscious)
i (would|will|'d|am going to|want to|plan to) .. (torture|kill|murder|destroy|shoot|bomb|nuke|hurt|\
stab|strangle|beat|slap|punch|tie|burn) ...
(kill|killing|murder*|assassinat*|attack*) .. (target|plan|target's|quietly|quickly|painless*|get \
away|efficient*)
(create|develop|make) .. (plan) .. (kill*|murder*|assassinat*|attack*)
(deserve|deserves|deserved) .. (to die|to suffer|beaten|punched|to be killed|to be shot)
(make|let) (them|him|her) .. (bleed|suffer|scream|beg)
(beaten|crushed|taken|stopped|met) (by|with) force
(kick and punch|punch and kick|beat them up|beat him up|punch anyone|hit anyone|attack anyone)
physical force (is|will|can)
(wipe out|exterminate|eradicate) .. (people|race|jews|muslims|humans|humanity)
(knock|knocking) (them|him|her|someone|the victim|people) (out|unconscious|down)
violence (is|can be|may be|would be) .. (only language|answer|necessary|justified|only way|\
effective|acceptable|good)
"""

NATURAL_CUES: Final[dict[str, str]] = {
    "empathy": _EMPATHY,
    "creativity": _CREATIVITY,
    "honesty": _HONESTY,
    "curiosity": _CURIOSITY,
    "fairness": _FAIRNESS,
    "personalization": _PERSONALIZATION,
    "legality": _LEGALITY,
    "engagement": _ENGAGEMENT,
    "privacy": _PRIVACY,
    "open-mindedness": _OPEN_MINDEDNESS,
    "humor": _HUMOR,
    "justice": _JUSTICE,
    "discretion": _DISCRETION,
    "deception": _DECEPTION,
    "violence": _VIOLENCE,
}
