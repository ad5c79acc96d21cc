#include "synth/gold_schema.h"

#include <algorithm>
#include <set>

#include "synth/names.h"
#include "synth/world_schema.h"

namespace reamo::synth {
namespace {

// How the labels of one schema are spelled.
enum class Spelling { kAsIs, kTitle, kSnake, kUpper, kKebab };

std::string spell(const std::string& name, Spelling spelling) {
  std::string out;
  bool start = true;
  for (char c : name) {
    bool space = c == ' ';
    switch (spelling) {
      case Spelling::kAsIs: out += c; break;
      case Spelling::kTitle: out += start && c >= 'a' && c <= 'z' ? char(c - 32) : c; break;
      case Spelling::kSnake: out += space ? '_' : c; break;
      case Spelling::kKebab: out += space ? '-' : c; break;
      case Spelling::kUpper: out += space ? '_' : (c >= 'a' && c <= 'z' ? char(c - 32) : c); break;
    }
    start = space;
  }
  return out;
}

class Asker {
 public:
  Asker(const SchemaPlan& plan, Random& random) : plan_(plan), random_(random) {}

  AskedSchema run() {
    decide_style();
    choose_types();
    name_types();
    build();
    return std::move(asked_);
  }

 private:
  void decide_style() {
    if (!plan_.renamed) return;
    synonyms_ = random_.chance(0.75) ? random_.uniform(0.3, 1.0) : 0;
    spelling_ = random_.chance(0.65) ? Spelling::kAsIs : Spelling(1 + random_.index(4));
    described_ = random_.chance(0.45) ? random_.uniform(0.4, 1.0) : 0;
    cut_ = random_.chance(0.8);
    strange_ = random_.chance(0.06);
  }

  // Indices kept of n types: those of the story mostly, some of the others.
  std::vector<bool> choose(std::size_t n, const std::vector<int>& present, double keep, int others) {
    std::vector<bool> kept(n, !cut_);
    if (!cut_) return kept;
    for (int i : present) kept[std::size_t(i)] = random_.chance(keep);
    for (int i = random_.between(0, others); i > 0; --i) kept[random_.index(n)] = true;
    if (std::none_of(kept.begin(), kept.end(), [](bool k) { return k; })) kept[present.empty() ? random_.index(n) : std::size_t(random_.pick(present))] = true;
    return kept;
  }

  void choose_types() {
    const std::size_t e = entity_specs().size();
    entity_kept_ = plan_.tasks.ner ? choose(e, plan_.entities, 0.8, 6) : std::vector<bool>(e, true);
    relation_kept_ = plan_.tasks.re ? choose(relation_specs().size(), plan_.relations, 0.9, 5) : std::vector<bool>(relation_specs().size(), false);
    event_kept_ = plan_.tasks.ee ? choose(event_specs().size(), plan_.events, 0.9, 4) : std::vector<bool>(event_specs().size(), false);
    role_kept_.resize(event_specs().size());
    for (std::size_t i = 0; i < event_specs().size(); ++i)
      for (std::size_t r = 0; r < event_specs()[i].roles.size(); ++r) role_kept_[i].push_back(!cut_ || r == 0 || random_.chance(0.85));
    // Relations and roles need their entity types.
    auto has_kept = [&](const std::vector<std::string>& types) {
      return std::any_of(types.begin(), types.end(), [&](const std::string& t) { return entity_kept_[std::size_t(find_entity_spec(t))]; });
    };
    auto keep_one = [&](const std::vector<std::string>& types) {
      if (!has_kept(types)) entity_kept_[std::size_t(find_entity_spec(random_.pick(types)))] = true;
    };
    if (plan_.tasks.ner) {
      for (std::size_t i = 0; i < relation_kept_.size(); ++i)
        if (relation_kept_[i]) keep_one(relation_specs()[i].head), keep_one(relation_specs()[i].tail);
      for (std::size_t i = 0; i < event_kept_.size(); ++i)
        if (event_kept_[i])
          for (std::size_t r = 0; r < role_kept_[i].size(); ++r) {
            if (r == 0) keep_one(event_specs()[i].roles[r].types);
            else if (!has_kept(event_specs()[i].roles[r].types)) role_kept_[i][r] = false;
          }
    }
  }

  std::string rename(const Label& label, std::set<std::string>& taken) {
    std::string name = label.name;
    if (plan_.renamed && random_.chance(synonyms_)) {
      std::size_t known = label.training_synonyms();
      bool test = plan_.split == Split::kTest && random_.chance(0.6);
      name = test ? label.synonyms[known + random_.index(label.synonyms.size() - known)] : label.synonyms[random_.index(known)];
    }
    name = spell(name, spelling_);
    if (!taken.insert(name).second) {
      name = spell(label.name, spelling_);
      if (!taken.insert(name).second) taken.insert(name = label.name);
    }
    return name;
  }

