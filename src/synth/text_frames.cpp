#include "synth/text_frames.h"

#include <string_view>

#include "ie/error.h"
#include "synth/world_schema.h"

namespace reamo::synth {
namespace {

// event; form; word[/third/past/participle/gerund]; subject; object; adjuncts. `*` before the event: test only.
// Forms: V takes an object, P an object with its preposition, I none, C two together, N is a noun with all its arguments.
// A role may be narrowed: role:type+type. Adjuncts of place and time ("@") need no preposition: they bring their own. `+` before an adjunct: it must be there.
constexpr const char* kFrames[] = {
    "Meet;V;meet/meets/met/met/meeting;participant;participant;@place,@time",
    "Meet;P;meet/meets/met/met/meeting;participant;with participant;@place,@time",
    "Meet;V;greet;participant:person;participant:person+animal;@place,@time",
    "Meet;V;encounter;participant;participant;@place,@time",
    "Meet;C;meet/meets/met/met/meeting;participant;;@place,@time",
    "Meet;C;gather;participant;;@place,@time",
    "Meet;P;have talks/has talks/had talks/had talks/having talks;participant:person+organization;with participant:person+organization;@place,@time",
    "Meet;N;meeting;between participant,and participant,@place,@time",
    "Meet;N;encounter;of participant,with participant,@place,@time",
    "*Meet;P;get together/gets together/got together/got together/getting together;participant;with participant;@place,@time",
    "*Meet;C;come together/comes together/came together/come together/coming together;participant;;@place,@time",
    "*Meet;V;run into/runs into/ran into/run into/running into;participant;participant:person+animal;@place,@time",
    "Chase;V;chase;pursuer;target;@place,@time",
    "Chase;V;pursue;pursuer;target;@place",
    "Chase;P;run after/runs after/ran after/run after/running after;pursuer:person+animal;target;@place",
    "Chase;V;hunt;pursuer:person+animal;target:animal+person;@place",
    "Chase;N;chase;by pursuer,after target,@place,@time",
    "Chase;N;pursuit;of target,by pursuer,@place",
    "*Chase;V;hound;pursuer;target:person+animal;@place,@time",
    "*Chase;V;race after;pursuer;target;@place",
    "Attack;V;attack;attacker;victim;with weapon,@place,@time",
    "Attack;V;assault;attacker:person;victim:person;with weapon,@place,@time",
    "Attack;V;bomb;attacker:organization+person;victim:building+location;@time",
    "Attack;V;strike/strikes/struck/struck/striking;attacker:person;victim:person+animal;with weapon:tool,@place,@time",
    "Attack;V;beat/beats/beat/beaten/beating;attacker:person;victim:person;with weapon:tool,@place,@time",
    "Attack;V;bite/bites/bit/bitten/biting;attacker:animal;victim:person+animal;@place,@time",
    "Attack;V;shell;attacker:organization;victim:location+building;@time",
    "Attack;N;attack;by attacker,on victim,with weapon,@place,@time",
    "Attack;N;assault;by attacker,on victim,with weapon,@place,@time",
    "*Attack;V;ambush/ambushes/ambushed/ambushed/ambushing;attacker;victim:person+animal+vehicle;with weapon,@place,@time",
    "*Attack;V;raid;attacker:organization;victim:building+organization+location;@time",
    "*Attack;N;raid;of attacker,on victim,@place,@time",
    "Transport;V;carry/carries/carried/carried/carrying;carrier;cargo;from origin,to destination,@time",
    "Transport;V;transport;carrier;cargo;from origin,to destination,@time",
    "Transport;V;bring/brings/brought/brought/bringing;carrier;cargo;from origin,to destination,@time",
    "Transport;V;deliver;carrier:person+vehicle+organization;cargo:food+tool+product+plant+clothing+object+instrument;to destination,@time",
    "Transport;V;ship/ships/shipped/shipped/shipping;carrier:organization;cargo:food+tool+product+vehicle+object+plant;from origin,to destination,@time",
    "Transport;N;transport;of cargo,by carrier,from origin,to destination,@time",
    "Transport;N;delivery;of cargo,to destination,by carrier,@time",
    "*Transport;V;haul;carrier;cargo;from origin,to destination,@time",
    "*Transport;V;convey;carrier;cargo;from origin,to destination,@time",
    "*Transport;N;shipment;of cargo,from origin,to destination,@time",
    "Fall;I;fall/falls/fell/fallen/falling;faller;;@place,@time",
    "Fall;I;fall down/falls down/fell down/fallen down/falling down;faller;;@place,@time",
    "Fall;I;drop to the ground/drops to the ground/dropped to the ground/dropped to the ground/dropping to the ground;faller;;@place,@time",
    "Fall;I;collapse;faller:person+animal;;@place,@time",
    "Fall;I;stumble;faller:person+animal;;@place,@time",
    "Fall;N;fall;of faller,@place,@time",
    "*Fall;I;tumble;faller;;@place,@time",
    "*Fall;I;topple over;faller;;@place,@time",
    "Give;V;give/gives/gave/given/giving;giver;gift;to recipient,@time",
    "Give;V;hand;giver:person;gift;to recipient,@time",
    "Give;V;donate;giver:person+organization;gift;to recipient:organization+person,@time",
    "Give;V;present;giver:person+organization;recipient:person+organization;+with gift,@time",
    "Give;V;offer;giver;gift;to recipient,@time",
    "Give;N;gift;of gift,from giver,to recipient,@time",
    "Give;N;donation;of gift,by giver,to recipient,@time",
    "*Give;V;pass/passes/passed/passed/passing;giver;gift;to recipient,@time",
    "*Give;V;bestow;giver:person+organization;gift;on recipient,@time",
    "Leave;V;leave/leaves/left/left/leaving;traveler;origin;@time",
    "Leave;P;depart;traveler;from origin;@time",
    "Leave;P;set off/sets off/set off/set off/setting off;traveler;from origin;@time",
    "Leave;V;exit;traveler:person+animal;origin:building;@time",
    "Leave;P;flee/flees/fled/fled/fleeing;traveler:person+animal;from origin;@time",
    "Leave;N;departure;of traveler,from origin,@time",
    "*Leave;P;walk out;traveler:person+animal;of origin:building;@time",
    "*Leave;V;abandon;traveler:person;origin;@time",
    "Arrive;P;arrive;traveler;@destination;@time",
    "Arrive;V;reach/reaches/reached/reached/reaching;traveler;destination;@time",
    "Arrive;P;come/comes/came/come/coming;traveler;to destination;@time",
    "Arrive;P;get/gets/got/gotten/getting;traveler:person+animal;to destination;@time",
    "Arrive;V;enter;traveler:person+animal;destination:building;@time",
    "Arrive;N;arrival;of traveler,@destination,@time",
    "*Arrive;P;turn up;traveler;@destination;@time",
    "*Arrive;P;roll up;traveler;@destination:building;@time",
    "Travel;P;travel/travels/traveled/traveled/traveling;traveler;to destination;on vehicle,@time",
    "Travel;V;visit;traveler;destination;@time",
    "Travel;P;fly/flies/flew/flown/flying;traveler;to destination:location;@time",
    "Travel;P;go/goes/went/gone/going;traveler;to destination;on vehicle,@time",
    "Travel;V;tour;traveler;destination:location;@time",
    "Travel;N;trip;by traveler,to destination,on vehicle,@time",
    "Travel;N;visit;of traveler,to destination,@time",
    "*Travel;P;journey;traveler;to destination;on vehicle,@time",
    "*Travel;P;sail;traveler;to destination:location;on vehicle,@time",
    "Hire;V;hire;employer;employee;@time",
    "Hire;V;recruit;employer;employee;@time",
    "Hire;V;employ;employer;employee;@time",
    "Hire;V;appoint;employer:organization;employee;@time",
    "Hire;P;join;employee;employer:organization;@time",
    "Hire;N;hiring;of employee,by employer,@time",
    "Hire;N;appointment;of employee,by employer,@time",
    "*Hire;V;sign up;employer;employee;@time",
    "*Hire;V;take on/takes on/took on/taken on/taking on;employer;employee;@time",
    "Dismiss;V;dismiss/dismisses/dismissed/dismissed/dismissing;employer;employee;@time",
    "Dismiss;V;fire;employer;employee;@time",
    "Dismiss;V;sack;employer;employee;@time",
    "Dismiss;P;resign;employee;from employer:organization;@time",
    "Dismiss;P;quit/quits/quit/quit/quitting;employee;employer:organization;@time",
    "Dismiss;N;dismissal;of employee,by employer,@time",
    "Dismiss;N;resignation;of employee,from employer:organization,@time",
    "*Dismiss;V;lay off/lays off/laid off/laid off/laying off;employer;employee;@time",
    "*Dismiss;V;oust;employer:organization;employee;@time",
    "Buy;V;buy/buys/bought/bought/buying;buyer;goods;from seller,for price,@time",
    "Buy;V;purchase;buyer;goods;from seller,for price,@time",
    "Buy;V;acquire;buyer;goods;from seller,for price,@time",
    "Buy;V;sell/sells/sold/sold/selling;seller;goods;to buyer,for price,@time",
    "Buy;V;take over/takes over/took over/taken over/taking over;buyer:organization;goods:organization;for price,@time",
    "Buy;N;purchase;of goods,by buyer,from seller,for price,@time",
    "Buy;N;sale;of goods,to buyer,by seller,for price,@time",
    "*Buy;V;snap up/snaps up/snapped up/snapped up/snapping up;buyer;goods;from seller,for price,@time",
    "*Buy;N;acquisition;of goods,by buyer,for price,@time",
    "Elect;V;elect;body;official;@time",
    "Elect;V;vote for;body:organization;official;@time",
    "Elect;V;choose/chooses/chose/chosen/choosing;body:organization;official;@time",
    "Elect;N;election;of official,by body:organization,@time",
    "Elect;P;win the election/wins the election/won the election/won the election/winning the election;official;in body:location;@time",
    "*Elect;V;vote in/votes in/voted in/voted in/voting in;body;official;@time",
    "*Elect;P;win the vote/wins the vote/won the vote/won the vote/winning the vote;official;in body:location;@time",
    "Marry;V;marry/marries/married/married/marrying;spouse;spouse;@place,@time",
    "Marry;C;marry/marries/married/married/marrying;spouse;;@place,@time",
    "Marry;C;get married/gets married/got married/gotten married/getting married;spouse;;@place,@time",
    "Marry;N;wedding;of spouse,and spouse,@place,@time",
    "Marry;N;marriage;of spouse,to spouse,@place,@time",
    "*Marry;C;tie the knot/ties the knot/tied the knot/tied the knot/tying the knot;spouse;;@place,@time",
    "*Marry;V;wed/weds/wed/wed/wedding;spouse;spouse;@place,@time",
    "Found;V;found;founder;organization;@place,@time",
    "Found;V;establish/establishes/established/established/establishing;founder;organization;@place,@time",
    "Found;V;set up/sets up/set up/set up/setting up;founder;organization;@place,@time",
    "Found;V;start;founder;organization;@place,@time",
    "Found;N;founding;of organization,by founder,@place,@time",
    "Found;N;establishment;of organization,by founder,@place,@time",
    "*Found;V;co-found;founder:person;organization;@place,@time",
    "*Found;N;creation;of organization,by founder,@place,@time",
    "Injure;V;injure;cause;victim;@place,@time",
    "Injure;V;hurt/hurts/hurt/hurt/hurting;cause;victim;@place,@time",
    "Injure;V;wound;cause:person+animal+tool;victim;@place,@time",
    "Injure;V;knock over;cause:vehicle+animal;victim;@place,@time",
    "Injure;N;injury;of victim,by cause,@place,@time",
    "*Injure;V;maim;cause:animal+vehicle;victim;@place,@time",
    "*Injure;V;bruise;cause;victim;@place,@time",
    "Die;I;die/dies/died/died/dying;victim;;@place,@time",
    "Die;I;pass away/passes away/passed away/passed away/passing away;victim;;@place,@time",
    "Die;N;death;of victim,@place,@time",
    "*Die;I;perish/perishes/perished/perished/perishing;victim;;@place,@time",
    "*Die;N;passing;of victim,@place,@time",
    "Win;V;win/wins/won/won/winning;winner;prize;@place,@time",
    "Win;V;receive;winner;prize:award;@place,@time",
    "Win;V;defeat;winner;loser;@place,@time",
    "Win;V;beat/beats/beat/beaten/beating;winner:organization;loser:organization;@place,@time",
    "Win;N;victory;of winner,over loser,@place,@time",
    "*Win;V;claim;winner;prize:award;@place,@time",
    "*Win;V;outplay;winner;loser;@place,@time",
    "*Win;N;triumph;of winner,over loser,@place,@time",
    "Create;V;write/writes/wrote/written/writing;creator;work;@time",
    "Create;V;paint;creator;work;@time",
    "Create;V;compose;creator;work;@time",
    "Create;V;direct;creator;work;@time",
    "Create;V;publish/publishes/published/published/publishing;creator;work;@time",
    "Create;V;record;creator;work;@time",
    "Create;N;publication;of work,by creator,@time",
    "*Create;V;pen/pens/penned/penned/penning;creator;work;@time",
    "*Create;V;bring out/brings out/brought out/brought out/bringing out;creator;work;@time",
    "Launch;V;launch/launches/launched/launched/launching;maker;product;@place,@time",
    "Launch;V;release;maker;product;@place,@time",
    "Launch;V;unveil;maker;product;@place,@time",
    "Launch;V;introduce;maker;product;@place,@time",
    "Launch;N;launch;of product,by maker,@place,@time",
    "Launch;N;release;of product,by maker,@place,@time",
    "*Launch;V;roll out/rolls out/rolled out/rolled out/rolling out;maker;product;@place,@time",
    "*Launch;V;debut;maker;product;@place,@time",
    "Eat;V;eat/eats/ate/eaten/eating;eater;food:food+plant;@place,@time",
    "Eat;V;devour;eater;food;@place,@time",
    "Eat;V;taste;eater;food:food;@place,@time",
    "Eat;V;swallow;eater;food:food;@place,@time",
    "Eat;V;finish/finishes/finished/finished/finishing;eater:person;food:food;@place,@time",
    "*Eat;V;gobble up;eater;food;@place,@time",
    "*Eat;P;feast;eater;on food;@place,@time",
    "Perform;V;play;performer;instrument;@place,@time",
    "Perform;P;perform;performer;on instrument;@place,@time",
    "Perform;P;give a concert/gives a concert/gave a concert/given a concert/giving a concert;performer;on instrument;@place,@time",
    "Perform;N;performance;of performer,on instrument,@place,@time",
    "Perform;N;concert;by performer,@place,@time",
    "*Perform;P;take the stage/takes the stage/took the stage/taken the stage/taking the stage;performer;with instrument;@place,@time",
    "*Perform;N;recital;by performer,on instrument,@place,@time",
    "Arrest;V;arrest;agent;suspect;@place,@time",
    "Arrest;V;detain;agent;suspect;@place,@time",
    "Arrest;V;capture;agent;suspect;@place,@time",
    "Arrest;V;jail;agent:organization;suspect;@place,@time",
    "Arrest;N;arrest;of suspect,by agent,@place,@time",
    "Arrest;N;capture;of suspect,by agent,@place,@time",
    "*Arrest;V;apprehend;agent;suspect;@place,@time",
    "*Arrest;V;take into custody/takes into custody/took into custody/taken into custody/taking into custody;agent;suspect;@place,@time",
    "Pay;V;pay/pays/paid/paid/paying;payer;amount;to recipient,@time",
    "Pay;V;transfer/transfers/transferred/transferred/transferring;payer;amount;to recipient,@time",
    "Pay;V;send/sends/sent/sent/sending;payer;amount;to recipient,@time",
    "Pay;V;donate;payer;amount;to recipient,@time",
    "Pay;N;payment;of amount,by payer,to recipient,@time",
    "Pay;N;transfer;of amount,from payer,to recipient,@time",
    "*Pay;V;wire;payer;amount;to recipient,@time",
    "*Pay;V;remit/remits/remitted/remitted/remitting;payer;amount;to recipient,@time",
};

std::vector<std::string> split(std::string_view text, char by) {
  std::vector<std::string> parts;
  std::size_t from = 0;
  for (std::size_t i = 0; i <= text.size(); ++i)
    if (i == text.size() || text[i] == by) {
      parts.emplace_back(text.substr(from, i - from));
      from = i + 1;
    }
  return parts;
}

FrameRole read_role(const std::string& text, const EventSpec& event) {
  FrameRole role;
  if (text.empty()) return role;
  std::string name = text;
  if (name[0] == '+') {
    role.required = true;
    name.erase(0, 1);
  }
  std::size_t space = name.find(' ');
  if (name[0] == '@') {
    role.preposition.assign(1, '@');
    name.erase(0, 1);
  } else if (space != std::string::npos) {
    role.preposition = name.substr(0, space + 1);
    name.erase(0, space + 1);
  }
  std::size_t colon = name.find(':');
  if (colon != std::string::npos) {
    role.types = split(std::string_view(name).substr(colon + 1), '+');
    name.resize(colon);
  }
  role.role = find_role(event, name);
  if (role.role < 0) throw Error("event frame of " + event.name + " names the unknown role '" + name + "'");
  return role;
}

bool is_vowel(char c) { return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u'; }

// Regular forms; the first word carries them ("run into" is never regular).
void inflect(EventFrame& frame, const std::string& word) {
  std::vector<std::string> forms = split(word, '/');
  frame.base = forms[0];
  if (forms.size() == 5) {
    frame.third = forms[1], frame.past = forms[2], frame.participle = forms[3], frame.gerund = forms[4];
    return;
  }
  std::size_t space = frame.base.find(' ');
  std::string first = frame.base.substr(0, space), rest = space == std::string::npos ? "" : frame.base.substr(space);
  char last = first.back(), before = first[first.size() - 2];
  std::string s, ed, ing;
  if (last == 'e') {
    s = first + "s", ed = first + "d", ing = first.substr(0, first.size() - 1) + "ing";
  } else if (last == 'y' && !is_vowel(before)) {
    s = first.substr(0, first.size() - 1) + "ies", ed = first.substr(0, first.size() - 1) + "ied", ing = first + "ing";
  } else {
    bool hiss = last == 's' || last == 'x' || (last == 'h' && (before == 's' || before == 'c'));
    s = first + (hiss ? "es" : "s"), ed = first + "ed", ing = first + "ing";
  }
  frame.third = s + rest, frame.past = frame.participle = ed + rest, frame.gerund = ing + rest;
}

EventFrame read_frame(std::string_view line) {
  EventFrame frame;
  frame.test_only = line[0] == '*';
  if (frame.test_only) line.remove_prefix(1);
  std::vector<std::string> fields = split(line, ';');
  frame.event = find_event_spec(fields[0]);
  if (frame.event < 0) throw Error("event frame of the unknown event '" + fields[0] + "'");
  const EventSpec& event = event_specs()[frame.event];
  using Form = EventFrame::Form;
  switch (fields[1][0]) {
    case 'V': frame.form = Form::kTransitive; break;
    case 'P': frame.form = Form::kPrepositional; break;
    case 'I': frame.form = Form::kIntransitive; break;
    case 'C': frame.form = Form::kTogether; break;
    default: frame.form = Form::kNoun;
  }
  std::size_t extras = 5;
  if (frame.form == Form::kNoun) {
    frame.base = fields[2];
    extras = 3;
  } else {
    inflect(frame, fields[2]);
    frame.subject = read_role(fields[3], event);
    frame.object = read_role(fields[4], event);
  }
  for (const std::string& part : split(fields[extras], ',')) frame.extras.push_back(read_role(part, event));
  return frame;
}

}  // namespace

const std::vector<EventFrame>& event_frames() {
  static const std::vector<EventFrame> frames = [] {
    std::vector<EventFrame> all;
    for (const char* line : kFrames) all.push_back(read_frame(line));
    return all;
  }();
  return frames;
}

const std::vector<int>& frames_of(int event) {
  static const std::vector<std::vector<int>> index = [] {
    std::vector<std::vector<int>> all(event_specs().size());
    const std::vector<EventFrame>& frames = event_frames();
    for (std::size_t i = 0; i < frames.size(); ++i) all[frames[i].event].push_back(int(i));
    return all;
  }();
  return index[event];
}

}  // namespace reamo::synth
