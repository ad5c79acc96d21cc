#include "synth/world_schema.h"

#include "synth/story.h"

namespace reamo::synth {
namespace {

using Names = std::vector<std::string>;

const Names kThings = {"animal", "vehicle", "food", "tool", "instrument", "clothing", "plant", "product", "artwork", "object"};
Names with(Names types, const Names& more) {
  types.insert(types.end(), more.begin(), more.end());
  return types;
}

template <typename T>
int find(const std::vector<T>& items, std::string_view name) {
  for (std::size_t i = 0; i < items.size(); ++i)
    if (items[i].name == name) return int(i);
  return -1;
}

}  // namespace

const std::vector<EntitySpec>& entity_specs() {
  static const std::vector<EntitySpec> specs = {
      {{"person", "a human being, named or described", {"human", "individual", "PER", "people", "person name", "someone", "human being", "character", "Person or role"}}},
      {{"organization", "a company, club, school, agency or other group with a name", {"ORG", "company", "institution", "group", "organisation", "corporation", "body or institution", "firm"}}},
      {{"location", "a city, country, region, river or other place with a name", {"LOC", "place", "geographic place", "city or country", "GPE", "area", "geographical location", "site"}}},
      {{"product", "something made and sold under a name", {"PROD", "merchandise", "device", "commercial product", "brand product", "article for sale"}}},
      {{"date", "a day, month, year or time of day", {"DATE", "time", "point in time", "day", "calendar date", "when"}}},
      {{"amount", "a sum of money, a number with a unit or a percentage", {"quantity", "sum", "money", "MONEY", "value", "measured amount"}}},
      {{"animal", "a living creature that is not human", {"creature", "ANIMAL", "beast", "fauna", "species", "animal species"}}},
      {{"vehicle", "something that carries people or goods", {"VEH", "means of transport", "transport", "craft", "conveyance"}}},
      {{"food", "something to eat or drink", {"meal", "FOOD", "dish", "edible thing", "food or drink", "snack"}}},
      {{"tool", "a thing used to do work or to fight", {"TOOL", "implement", "instrument of work", "utensil", "equipment", "gear"}}},
      {{"building", "a structure with walls and a roof, or another thing built", {"FAC", "facility", "structure", "edifice", "construction"}}},
      {{"instrument", "a thing that makes music", {"musical instrument", "MUSIC", "sound maker", "music instrument"}}},
      {{"clothing", "something to wear", {"garment", "CLOTHES", "apparel", "piece of clothing", "wear"}}},
      {{"plant", "a tree, flower or other plant", {"PLANT", "flora", "vegetation", "botanical thing"}}},
      {{"artwork", "a book, film, song, painting or another creation with a title", {"work of art", "creative work", "WORK", "title", "creation", "creative-work"}}},
      {{"award", "a prize or honour with a name", {"prize", "AWARD", "honour", "trophy", "distinction"}}},
      {{"object", "a thing of everyday life that is none of the other types", {"thing", "OBJ", "item", "physical object", "artefact"}}},
  };
  return specs;
}

const std::vector<RelationSpec>& relation_specs() {
  static const std::vector<RelationSpec> specs = {
      {{"works for", "the person is employed by the organization", {"employee of", "employed by", "Work_For", "has employer", "member of staff at", "is paid by"}}, {"person"}, {"organization"}},
      {{"leads", "the person is at the head of the organization", {"head of", "boss of", "director of", "manages", "top member of", "chief of"}}, {"person"}, {"organization"}},
      {{"member of", "the person belongs to the group without being paid by it", {"belongs to", "membership", "joined to", "affiliated with"}}, {"person"}, {"organization"}},
      {{"studies at", "the person learns at the school", {"student of", "educated at", "attends", "pupil of"}}, {"person"}, {"organization"}},
      {{"lives in", "where the person has a home", {"residence", "resident of", "Live_In", "home of person", "place of residence"}}, {"person"}, {"location"}},
      {{"born in", "where the person was born", {"birthplace", "place of birth", "native of", "origin of person"}}, {"person"}, {"location"}},
      {{"located in", "the building or place stands in the other place", {"location of", "Located_In", "situated in", "in place", "is found in"}}, {"building", "location"}, {"location"}},
      {{"based in", "where the organization has its seat", {"headquartered in", "headquarters", "OrgBased_In", "seat of organization", "home city"}}, {"organization"}, {"location"}},
      {{"borders", "the two places lie side by side", {"adjacent to", "shares border with", "neighbours", "touches"}}, {"location"}, {"location"}},
      {{"married to", "wife or husband of", {"spouse", "husband or wife", "partner in marriage", "wedded to", "couple"}}, {"person"}, {"person"}},
      {{"child of", "the first person's parent is the second", {"has parent", "son or daughter of", "offspring of", "parents"}}, {"person"}, {"person"}},
      {{"sibling of", "brother or sister of", {"brother or sister", "siblings", "shares parents with"}}, {"person"}, {"person"}},
      {{"friend of", "the two like each other", {"friends with", "pal of", "buddy", "is close to"}}, {"person"}, {"person"}},
      {{"rival of", "the two compete", {"competes with", "opponent of", "competitor", "contends with"}}, {"person", "organization"}, {"person", "organization"}},
      {{"owns", "the thing belongs to the owner", {"owner of", "has possession", "possesses", "proprietor of"}}, {"person", "organization"}, {"vehicle", "building", "instrument", "artwork", "organization", "product", "animal"}},
      {{"produces", "the organization makes the product", {"maker of", "manufactures", "manufacturer", "makes product"}}, {"organization"}, {"product"}},
      {{"creator of", "the person made the work", {"author of", "made by (inverse)", "artist behind", "composer or author"}}, {"person"}, {"artwork"}},
      {{"part of", "the first belongs to the second as a part or daughter", {"subsidiary of", "division of", "component of", "unit of"}}, {"organization"}, {"organization"}},
      {{"costs", "the price of the thing", {"price", "has price", "is sold for", "worth"}}, {"product", "artwork", "vehicle"}, {"amount"}},
      {{"wears", "what the person has on", {"dressed in", "has on", "outfit", "is clad in"}}, {"person"}, {"clothing"}},
      {{"plays", "the person makes music on the instrument", {"player of", "plays instrument", "performs on", "instrumentalist"}}, {"person"}, {"instrument"}},
      {{"holding", "has the thing in the hand or in front of the body", {"holds", "carrying", "grips", "has in hand"}}, {"person", "animal"}, {"tool", "food", "instrument", "plant", "product", "object", "clothing"}, true},
      {{"riding", "sits on or in the animal or vehicle", {"rides", "rides on", "mounted on", "sits on"}}, {"person", "animal"}, {"animal", "vehicle"}, true},
      {{"next to", "stands beside the other thing", {"beside", "side by side with", "at the side of", "close to"}}, {"person", "animal", "vehicle", "food", "plant", "building", "tool", "object", "instrument", "clothing"}, {"person", "animal", "vehicle", "building", "plant", "food", "tool", "object", "instrument", "clothing"}, true},
      {{"behind", "is partly hidden by the other thing", {"at the back of", "in back of", "hidden by", "rear of"}}, {"person", "animal", "vehicle", "building", "plant", "object"}, {"person", "animal", "vehicle", "building", "plant", "object"}, true},
  };
  return specs;
}

const std::vector<EventSpec>& event_specs() {
  static const Names being = {"person", "animal"}, site = {"location", "building"}, when = {"date"};
  static const RoleSpec place{"place", site, {"location of event", "where", "venue", "scene"}};
  static const RoleSpec time{"time", when, {"date of event", "when", "moment", "day of event"}};
  static const std::vector<EventSpec> specs = {
      {{"Meet", "two or more come together", {"Meeting", "Contact:Meet", "Encounter", "Get together"}}, "meet", "meet", {"participant", "participant"},
       {{"participant", with(being, {"organization", "vehicle"}), {"party", "attendee", "entity", "one who meets"}}, place, time}},
      {{"Chase", "one runs after another to catch it", {"Pursuit", "Hunt", "Chasing", "Running after"}}, "chase", "chase", {"pursuer", "target"},
       {{"pursuer", with(being, {"vehicle"}), {"chaser", "follower", "hunter"}}, {"target", with(being, {"vehicle"}), {"chased", "prey", "quarry"}}, place, time}},
      {{"Attack", "one uses force against another", {"Conflict:Attack", "Assault", "Violence", "Aggression"}}, "attack", "attack", {"attacker", "victim"},
       {{"attacker", with(being, {"organization", "vehicle"}), {"aggressor", "assailant", "perpetrator"}}, {"victim", with(being, {"organization", "building", "vehicle", "location"}), {"target", "attacked", "sufferer"}},
        {"weapon", {"tool", "vehicle"}, {"instrument", "means", "arm used"}}, place, time}},
      {{"Transport", "something is carried from one place to another", {"Movement:Transport", "Carrying", "Delivery", "Haulage"}}, "carry", "transport", {"carrier", "cargo"},
       {{"carrier", with(being, {"vehicle", "organization"}), {"transporter", "vehicle", "conveyor"}}, {"cargo", with({"person"}, kThings), {"passenger", "goods", "load"}},
        {"origin", site, {"source", "start", "from"}}, {"destination", site, {"goal", "end point", "to"}}, time}},
      {{"Fall", "something drops or tumbles", {"Falling", "Drop", "Tumble", "Downfall"}}, "fall", "fall", {"faller"},
       {{"faller", with({"person"}, kThings), {"theme", "falling thing", "what drops"}}, place, time}},
      {{"Give", "a thing passes from one to another as a gift", {"Giving", "Transfer:Gift", "Present", "Handover"}}, "give", "give", {"giver", "gift", "recipient"},
       {{"giver", with(being, {"organization"}), {"donor", "sender", "one who gives"}}, {"gift", with(kThings, {"building"}), {"thing given", "theme", "present"}}, {"recipient", with(being, {"organization"}), {"receiver", "beneficiary", "one who gets"}}, time}},
      {{"Leave", "someone goes away from a place", {"Departure", "Going away", "Exit", "Depart"}}, "leave", "leave", {"traveler"},
       {{"traveler", with(being, {"vehicle"}), {"leaver", "mover", "one who goes"}}, {"origin", site, {"place left", "source", "from"}}, time}},
      {{"Arrive", "someone comes to a place", {"Arrival", "Coming", "Reach", "Appear"}}, "arrive", "arrive", {"traveler"},
       {{"traveler", with(being, {"vehicle"}), {"arriver", "mover", "one who comes"}}, {"destination", site, {"place reached", "goal", "to"}}, time}},
      {{"Travel", "someone makes a journey", {"Journey", "Trip", "Visit", "Movement:Person"}}, "travel", "", {},
       {{"traveler", {"person"}, {"visitor", "passenger", "tourist"}}, {"destination", site, {"place visited", "goal", "to"}}, {"vehicle", {"vehicle"}, {"means", "transport used", "craft"}}, time}},
      {{"Hire", "someone gets a job", {"Personnel:Start-Position", "Employment start", "Recruitment", "Job start"}}, "hire", "", {},
       {{"employer", {"organization", "person"}, {"company", "recruiter", "hiring body"}}, {"employee", {"person"}, {"recruit", "new worker", "hired person"}}, time}},
      {{"Dismiss", "someone loses a job", {"Personnel:End-Position", "Firing", "Layoff", "Job end"}}, "dismiss", "", {},
       {{"employer", {"organization", "person"}, {"company", "former employer", "dismissing body"}}, {"employee", {"person"}, {"dismissed person", "worker", "former worker"}}, time}},
      {{"Buy", "something changes owner for money", {"Purchase", "Transaction:Buy", "Acquisition", "Sale"}}, "buy", "", {},
       {{"buyer", {"person", "organization"}, {"purchaser", "customer", "acquirer"}}, {"goods", with(kThings, {"organization", "building"}), {"thing bought", "item", "merchandise"}}, {"seller", {"person", "organization"}, {"vendor", "previous owner", "supplier"}}, {"price", {"amount"}, {"money", "cost", "sum paid"}}, time}},
      {{"Elect", "people vote someone into an office", {"Personnel:Elect", "Election", "Vote", "Selection by vote"}}, "elect", "", {},
       {{"official", {"person"}, {"elected", "winner of vote", "office holder"}}, {"body", {"organization", "location"}, {"entity", "electorate", "office of"}}, time}},
      {{"Marry", "two people become a couple", {"Life:Marry", "Wedding", "Marriage", "Wed"}}, "marry", "", {},
       {{"spouse", {"person"}, {"partner", "bride or groom", "person married"}}, place, time}},
      {{"Found", "an organization is set up", {"Business:Start-Org", "Founding", "Establishment", "Creation of company"}}, "found", "", {},
       {{"founder", {"person", "organization"}, {"creator", "starter", "initiator"}}, {"organization", {"organization"}, {"founded body", "new company", "thing founded"}}, place, time}},
      {{"Injure", "someone is hurt", {"Life:Injure", "Injury", "Harm", "Wounding"}}, "injure", "", {},
       {{"victim", being, {"injured", "patient", "hurt one"}}, {"cause", {"animal", "vehicle", "tool", "person", "plant"}, {"agent", "source of harm", "what hurt"}}, place, time}},
      {{"Die", "someone's life ends", {"Life:Die", "Death", "Passing", "End of life"}}, "die", "", {},
       {{"victim", being, {"deceased", "dead", "one who died"}}, place, time}},
      {{"Win", "someone gets a prize or beats others", {"Victory", "Award", "Winning", "Receive prize"}}, "win", "", {},
       {{"winner", {"person", "organization"}, {"champion", "laureate", "victor"}}, {"prize", {"award", "amount"}, {"award", "what is won", "honour"}}, {"loser", {"person", "organization"}, {"beaten", "rival", "defeated one"}}, place, time}},
      {{"Create", "a work of art is made or brought out", {"Creation", "Publish", "Making of a work", "Produce work"}}, "create", "", {},
       {{"creator", {"person"}, {"author", "artist", "maker"}}, {"work", {"artwork"}, {"creation", "title", "thing made"}}, time}},
      {{"Launch", "a product comes on the market", {"Product launch", "Release", "Introduce", "Market entry"}}, "launch", "", {},
       {{"maker", {"organization", "person"}, {"company", "producer", "launching body"}}, {"product", {"product"}, {"thing launched", "new product", "release"}}, place, time}},
      {{"Eat", "someone eats or drinks", {"Eating", "Ingestion", "Meal", "Consume"}}, "eat", "", {},
       {{"eater", being, {"consumer", "ingestor", "one who eats"}}, {"food", with({"food"}, {"plant", "animal"}), {"eaten thing", "dish", "what is eaten"}}, place, time}},
      {{"Perform", "someone makes music or shows art before others", {"Performance", "Concert", "Play music", "Show"}}, "play", "", {},
       {{"performer", {"person"}, {"musician", "artist", "player"}}, {"instrument", {"instrument"}, {"music tool", "what is played", "sound source"}}, place, time}},
      {{"Arrest", "someone is taken by the law", {"Justice:Arrest-Jail", "Detention", "Capture", "Taking into custody"}}, "arrest", "", {},
       {{"agent", {"person", "organization"}, {"authority", "jailer", "arresting officer"}}, {"suspect", {"person"}, {"detainee", "prisoner", "arrested one"}}, place, time}},
      {{"Pay", "money is handed over", {"Transaction:Transfer-Money", "Payment", "Money transfer", "Donation"}}, "pay", "", {},
       {{"payer", {"person", "organization"}, {"giver of money", "sender", "donor"}}, {"recipient", {"person", "organization"}, {"receiver", "payee", "beneficiary"}}, {"amount", {"amount"}, {"money", "sum", "payment"}}, time}},
  };
  return specs;
}

int find_entity_spec(std::string_view name) { return find(entity_specs(), name); }
int find_relation_spec(std::string_view name) { return find(relation_specs(), name); }
int find_event_spec(std::string_view name) { return find(event_specs(), name); }
int find_role(const EventSpec& event, std::string_view role) { return find(event.roles, role); }

const std::vector<std::string>& foreign_entity_types() {
  static const Names types = {"disease", "chemical compound", "programming language", "algorithm", "law", "sports team", "political party", "deity", "planet", "protein", "battle",
                              "software", "currency", "language", "academic journal", "theory", "mineral", "medical treatment", "poem", "metrics", "nationality", "religion",
                              "file name", "phone number", "email", "street address", "body part", "weapon system", "gene", "symptom"};
  return types;
}
const std::vector<std::string>& foreign_relation_types() {
  static const Names types = {"causes", "treats", "invented by", "capital of", "influenced by", "speaks language", "follows religion", "encodes", "translated into", "succeeded by",
                              "cause of death", "charged with", "sponsored by", "named after", "orbits", "written in"};
  return types;
}
const std::vector<std::string>& foreign_event_types() {
  static const Names types = {"Earthquake", "Phone hack", "Data breach", "Adverse event", "Translate", "Sleep", "Bankruptcy", "Extradite", "Vaccinate", "Weather change",
                              "Compete in court", "Ransom", "Patch vulnerability", "Reveal secret", "Convict", "Demonstrate"};
  return types;
}

const ie::Schema& world_schema() {
  static const ie::Schema schema = [] {
    ie::Schema s;
    s.entities.emplace();
    for (const EntitySpec& e : entity_specs()) s.entities->push_back({e.name, e.description});
    s.relations.emplace();
    for (const RelationSpec& r : relation_specs()) s.relations->push_back({r.name, r.description, r.head, r.tail});
    s.events.emplace();
    for (const EventSpec& e : event_specs()) {
      ie::EventType type{e.name, e.description, {}};
      for (const RoleSpec& role : e.roles) type.roles.push_back({role.name, role.types});
      s.events->push_back(type);
    }
    return s;
  }();
  return schema;
}

}  // namespace reamo::synth
