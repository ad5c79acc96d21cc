#include "synth/text_patterns.h"

#include "ie/error.h"
#include "synth/world_schema.h"

namespace reamo::synth {
namespace {

// relation;where;pattern. C clause, H after the head, T after the tail, B before the head. `*`: test only.
constexpr const char* kRelations[] = {
    "works for;C;$H works for $T", "works for;C;$H has a job at $T", "works for;C;$H is an employee of $T", "works for;C;$T employs $H", "works for;C;$H has been on the staff of $T for years",
    "works for;H;, who works for $T,", "works for;H;, an employee of $T,", "works for;H; from the $T team", "works for;B;$T employee ", "works for;B;$T spokesperson ", "works for;T;, where $H works,",
    "*works for;C;$H earns a living at $T", "*works for;H;, on the payroll of $T,", "*works for;B;$T staffer ",
    "leads;C;$H leads $T", "leads;C;$H is the head of $T", "leads;C;$H runs $T", "leads;C;$T is led by $H", "leads;C;the director of $T is $H", "leads;H;, the president of $T,", "leads;H;, head of $T,", "leads;B;$T chief ",
    "leads;B;$T director ", "leads;H; (CEO of $T)", "leads;T;, headed by $H,", "*leads;C;$H is in charge of $T", "*leads;H;, who chairs $T,", "*leads;B;$T boss ",
    "member of;C;$H is a member of $T", "member of;C;$H belongs to $T", "member of;H;, a member of $T,", "member of;H; of $T", "member of;B;$T member ", "*member of;C;$H sits on $T", "*member of;H;, who belongs to $T,",
    "studies at;C;$H studies at $T", "studies at;C;$H is a student at $T", "studies at;C;$H goes to $T", "studies at;H;, a student at $T,", "studies at;B;$T student ", "*studies at;C;$H is enrolled at $T", "*studies at;H;, who takes classes at $T,",
    "lives in;C;$H lives in $T", "lives in;C;$H has a home in $T", "lives in;C;$H is a resident of $T", "lives in;H;, who lives in $T,", "lives in;H;, a resident of $T,", "lives in;H; from $T", "lives in;T;, where $H lives,", "lives in;B;$T resident ",
    "*lives in;C;$H has settled in $T", "*lives in;H;, who makes a home in $T,",
    "born in;C;$H was born in $T", "born in;C;$H is a native of $T", "born in;C;$T is the birthplace of $H", "born in;H;, born in $T,", "born in;H;, a native of $T,", "born in;H; (born in $T)", "born in;B;$T-born ", "*born in;C;$H first saw the light in $T", "*born in;H;, who was born in $T,",
    "located in;C;$H is in $T", "located in;C;$H is located in $T", "located in;C;$H stands in $T", "located in;C;$H lies in $T", "located in;H; in $T", "located in;H;, located in $T,", "located in;H;, $T,", "*located in;C;$H can be found in $T", "*located in;H;, situated in $T,",
    "based in;C;$H is based in $T", "based in;C;$H has its headquarters in $T", "based in;C;$H operates from $T", "based in;H;, based in $T,", "based in;H; of $T", "based in;H; ($T)", "based in;B;$T-based ", "*based in;C;the home office of $H is in $T", "*based in;H;, headquartered in $T,",
    "borders;C;$H borders $T", "borders;C;$H shares a border with $T", "borders;H;, which borders $T,", "*borders;C;$H touches $T", "*borders;H;, a neighbour of $T,",
    "married to;C;$H is married to $T", "married to;C;$H and $T are a married couple", "married to;C;$H is the spouse of $T", "married to;H;, the spouse of $T,", "married to;H;, married to $T,", "married to;H; and spouse $T", "married to;T;, the spouse of $H,",
    "*married to;C;$H shares a marriage with $T", "*married to;H;, the better half of $T,",
    "child of;C;$H is a child of $T", "child of;C;$T is the parent of $H", "child of;C;$T raised $H, the only child", "child of;H;, a child of $T,", "child of;T;, the parent of $H,", "child of;B;$T's child ", "*child of;C;$H was brought up by $T, a proud parent", "*child of;H;, the youngest child of $T,",
    "sibling of;C;$H and $T are siblings", "sibling of;C;$H is a sibling of $T", "sibling of;H;, a sibling of $T,", "sibling of;B;$T's sibling ", "*sibling of;C;$H grew up with $T, a sibling", "*sibling of;H;, whose sibling is $T,",
    "friend of;C;$H is a friend of $T", "friend of;C;$H and $T are close friends", "friend of;H;, a friend of $T,", "friend of;B;$T's friend ", "friend of;T;, an old friend of $H,", "*friend of;C;$H and $T have been friends since school", "*friend of;H;, a pal of $T,",
    "rival of;C;$H is a rival of $T", "rival of;C;$H competes with $T", "rival of;C;$H and $T are rivals", "rival of;H;, a rival of $T,", "rival of;B;$T rival ", "*rival of;C;$H vies with $T", "*rival of;H;, the main competitor of $T,",
    "owns;C;$H owns $T", "owns;C;$T belongs to $H", "owns;C;$H is the owner of $T", "owns;C;$T is owned by $H", "owns;H;, who owns $T,", "owns;H;, the owner of $T,", "owns;T;, owned by $H,", "*owns;C;$T is the property of $H", "*owns;H;, the proud owner of $T,",
    "produces;C;$H makes $T", "produces;C;$H produces $T", "produces;C;$T is made by $H", "produces;C;$T comes from the factories of $H", "produces;H;, the maker of $T,", "produces;T;, made by $H,", "produces;T; by $H", "*produces;C;$H manufactures $T", "*produces;T;, a product of $H,",
    "creator of;C;$T is a work by $H", "creator of;C;$H is the author of $T", "creator of;C;$T is by $H", "creator of;H;, the author of $T,", "creator of;H;, known for $T,", "creator of;T; by $H", "creator of;T;, a work by $H,", "*creator of;C;$H is the mind behind $T", "*creator of;H;, the artist behind $T,",
    "part of;C;$H is part of $T", "part of;C;$H is a subsidiary of $T", "part of;C;$T is the parent company of $H", "part of;H;, a unit of $T,", "part of;H;, part of $T,", "*part of;C;$H is an arm of $T", "*part of;H;, a division of $T,",
    "costs;C;$H costs $T", "costs;C;$H sells for $T", "costs;C;the price of $H is $T", "costs;C;$H is worth $T", "costs;H; ($T)", "costs;H;, priced at $T,", "costs;T;, the price of $H,", "*costs;C;you can have $H for $T", "*costs;H;, which goes for $T,",
    "wears;C;$H is wearing $T", "wears;C;$H wears $T", "wears;C;$H has $T on", "wears;H; in $T", "wears;H;, dressed in $T,", "wears;H;, who wears $T,", "*wears;C;$H is clad in $T", "*wears;H;, sporting $T,",
    "plays;C;$H is good at $T", "plays;C;$H practises $T every day", "plays;C;$H is a master of $T", "plays;H;, who is learning $T,", "plays;H;, a master of $T,", "*plays;C;$H takes lessons on $T", "*plays;H;, a virtuoso on $T,",
    "holding;C;$H is holding $T", "holding;C;$H holds $T", "holding;C;$H has $T in hand", "holding;H;, holding $T,", "holding;H; with $T in hand", "*holding;C;$H is clutching $T", "*holding;H;, who grips $T,",
    "riding;C;$H is riding $T", "riding;C;$H sits on $T", "riding;C;$H rides $T", "riding;H; on $T", "riding;H;, riding $T,", "*riding;C;$H is up on $T", "*riding;H;, mounted on $T,",
    "next to;C;$H is next to $T", "next to;C;$H stands beside $T", "next to;C;there is $H next to $T", "next to;H; next to $T", "next to;H;, beside $T,", "*next to;C;$H is at the side of $T", "*next to;H;, right by $T,",
    "behind;C;$H is behind $T", "behind;C;$H stands behind $T", "behind;C;behind $T there is $H", "behind;H; behind $T", "behind;H;, hidden behind $T,", "*behind;C;$H is in back of $T", "*behind;H;, peeking out from behind $T,",
};

RelationPattern read_pattern(std::string_view line) {
  RelationPattern pattern;
  pattern.test_only = line[0] == '*';
  if (pattern.test_only) line.remove_prefix(1);
  std::size_t semicolon = line.find(';');
  pattern.relation = find_relation_spec(line.substr(0, semicolon));
  if (pattern.relation < 0) throw Error("wording of the unknown relation '" + std::string(line.substr(0, semicolon)) + "'");
  using Where = RelationPattern::Where;
  char where = line[semicolon + 1];
  pattern.where = where == 'C' ? Where::kClause : where == 'H' ? Where::kAfterHead : where == 'T' ? Where::kAfterTail : Where::kBeforeHead;
  pattern.pattern = std::string(line.substr(semicolon + 3));
  return pattern;
}

}  // namespace

const std::vector<RelationPattern>& relation_patterns() {
  static const std::vector<RelationPattern> patterns = [] {
    std::vector<RelationPattern> all;
    for (const char* line : kRelations) all.push_back(read_pattern(line));
    return all;
  }();
  return patterns;
}

const std::vector<int>& patterns_of(int relation) {
  static const std::vector<std::vector<int>> index = [] {
    std::vector<std::vector<int>> all(relation_specs().size());
    for (std::size_t i = 0; i < relation_patterns().size(); ++i) all[relation_patterns()[i].relation].push_back(int(i));
    return all;
  }();
  return index[relation];
}

const Wordings& active_clauses() {
  static const Wordings w{{"$S $V$O$A", "$S $V$O$A", "$S $V$O$A", "$S $V$O$A", "$S $V$O$A", "$S has $P$O$A", "$S will $B$O$A", "$S was seen $G$O$A", "it was $S that $V$O$A", "$S is going to $B$O$A", "$S had already $P$O$A",
                           "$S finally $V$O$A", "$S once $V$O$A", "$S and nobody else $V$O$A", "$S, smiling, $V$O$A", "$S was about to $B$O$A", "$S did not wait and $V$O$A", "$S managed to $B$O$A", "$S began $G$O$A", "$S is said to have $P$O$A",
                           "$S must have $P$O$A", "$S quietly $V$O$A", "everyone watched as $S $V$O$A", "$S wasted no time and $V$O$A", "rumour has it that $S $V$O$A"}};
  return w;
}

const Wordings& passive_clauses() {
  static const Wordings w{{"$O was $P$Y$A", "$O was $P$Y$A", "$O was $P$Y$A", "$O has been $P$Y$A", "$O was being $P$Y$A", "$O will be $P$Y$A", "$O was reportedly $P$Y$A", "$O was later $P$Y$A", "it was $O that was $P$Y$A", "$O had been $P$Y$A", "$O is to be $P$Y$A",
                           "$O is believed to have been $P$Y$A", "what happened next: $O was $P$Y$A"}};
  return w;
}

const Wordings& noun_clauses() {
  static const Wordings w{{"$N surprised many", "$N made headlines", "news of $N spread quickly", "nobody expected $N", "$N is still being discussed", "there were pictures of $N everywhere", "$N came without warning", "we all remember $N", "$N was the topic of the evening",
                           "the report mentions $N", "$N took only a few minutes", "$N changed everything", "it began with $N", "few people knew about $N", "the whole affair ended with $N", "questions remain about $N", "little is known about $N"}};
  return w;
}

const Wordings& wrappers() {
  static const Wordings w{{"according to $R, $C", "$R said that $C", "\"$C,\" said $R", "$R confirmed that $C", "$R told reporters that $C", "$C, $R said", "$R wrote: \"$C\"", "in a statement, $R said that $C", "as $R put it, $C", "$R denied that $C", "$R could not believe that $C",
                           "\"$C,\" $R explained", "$C, if $R is to be believed", "$R noticed that $C", "for $R it was clear that $C", "in an interview, $R said that $C", "\"$C!\" $R shouted", "$R (left) reported that $C", "sources close to $R claim that $C"}};
  return w;
}

const Wordings& plain_wrappers() {
  static const Wordings w{{"$C", "$C", "$C", "$C", "$C", "$C", "$C", "$C", "in the end, $C", "to the surprise of many, $C", "meanwhile, $C", "later, $C", "because of the rain, $C", "$C, and nobody was surprised", "$C, the report says", "$C, which made headlines", "although it was late, $C",
                           "$C while others looked on", "$C despite the cold", "at first nothing happened, but then $C", "it is well known that $C", "when $C, there was silence", "$C, but the story does not end there", "as expected, $C", "$C (see below)", "even so, $C", "records show that $C",
                           "it all started when $C", "after a long wait, $C", "$C without a word", "since $C, things have been different", "today we can say that $C", "what is certain is that $C", "$C; nothing else is known", "few had noticed, but $C", "rain or shine, $C", "$C, or so we hear", "by all accounts, $C",
                           "to make things worse, $C", "strange as it sounds, $C"}};
  return w;
}

const Wordings& calm_wrappers() {
  static const Wordings w{{"$C", "$C", "$C", "$C", "$C", "$C", "it is well known that $C", "as far as we know, $C", "records show that $C", "$C, the report says", "$C (see below)", "what is certain is that $C", "$C, or so we hear", "by all accounts, $C", "today we can say that $C",
                           "for the record: $C", "in other news, $C", "$C, but the story does not end there", "note that $C", "on top of that, $C", "it may be of interest that $C", "at the same time, $C", "$C, as everybody knows", "few people know that $C", "it turns out that $C"}};
  return w;
}

const Wordings& tweet_wrappers() {
  static const Wordings w{{"$C", "$C", "wow $C", "so $C lol", "$C 😂", "can't believe $C !!", "RT: $C", "breaking: $C", "$C #news", "omg $C", "$C 🔥🔥", "just heard that $C", "$C ... wow", "ok but $C", "PSA: $C", "$C #fyi", "$C (thread)", "no way $C", "$C, pass it on", "hot take: $C", "tfw $C", "this!! $C"}};
  return w;
}

const Wordings& chat_wrappers() {
  static const Wordings w{{"did you hear? $C", "$C, right?", "I think $C", "guess what, $C", "well, $C", "yes, $C", "my neighbour told me that $C", "honestly, $C", "you know that $C", "I am sure that $C", "hey, $C", "no, really, $C", "like I said, $C", "funny thing: $C", "oh, $C"}};
  return w;
}

const Wordings& headline_wrappers() {
  static const Wordings w{{"$C", "$C", "$C", "breaking: $C", "exclusive: $C", "report: $C", "update: $C", "why $C", "how $C", "watch: $C"}};
  return w;
}

const Wordings& fillers() {
  static const Wordings w{{"It was a cold and windy afternoon.", "Nobody was surprised.", "There was a long silence afterwards.", "More details will follow.", "The reasons are still unclear.", "Many were happy with the outcome.", "Others were less sure.", "It was not the first time.", "The weather was fine.",
                           "Things could have been worse.", "No comment was available.", "The mood was calm.", "Experts call it a turning point.", "Some doubts remain.", "The rest is history.", "It took longer than planned.", "In short, it was a busy week.", "The crowd went home early.", "This is only part of the story.",
                           "The investigation goes on.", "The effect was small at best.", "It has rained ever since.", "Critics have mixed feelings.", "A second report is expected soon.", "Things went back to normal.", "There are good reasons for that.", "It is hard to say why.", "All in all, a good result.", "The facts speak for themselves.",
                           "It will not be the last time.", "The noise could be heard from far away.", "It was a grand plan, rich in detail.", "They will mark the occasion with a minute of silence.", "The price of silence is high.", "May the best side succeed.", "The march was long and hard.", "Hope is all that is left.", "The will to go on is strong.",
                           "Prices rose and fell again.", "The plan was simple but bold.", "Opinions differ widely.", "What followed was pure chaos.", "The evening ended in laughter.", "It was over before it began.", "Time will tell.", "Work goes on as usual.", "The debate has only just begun.", "Everybody agreed on that.", "That much is certain."}};
  return w;
}

const Wordings& tweet_fillers() {
  static const Wordings w{{"so tired today", "what a day!!", "love this", "i need coffee", "can't wait 🎉", "#mood", "who else is watching?", "lol", "smh", "best day ever", "this is so sad", "still thinking about it", "no words", "#throwback", "you had one job", "send help", "unreal scenes", "not again..."}};
  return w;
}

const Wordings& chat_fillers() {
  static const Wordings w{{"How are you?", "I don't know.", "That's great!", "Really?", "See you later.", "Sorry, I was busy.", "Sounds good to me.", "What do you think?", "Let me know.", "Ok, thanks!", "I can't talk right now.", "Haha, good one.", "Are you serious?", "Same here."}};
  return w;
}

const Wordings& listings() {
  static const Wordings w{{"$X, $Y and $Z were mentioned.", "The list includes $X, $Y and $Z.", "Among the topics: $X, $Y, $Z.", "We talked about $X, $Y and also $Z.", "$X and $Y are in the notes, and so is $Z.", "See also $X; $Y; $Z.", "Not only $X but also $Y and $Z were discussed.",
                           "Pictures of $X, $Y and $Z were on the wall.", "Think of $X, of $Y, of $Z.", "Keywords: $X, $Y, $Z"}};
  return w;
}

const Wordings& mentions() {
  static const Wordings w{{"Everybody was talking about $X.", "Nothing was heard of $X.", "Again and again, $X came up.", "What about $X?", "There is a long article about $X.", "$X is in the news again.", "The story of $X is well known.", "Nobody has forgotten $X.", "We know little about $X.", "Remember $X?",
                           "$X was not available for comment.", "As for $X, no decision has been made.", "This has nothing to do with $X.", "$X deserves better.", "Some blame $X."}};
  return w;
}

}  // namespace reamo::synth
