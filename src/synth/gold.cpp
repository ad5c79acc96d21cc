#include "synth/gold.h"

#include <algorithm>
#include <optional>
#include <set>

#include "ie/align.h"
#include "synth/atlas.h"
#include "synth/world_schema.h"

namespace reamo::synth {
namespace {

constexpr std::size_t kNever = std::size_t(-1);

std::string part_of_text(const std::string& text, const std::vector<std::size_t>& offsets, const Mark& mark) {
  return text.substr(offsets[mark.start], offsets[mark.end] - offsets[mark.start]);
}

std::string numbered(char letter, std::size_t number) {
  std::string id(1, letter);
  return id += std::to_string(number);
}

bool contains(const std::vector<int>& items, int item) { return std::find(items.begin(), items.end(), item) != items.end(); }

class GoldMaker {
 public:
  explicit GoldMaker(const GoldRequest& request) : request_(request), story_(*request.story), asked_(*request.asked) {}

  Gold run() {
    for (const Told& told : request_.told) offsets_.push_back(ie::code_point_offsets(told.written.text));
    media();
    facts();
    entities();
    relations();
    events();
    gold_.response = ie::response_from_result(gold_.result, phrases_);
    return std::move(gold_);
  }

 private:
  void media() {
    ie::Result& result = gold_.result;
    result.document = request_.id;
    result.model = {"gold", ""};
    result.schema = asked_.schema;
    result.tasks = asked_.schema.tasks();
    auto add = [&](char first) {
      for (const Told& told : request_.told)
        if (told.medium[0] == first) {
          if (first == 't') result.media.push_back({told.medium, ie::TextMedium{offsets_[0].size() - 1}});
          else result.media.push_back({told.medium, ie::AudioMedium{}});
        }
      for (const Shown& shown : request_.shown)
        if (shown.medium[0] == first) {
          if (first == 'i') result.media.push_back({shown.medium, ie::ImageMedium{}});
          else result.media.push_back({shown.medium, ie::VideoMedium{}});
        }
    };
    for (char first : {'t', 'i', 'a', 'v'}) add(first);
  }

  // Place of first mention: medium and position, so that items stand in the order of the text, then of the recordings,
  // then of the pictures.
  std::pair<std::size_t, std::size_t> place_of(Mark::What what, int index) const {
    for (std::size_t t = 0; t < request_.told.size(); ++t)
      for (std::size_t m = 0; m < request_.told[t].written.marks.size(); ++m) {
        const Mark& mark = request_.told[t].written.marks[m];
        if (mark.what == what && mark.index == index) return {t, m};
      }
    if (what == Mark::What::kTrigger) return {request_.told.size(), std::size_t(index)};
    for (std::size_t s = 0; s < request_.shown.size(); ++s) {
      const std::vector<int>& members = request_.shown[s].members;
      auto found = std::find(members.begin(), members.end(), index);
      if (found != members.end()) return {request_.told.size() + s, std::size_t(found - members.begin())};
    }
    return {kNever, 0};
  }
  bool is_present(int member) const { return place_of(Mark::What::kEntity, member).first != kNever; }

  std::string asked_type(int member) const {
    int spec = find_entity_spec(story_.members[std::size_t(member)].type);
    return spec < 0 ? "" : asked_.entities[std::size_t(spec)];
  }

  bool type_allowed(const std::vector<std::string>& types, const std::string& type) const {
    return types.empty() || std::find(types.begin(), types.end(), type) != types.end();
  }

