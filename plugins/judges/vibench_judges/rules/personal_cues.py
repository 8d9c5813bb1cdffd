"""Personal and epistemic values as assistants phrase them in real answers: cues."""

from typing import Final

__all__ = ["LIVES", "PERSONAL_CUES"]

# What an answer may take into account about its reader.
_KNOWN_FACTS: Final = (
    "interests|preferences|needs|goals|tastes|taste|situation|budget|experience|lifestyle|schedule"
    "|location|skills|age|health|circumstances|level|requirements|condition|personality"
)

# Verbs of a question about the person: their life, taste and plans, and not the task at hand.
LIVES: Final = (
    "have|like|enjoy|prefer|want|need|live|love|usually|plan|planning|work|working|do|going"
    "|interested|currently|spend|hope|hoping|consider|ever|been|tried|play|use|get|wear|own"
    "|already|know|remember|listen|eat|cook|drink|watch|read|go|visit|looking|study|normally"
)

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

_PERSONALIZATION = f"""
?(what|which|how|where|when) ... (do you|are you|did you|have you|would you) .. ({LIVES})
?(do you|are you|have you|did you) (currently|usually|already|also|ever|generally)? ({LIVES})
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

PERSONAL_CUES: Final[dict[str, str]] = {
    "creativity": _CREATIVITY,
    "curiosity": _CURIOSITY,
    "personalization": _PERSONALIZATION,
    "open-mindedness": _OPEN_MINDEDNESS,
    "humor": _HUMOR,
}