  void name_types() {
    std::set<std::string> taken;
    asked_.entities.resize(entity_specs().size());
    for (std::size_t i = 0; i < entity_specs().size(); ++i)
      if (entity_kept_[i]) asked_.entities[i] = rename(entity_specs()[i], taken);
    if (strange_ && plan_.tasks.ner) {
      std::vector<std::size_t> kept;
      for (std::size_t i = 0; i < entity_kept_.size(); ++i)
        if (entity_kept_[i]) kept.push_back(i);
      strange_entity_ = int(kept[random_.index(kept.size())]);
      std::string word = lower_word();
      if (taken.insert(word).second) asked_.entities[std::size_t(strange_entity_)] = word;
    }
    taken.clear();
    asked_.relations.resize(relation_specs().size());
    for (std::size_t i = 0; i < relation_specs().size(); ++i)
      if (relation_kept_[i]) asked_.relations[i] = rename(relation_specs()[i], taken);
    taken.clear();
    asked_.events.resize(event_specs().size());
    asked_.roles.resize(event_specs().size());
    for (std::size_t i = 0; i < event_specs().size(); ++i) {
      const EventSpec& event = event_specs()[i];
      asked_.roles[i].resize(event.roles.size());
      if (!event_kept_[i]) continue;
      asked_.events[i] = rename(event, taken);
      std::set<std::string> roles;
      for (std::size_t r = 0; r < event.roles.size(); ++r) {
        if (!role_kept_[i][r]) continue;
        Label label{event.roles[r].name, "", event.roles[r].synonyms};
        asked_.roles[i][r] = rename(label, roles);
      }
    }
  }

  std::string lower_word() {
    std::string word = invented_word(random_, plan_.split, 0);
    word[0] = char(word[0] | 32);
    return word;
  }

  std::string description(const Label& label, bool strange = false) {
    if (!plan_.renamed) return label.description;
    return strange || random_.chance(described_) ? label.description : "";
  }

  std::vector<std::string> renamed(const std::vector<std::string>& types) const {
    std::vector<std::string> out;
    for (const std::string& type : types) {
      const std::string& name = asked_.entities[std::size_t(find_entity_spec(type))];
      if (!name.empty()) out.push_back(name);
    }
    return out;
  }

  template <typename T>
  void widen(std::vector<T>& types, const std::vector<std::string>& foreign, T (*make)(const std::string&)) {
    if (!cut_ || !random_.chance(0.4)) return;
    for (int n = random_.between(1, 3); n > 0; --n) {
      std::string name = spell(foreign[random_.index(foreign.size())], spelling_);
      if (std::none_of(types.begin(), types.end(), [&](const T& t) { return t.name == name; })) types.push_back(make(name));
    }
  }

  void build() {
    ie::Schema& schema = asked_.schema;
    if (plan_.tasks.ner) {
      schema.entities.emplace();
      for (std::size_t i = 0; i < entity_specs().size(); ++i)
        if (entity_kept_[i]) schema.entities->push_back({asked_.entities[i], description(entity_specs()[i], int(i) == strange_entity_)});
      widen<ie::EntityType>(*schema.entities, foreign_entity_types(), [](const std::string& name) { return ie::EntityType{name, ""}; });
      if (plan_.renamed) random_.shuffle(*schema.entities);
    }
    if (plan_.tasks.re) {
      schema.relations.emplace();
      for (std::size_t i = 0; i < relation_specs().size(); ++i) {
        if (!relation_kept_[i]) continue;
        const RelationSpec& spec = relation_specs()[i];
        schema.relations->push_back({asked_.relations[i], description(spec), renamed(spec.head), renamed(spec.tail)});
      }
      widen<ie::RelationType>(*schema.relations, foreign_relation_types(), [](const std::string& name) { return ie::RelationType{name, "", {}, {}}; });
      if (plan_.renamed) random_.shuffle(*schema.relations);
    }
    if (plan_.tasks.ee) {
      schema.events.emplace();
      for (std::size_t i = 0; i < event_specs().size(); ++i) {
        if (!event_kept_[i]) continue;
        const EventSpec& spec = event_specs()[i];
        ie::EventType type{asked_.events[i], description(spec), {}};
        for (std::size_t r = 0; r < spec.roles.size(); ++r)
          if (!asked_.roles[i][r].empty()) type.roles.push_back({asked_.roles[i][r], renamed(spec.roles[r].types)});
        schema.events->push_back(std::move(type));
      }
      widen<ie::EventType>(*schema.events, foreign_event_types(), [](const std::string& name) { return ie::EventType{name, "", {}}; });
      if (plan_.renamed) random_.shuffle(*schema.events);
    }
    // Without an entities section only what relations and roles name is asked; names that nothing uses are not.
    if (!plan_.tasks.ner) {
      std::set<std::string> used;
      for (const ie::EntityType& type : schema.all_entity_types()) used.insert(type.name);
      for (std::string& name : asked_.entities)
        if (!used.count(name)) name.clear();
    }
  }

  const SchemaPlan& plan_;
  Random& random_;
  AskedSchema asked_;
  double synonyms_ = 0, described_ = 0;
  Spelling spelling_ = Spelling::kAsIs;
  bool cut_ = false, strange_ = false;
  int strange_entity_ = -1;
  std::vector<bool> entity_kept_, relation_kept_, event_kept_;
  std::vector<std::vector<bool>> role_kept_;
};

}  // namespace

AskedSchema ask(const SchemaPlan& plan, Random& random) { return Asker(plan, random).run(); }

}  // namespace reamo::synth