  // Which relations, events and arguments are told or shown, asked for, and have all they need.
  void facts() {
    relation_said_.assign(story_.relations.size(), false);
    argument_said_.resize(story_.events.size());
    for (const Told& told : request_.told) {
      for (std::size_t r = 0; r < told.written.relations.size(); ++r)
        if (told.written.relations[r]) relation_said_[r] = true;
      for (std::size_t e = 0; e < told.written.arguments.size(); ++e)
        for (std::size_t a = 0; a < told.written.arguments[e].size(); ++a) {
          argument_said_[e].resize(story_.events[e].arguments.size(), false);
          if (told.written.arguments[e][a]) argument_said_[e][a] = true;
        }
    }
    for (const Shown& shown : request_.shown) {
      for (int r : shown.relations) relation_said_[std::size_t(r)] = true;
      for (int e : shown.events) {
        std::vector<bool>& said = argument_said_[std::size_t(e)];
        said.resize(story_.events[std::size_t(e)].arguments.size(), false);
        for (std::size_t a = 0; a < said.size(); ++a)
          if (contains(shown.members, story_.events[std::size_t(e)].arguments[a].second)) said[a] = true;
      }
    }
    for (std::size_t r = 0; r < relation_said_.size(); ++r) {
      const StoryRelation& relation = story_.relations[r];
      const std::string& name = asked_.relations[std::size_t(relation.spec)];
      const ie::RelationType* type = name.empty() ? nullptr : asked_.schema.relation(name);
      std::string head = asked_type(relation.head), tail = asked_type(relation.tail);
      if (!type || head.empty() || tail.empty() || !type_allowed(type->head, head) || !type_allowed(type->tail, tail) || !is_present(relation.head) || !is_present(relation.tail)) relation_said_[r] = false;
      if (relation_said_[r]) used_.insert({relation.head, relation.tail});
    }
    for (std::size_t e = 0; e < argument_said_.size(); ++e) {
      const StoryEvent& event = story_.events[e];
      const std::string& name = asked_.events[std::size_t(event.spec)];
      if (name.empty()) argument_said_[e].clear();
      for (std::size_t a = 0; a < argument_said_[e].size(); ++a) {
        auto [role, member] = event.arguments[a];
        const std::string& role_name = asked_.roles[std::size_t(event.spec)][std::size_t(role)];
        std::string type = asked_type(member);
        bool keep = argument_said_[e][a] && !role_name.empty() && !type.empty() && is_present(member);
        if (keep) {
          for (const ie::Role& r : asked_.schema.event(name)->roles)
            if (r.name == role_name && !type_allowed(r.types, type)) keep = false;
        }
        argument_said_[e][a] = keep;
        if (keep) used_.insert(member);
      }
    }
  }

  void entities() {
    const bool all = gold_.result.tasks.ner;
    std::vector<int> members;
    for (int m = 0; m < int(story_.members.size()); ++m)
      if (!asked_type(m).empty() && is_present(m) && (all || used_.count(m))) members.push_back(m);
    std::stable_sort(members.begin(), members.end(), [&](int a, int b) { return place_of(Mark::What::kEntity, a) < place_of(Mark::What::kEntity, b); });
    for (int member : members) {
      ie::Entity entity;
      entity.id = numbered('e', gold_.result.entities.size() + 1);
      entity.type = asked_type(member);
      const Member& m = story_.members[std::size_t(member)];
      for (std::size_t t = 0; t < request_.told.size(); ++t) tell(entity, member, t);
      for (const Shown& shown : request_.shown) show(entity, member, m, shown);
      if (entity.mention.empty()) entity.mention = m.kind >= 0 && !m.proper ? m.name : kinds()[std::size_t(m.kind)].name;
      ids_[member] = entity.id;
      gold_.members.push_back(member);
      gold_.result.entities.push_back(std::move(entity));
    }
  }

  void tell(ie::Entity& entity, int member, std::size_t t) {
    const Told& told = request_.told[t];
    bool found = false;
    for (const Mark& mark : told.written.marks) {
      if (mark.what != Mark::What::kEntity || mark.index != member) continue;
      std::string mention = part_of_text(told.written.text, offsets_[t], mark);
      if (entity.mention.empty()) entity.mention = mention;
      if (told.medium == "text") entity.groundings.push_back({told.medium, ie::TextSpan{mark.start, mark.end}, std::nullopt});
      else if (!found) phrases_[entity.id][told.medium] = mention;
      found = true;
    }
    if (!found && told.medium != "text") entity.absent.push_back(told.medium);
  }

