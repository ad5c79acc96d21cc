#include <algorithm>
#include <map>

#include "ie/align.h"
#include "ie/error.h"
#include "ie/medium_name.h"
#include "ie/meta_response.h"
#include "ie/result.h"

namespace reamo::ie {
namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

// Calls visit(ref, allowed types or null, item number) for every ref, in order.
template <typename Response, typename Visit>
void each_ref(Response& response, const Schema& schema, Visit visit) {
  for (std::size_t i = 0; i < response.items.size(); ++i) {
    if (auto* relation = std::get_if<RelationItem>(&response.items[i])) {
      const RelationType* type = schema.relation(relation->type);
      visit(relation->head, type ? &type->head : nullptr, i);
      visit(relation->tail, type ? &type->tail : nullptr, i);
    } else if (auto* event = std::get_if<EventItem>(&response.items[i])) {
      const EventType* type = schema.event(event->type);
      for (auto& [name, ref] : event->arguments) {
        const std::vector<std::string>* types = nullptr;
        if (type) {
          const auto role = std::find_if(type->roles.begin(), type->roles.end(),
                                         [&](const Role& r) { return r.name == name; });
          if (role != type->roles.end()) types = &role->types;
        }
        visit(ref, types, i);
      }
    }
  }
}

// Finds the entity item that a mention means.
class Resolver {
 public:
  explicit Resolver(const MetaResponse& response) : items_(response.items) {
    for (std::size_t i = 0; i < items_.size(); ++i) {
      if (const auto* entity = std::get_if<EntityItem>(&items_[i])) {
        exact_[entity->mention].push_back(i);
        folded_[fold(entity->mention)].push_back(i);
      }
    }
  }

  bool is_entity(std::size_t number) const {
    return number >= 1 && number <= items_.size() &&
           std::holds_alternative<EntityItem>(items_[number - 1]);
  }

  // The rule for a mention without a number, used by item `user`; kNone when no entity item has it.
  std::size_t by_mention(const std::string& mention, const std::vector<std::string>* types,
                         std::size_t user) const {
    const std::vector<std::size_t>* candidates = find(exact_, mention);
    if (!candidates) candidates = find(folded_, fold(mention));
    if (!candidates) return kNone;
    const auto end = std::lower_bound(candidates->begin(), candidates->end(), user);
    if (end == candidates->begin()) return candidates->front();
    if (types && !types->empty()) {
      for (auto it = end; it != candidates->begin();) {
        const std::string& type = std::get<EntityItem>(items_[*--it]).type;
        if (std::find(types->begin(), types->end(), type) != types->end()) return *it;
      }
    }
    return *std::prev(end);
  }

 private:
  using Index = std::map<std::string, std::vector<std::size_t>>;
  static const std::vector<std::size_t>* find(const Index& index, const std::string& key) {
    const auto found = index.find(key);
    return found == index.end() ? nullptr : &found->second;
  }

  const std::vector<Item>& items_;
  Index exact_, folded_;
};

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

void warn_about_instructions(const MetaResponse& response, std::vector<std::string>& warnings) {
  for (const Call& call : response.calls) {
    for (const Instruction& instruction : call.instructions) {
      const std::size_t n = instruction.number;
      const std::string name =
          "the instruction " + quoted(instruction.phrase) + " is for item " + std::to_string(n);
      if (n < 1 || n > response.items.size()) {
        warnings.push_back(name + ", which is not there");
      } else if (std::holds_alternative<RelationItem>(response.items[n - 1])) {
        warnings.push_back(name + ", which is a relation and has no place of its own");
      } else if (std::holds_alternative<EventItem>(response.items[n - 1]) &&
                 call.module != GrounderModule::kAudioSegmentation) {
        warnings.push_back(name + ", which is an event and has a place in text or audio only");
      }
    }
  }
}

GrounderModule module_of(MediumKind kind) {
  switch (kind) {
    case MediumKind::kImage:
      return GrounderModule::kImageSegmentation;
    case MediumKind::kAudio:
      return GrounderModule::kAudioSegmentation;
    case MediumKind::kVideo:
      return GrounderModule::kVideoTracking;
    case MediumKind::kText:
      break;
  }
  throw Error("a phrase is for the medium \"text\", which no grounder searches");
}

}  // namespace