  void show(ie::Entity& entity, int member, const Member& m, const Shown& shown) {
    auto phrase = shown.phrases.find(member);
    if (contains(shown.members, member)) {
      phrases_[entity.id][shown.medium] = phrase != shown.phrases.end() ? phrase->second : kinds()[std::size_t(m.kind)].name;
    } else if (m.type != "date" && m.type != "amount") {
      entity.absent.push_back(shown.medium);
    }
  }

  void relations() {
    std::vector<std::pair<std::pair<std::size_t, std::size_t>, std::size_t>> order;
    for (std::size_t r = 0; r < relation_said_.size(); ++r)
      if (relation_said_[r]) order.push_back({{number(story_.relations[r].head), number(story_.relations[r].tail)}, r});
    std::sort(order.begin(), order.end());
    for (const auto& [key, r] : order) {
      const StoryRelation& relation = story_.relations[r];
      gold_.result.relations.push_back({numbered('r', gold_.result.relations.size() + 1), asked_.relations[std::size_t(relation.spec)], ids_.at(relation.head), ids_.at(relation.tail), std::nullopt});
    }
  }

  std::size_t number(int member) const { return std::stoul(ids_.at(member).substr(1)); }

  void events() {
    std::vector<int> order;
    for (std::size_t e = 0; e < argument_said_.size(); ++e) {
      // An event without any argument that is asked for is still an event where its trigger is said.
      bool said = !argument_said_[e].empty() && (place_of(Mark::What::kTrigger, int(e)).first < request_.told.size() ||
                                                 std::any_of(argument_said_[e].begin(), argument_said_[e].end(), [](bool b) { return b; }));
      if (said) order.push_back(int(e));
    }
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return place_of(Mark::What::kTrigger, a) < place_of(Mark::What::kTrigger, b); });
    for (int e : order) {
      const StoryEvent& event = story_.events[std::size_t(e)];
      ie::Event out;
      out.id = numbered('v', gold_.result.events.size() + 1);
      out.type = asked_.events[std::size_t(event.spec)];
      for (std::size_t t = 0; t < request_.told.size(); ++t) trigger(out, e, t);
      if (out.trigger.mention.empty()) out.trigger.mention = event_specs()[std::size_t(event.spec)].trigger;
      std::vector<std::pair<std::size_t, std::size_t>> arguments;  // role, argument
      for (std::size_t a = 0; a < event.arguments.size(); ++a)
        if (argument_said_[std::size_t(e)][a]) arguments.push_back({std::size_t(event.arguments[a].first), a});
      std::stable_sort(arguments.begin(), arguments.end(), [](const auto& x, const auto& y) { return x.first < y.first; });
      for (const auto& [role, a] : arguments)
        out.arguments.push_back({asked_.roles[std::size_t(event.spec)][role], ids_.at(event.arguments[a].second), std::nullopt});
      gold_.events.push_back(e);
      gold_.result.events.push_back(std::move(out));
    }
  }

  void trigger(ie::Event& out, int event, std::size_t t) {
    const Told& told = request_.told[t];
    for (const Mark& mark : told.written.marks) {
      if (mark.what != Mark::What::kTrigger || mark.index != event) continue;
      std::string mention = part_of_text(told.written.text, offsets_[t], mark);
      if (out.trigger.mention.empty()) out.trigger.mention = mention;
      if (told.medium == "text") out.trigger.groundings.push_back({told.medium, ie::TextSpan{mark.start, mark.end}, std::nullopt});
      else phrases_[out.id][told.medium] = mention;
    }
  }

  const GoldRequest& request_;
  const Story& story_;
  const AskedSchema& asked_;
  Gold gold_;
  ie::Phrases phrases_;
  std::vector<std::vector<std::size_t>> offsets_;
  std::vector<bool> relation_said_;
  std::vector<std::vector<bool>> argument_said_;
  std::set<int> used_;
  std::map<int, std::string> ids_;
};

}  // namespace

Gold make_gold(const GoldRequest& request) { return GoldMaker(request).run(); }

}  // namespace reamo::synth