Joined join(const MetaResponse& response, const Schema& schema) {
  Joined joined;
  std::vector<std::size_t> entity_of_item(response.items.size(), kNone);
  for (std::size_t i = 0; i < response.items.size(); ++i) {
    if (const auto* entity = std::get_if<EntityItem>(&response.items[i])) {
      entity_of_item[i] = joined.entities.size();
      joined.entities.push_back({entity->mention, entity->type, i});
    }
  }
  const Resolver resolver(response);
  std::map<std::string, std::size_t> made;
  std::vector<std::size_t> resolved;
  each_ref(response, schema,
           [&](const Ref& ref, const std::vector<std::string>* types, std::size_t user) {
             if (ref.number) {
               if (resolver.is_entity(*ref.number)) {
                 resolved.push_back(entity_of_item[*ref.number - 1]);
                 return;
               }
               joined.warnings.push_back(
                   "the number of " + quoted(ref.mention + "#" + std::to_string(*ref.number)) +
                   " in item " + std::to_string(user + 1) + " is not that of an entity");
             }
             const std::size_t item = resolver.by_mention(ref.mention, types, user);
             if (item != kNone) {
               resolved.push_back(entity_of_item[item]);
               return;
             }
             const auto [entry, is_new] = made.try_emplace(ref.mention, joined.entities.size());
             if (is_new) joined.entities.push_back({ref.mention, "unknown", kNone});
             joined.warnings.push_back("item " + std::to_string(user + 1) + " names " +
                                       quoted(ref.mention) + ", which is not among the entities");
             resolved.push_back(entry->second);
           });
  std::size_t next = 0;
  for (std::size_t i = 0; i < response.items.size(); ++i) {
    if (const auto* relation = std::get_if<RelationItem>(&response.items[i])) {
      joined.relations.push_back({relation->type, resolved[next], resolved[next + 1], i});
      next += 2;
    } else if (const auto* event = std::get_if<EventItem>(&response.items[i])) {
      Joined::Event out{event->type, event->trigger, {}, i};
      for (const auto& [role, ref] : event->arguments)
        out.arguments.push_back({role, resolved[next++]});
      joined.events.push_back(std::move(out));
    }
  }
  warn_about_instructions(response, joined.warnings);
  return joined;
}

void add_numbers(MetaResponse& response, const Schema& schema,
                 const std::vector<std::size_t>& targets) {
  const Resolver resolver(response);
  std::size_t next = 0;
  each_ref(response, schema,
           [&](Ref& ref, const std::vector<std::string>* types, std::size_t user) {
             if (next == targets.size())
               throw Error("fewer targets than mentions in relations and events");
             const std::size_t target = targets[next++];
             if (!resolver.is_entity(target + 1)) throw Error("a target is not an entity item");
             ref.number.reset();
             if (resolver.by_mention(ref.mention, types, user) != target) ref.number = target + 1;
           });
  if (next != targets.size()) throw Error("more targets than mentions in relations and events");
}

MetaResponse response_from_result(const Result& gold, const Phrases& phrases) {
  MetaResponse response;
  std::map<std::string, std::size_t> item_of_id;
  std::vector<std::size_t> targets;
  const auto refer = [&](const std::string& id) {
    const auto found = item_of_id.find(id);
    if (found == item_of_id.end()) throw Error("the result has no entity " + quoted(id));
    targets.push_back(found->second);
    return Ref{std::get<EntityItem>(response.items[found->second]).mention, std::nullopt};
  };
  for (const Entity& entity : gold.entities) {
    if (entity.mention.empty()) throw Error("the entity " + quoted(entity.id) + " has no mention");
    item_of_id[entity.id] = response.items.size();
    response.items.push_back(EntityItem{entity.mention, entity.type});
  }
  for (const Relation& relation : gold.relations) {
    Ref head = refer(relation.head);
    response.items.push_back(RelationItem{std::move(head), relation.type, refer(relation.tail)});
  }
  std::map<std::string, std::size_t> event_of_id;
  for (const Event& event : gold.events) {
    if (event.trigger.mention.empty())
      throw Error("the event " + quoted(event.id) + " has no trigger");
    EventItem item{event.type, event.trigger.mention, {}};
    for (const Argument& argument : event.arguments)
      item.arguments.emplace_back(argument.role, refer(argument.entity));
    event_of_id[event.id] = response.items.size();
    response.items.push_back(std::move(item));
  }
  add_numbers(response, gold.schema, targets);

  std::map<GrounderModule, std::size_t> media_of_module;
  std::map<std::string, std::size_t> medium_order;
  for (const Medium& medium : gold.media) {
    medium_order[medium.name] = medium_order.size();
    const auto kind = medium_kind(medium.name);
    if (kind && *kind != MediumKind::kText) ++media_of_module[module_of(*kind)];
  }
  struct Wanted {
    std::size_t item, medium;
    Instruction instruction;
  };
  std::map<GrounderModule, std::vector<Wanted>> wanted;
  for (const auto& [id, by_medium] : phrases) {
    const auto entity = item_of_id.find(id), event = event_of_id.find(id);
    if (entity == item_of_id.end() && event == event_of_id.end())
      throw Error("a phrase is for the unknown id " + quoted(id));
    for (const auto& [medium, phrase] : by_medium) {
      const auto order = medium_order.find(medium);
      const auto kind = medium_kind(medium);
      if (order == medium_order.end() || !kind)
        throw Error("a phrase is for the unknown medium " + quoted(medium));
      const GrounderModule module = module_of(*kind);
      if (entity == item_of_id.end() && module != GrounderModule::kAudioSegmentation) {
        throw Error("a phrase is for the event " + quoted(id) + " in " + quoted(medium) +
                    "; triggers are found in audio only");
      }
      const std::size_t item = entity == item_of_id.end() ? event->second : entity->second;
      Instruction instruction{item + 1, std::nullopt, phrase};
      if (media_of_module[module] > 1) instruction.medium = medium;
      wanted[module].push_back({item, order->second, std::move(instruction)});
    }
  }
  for (auto& [module, list] : wanted) {
    std::sort(list.begin(), list.end(), [](const Wanted& a, const Wanted& b) {
      return a.item != b.item ? a.item < b.item : a.medium < b.medium;
    });
    Call call{module, {}};
    for (Wanted& each : list) call.instructions.push_back(std::move(each.instruction));
    response.calls.push_back(std::move(call));
  }
  return response;
}

}  // namespace reamo::ie
