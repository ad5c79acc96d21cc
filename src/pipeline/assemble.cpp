#include "pipeline/assemble.h"

#include <algorithm>
#include <map>
#include <set>

#include "ie/align.h"

namespace reamo::pipeline {
namespace {

constexpr std::size_t kNone = std::size_t(-1);

// Text spans of each mention, in code points of the document. A mention that one item alone has stands wherever the text
// says it; items that share a mention take its occurrences in turn.
std::vector<std::vector<ie::TextSpan>> spans_of(const Window& window, const std::vector<std::string>& mentions) {
  std::vector<std::vector<ie::TextSpan>> spans(mentions.size());
  if (window.text.empty()) return spans;
  std::map<std::string, int> uses;
  for (const std::string& mention : mentions) ++uses[ie::fold(mention)];
  const auto aligned = ie::align_mentions(window.text, mentions);
  for (std::size_t i = 0; i < mentions.size(); ++i) {
    if (uses[ie::fold(mentions[i])] == 1) {
      spans[i] = ie::find_all(window.text, mentions[i]);
    } else if (aligned[i]) {
      spans[i] = {*aligned[i]};
    }
    for (ie::TextSpan& span : spans[i]) {
      span.start += window.start;
      span.end += window.start;
    }
  }
  return spans;
}

std::vector<ie::Grounding> text_groundings(const std::vector<ie::TextSpan>& spans) {
  std::vector<ie::Grounding> groundings;
  for (const ie::TextSpan& span : spans) groundings.push_back({"text", span, std::nullopt});
  return groundings;
}

bool share_span(const std::vector<ie::Grounding>& a, const std::vector<ie::Grounding>& b) {
  for (const ie::Grounding& x : a) {
    const auto* span = std::get_if<ie::TextSpan>(&x.place);
    if (span == nullptr) continue;
    for (const ie::Grounding& y : b) {
      const auto* other = std::get_if<ie::TextSpan>(&y.place);
      if (other != nullptr && *span == *other) return true;
    }
  }
  return false;
}
bool has_span(const std::vector<ie::Grounding>& groundings) {
  return std::any_of(groundings.begin(), groundings.end(),
                     [](const ie::Grounding& g) { return std::holds_alternative<ie::TextSpan>(g.place); });
}

void add_new(std::vector<ie::Grounding>& to, const std::vector<ie::Grounding>& from) {
  for (const ie::Grounding& grounding : from) {
    const bool there = std::any_of(to.begin(), to.end(), [&](const ie::Grounding& g) {
      return g.medium == grounding.medium && g.place == grounding.place;
    });
    if (!there) to.push_back(grounding);
  }
}

void keep_higher(std::optional<double>& score, const std::optional<double>& other) {
  if (other && (!score || *other > *score)) score = other;
}

// Media are written in the order of result.media.
void sort_groundings(std::vector<ie::Grounding>& groundings, const ie::Result& result) {
  const auto rank = [&](const ie::Grounding& g) {
    std::size_t i = 0;
    while (i < result.media.size() && result.media[i].name != g.medium) ++i;
    return i;
  };
  std::stable_sort(groundings.begin(), groundings.end(), [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
}

class Assembler {
 public:
  explicit Assembler(ie::Result& result) : result_(result) {}

  void add(const Window& window) {
    const ie::Joined joined = ie::join(window.response, result_.schema);
    for (const std::string& message : joined.warnings) warn({"unknown_mention", message, "meta_response"});
    for (const ie::Warning& warning : window.located.warnings) warn(warning);
    const std::vector<std::string> ids = add_entities(window, joined);
    for (const auto& relation : joined.relations) add_relation(window, relation, ids);
    add_events(window, joined, ids);
  }

 private:
  std::optional<double> score(const Window& window, std::size_t item) const {
    if (item == kNone || item >= window.scores.size()) return std::nullopt;
    return window.scores[item];
  }
  const Places* places(const Window& window, std::size_t item) const {
    const auto found = window.located.items.find(item);
    return found == window.located.items.end() ? nullptr : &found->second;
  }
  void warn(const ie::Warning& warning) {
    if (!result_.warnings) result_.warnings.emplace();
    if (std::find(result_.warnings->begin(), result_.warnings->end(), warning) == result_.warnings->end()) {
      result_.warnings->push_back(warning);
    }
  }

  std::vector<std::string> add_entities(const Window& window, const ie::Joined& joined) {
    std::vector<std::string> mentions, ids;
    for (const auto& entity : joined.entities) mentions.push_back(entity.mention);
    const auto spans = spans_of(window, mentions);
    for (std::size_t i = 0; i < joined.entities.size(); ++i) {
      ie::Entity entity{"", joined.entities[i].type, joined.entities[i].mention, score(window, joined.entities[i].item), text_groundings(spans[i]), {}};
      if (const Places* found = places(window, joined.entities[i].item)) {
        entity.groundings.insert(entity.groundings.end(), found->groundings.begin(), found->groundings.end());
        entity.absent = found->absent;
      }
      ids.push_back(merge(std::move(entity)));
    }
    return ids;
  }

  // An entity of a former window with the same type and a common span (or, both outside the text, the same mention) is
  // the same entity.
  std::string merge(ie::Entity entity) {
    for (std::size_t i = 0; i < before_window_; ++i) {
      ie::Entity& old = result_.entities[i];
      if (old.type != entity.type) continue;
      const bool same = has_span(old.groundings) || has_span(entity.groundings)
                            ? share_span(old.groundings, entity.groundings)
                            : ie::fold(old.mention) == ie::fold(entity.mention);
      if (!same) continue;
      add_new(old.groundings, entity.groundings);
      std::erase_if(old.absent, [&](const std::string& medium) {
        return std::find(entity.absent.begin(), entity.absent.end(), medium) == entity.absent.end();
      });
      keep_higher(old.score, entity.score);
      return old.id;
    }
    entity.id = "e" + std::to_string(result_.entities.size() + 1);
    sort_groundings(entity.groundings, result_);
    result_.entities.push_back(std::move(entity));
    return result_.entities.back().id;
  }

  void add_relation(const Window& window, const ie::Joined::Relation& joined, const std::vector<std::string>& ids) {
    ie::Relation relation{"", joined.type, ids[joined.head], ids[joined.tail], score(window, joined.item)};
    for (ie::Relation& old : result_.relations) {
      if (old.type == relation.type && old.head == relation.head && old.tail == relation.tail) {
        keep_higher(old.score, relation.score);
        return;
      }
    }
    relation.id = "r" + std::to_string(result_.relations.size() + 1);
    result_.relations.push_back(std::move(relation));
  }

  void add_events(const Window& window, const ie::Joined& joined, const std::vector<std::string>& ids) {
    std::vector<std::string> triggers;
    for (const auto& event : joined.events) triggers.push_back(event.trigger);
    // A trigger is one word at one place: the occurrences are taken in turn.
    std::vector<std::optional<ie::TextSpan>> spans(triggers.size());
    if (!window.text.empty()) spans = ie::align_mentions(window.text, triggers);
    for (std::size_t i = 0; i < joined.events.size(); ++i) {
      ie::Event event{"", joined.events[i].type, score(window, joined.events[i].item), {triggers[i], {}}, {}};
      if (spans[i]) {
        event.trigger.groundings.push_back(
            {"text", ie::TextSpan{spans[i]->start + window.start, spans[i]->end + window.start}, std::nullopt});
      }
      if (const Places* found = places(window, joined.events[i].item)) {
        event.trigger.groundings.insert(event.trigger.groundings.end(), found->groundings.begin(), found->groundings.end());
      }
      for (const auto& argument : joined.events[i].arguments) {
        event.arguments.push_back({argument.role, ids[argument.entity], event.score});
      }
      add_event(std::move(event));
    }
    before_window_ = result_.entities.size();
    events_before_ = result_.events.size();
  }

  void add_event(ie::Event event) {
    for (std::size_t i = 0; i < events_before_; ++i) {
      ie::Event& old = result_.events[i];
      if (old.type != event.type) continue;
      const bool same = has_span(old.trigger.groundings) || has_span(event.trigger.groundings)
                            ? share_span(old.trigger.groundings, event.trigger.groundings)
                            : ie::fold(old.trigger.mention) == ie::fold(event.trigger.mention);
      if (!same) continue;
      keep_higher(old.score, event.score);
      add_new(old.trigger.groundings, event.trigger.groundings);
      for (const ie::Argument& argument : event.arguments) {
        const bool there = std::any_of(old.arguments.begin(), old.arguments.end(), [&](const ie::Argument& a) {
          return a.role == argument.role && a.entity == argument.entity;
        });
        if (!there) old.arguments.push_back(argument);
      }
      return;
    }
    event.id = "v" + std::to_string(result_.events.size() + 1);
    sort_groundings(event.trigger.groundings, result_);
    result_.events.push_back(std::move(event));
  }

  ie::Result& result_;
  std::size_t before_window_ = 0, events_before_ = 0;
};

}  // namespace

void assemble(const std::vector<Window>& windows, ie::Result& result) {
  Assembler assembler(result);
  for (const Window& window : windows) assembler.add(window);
}

void filter(ie::Result& result, const ie::Tasks& tasks, std::optional<double> threshold) {
  const auto kept = [&](const std::string& type, const std::optional<double>& score) {
    if (!score) return true;
    const auto own = result.schema.thresholds.find(type);
    const double limit = own != result.schema.thresholds.end() ? own->second : threshold.value_or(0);
    return *score >= limit;
  };
  std::set<std::string> weak;
  for (const ie::Entity& entity : result.entities) {
    if (!kept(entity.type, entity.score)) weak.insert(entity.id);
  }
  std::erase_if(result.relations, [&](const ie::Relation& r) {
    return !tasks.re || !kept(r.type, r.score) || weak.count(r.head) != 0 || weak.count(r.tail) != 0;
  });
  std::erase_if(result.events, [&](const ie::Event& e) { return !tasks.ee || !kept(e.type, e.score); });
  std::set<std::string> used;
  for (const ie::Relation& relation : result.relations) used.insert({relation.head, relation.tail});
  for (ie::Event& event : result.events) {
    std::erase_if(event.arguments, [&](const ie::Argument& a) { return !kept(a.role, a.score) || weak.count(a.entity) != 0; });
    for (const ie::Argument& argument : event.arguments) used.insert(argument.entity);
  }
  std::erase_if(result.entities, [&](const ie::Entity& entity) {
    const bool asked = tasks.ner && result.schema.entity(entity.type) != nullptr;
    return weak.count(entity.id) != 0 || (!asked && used.count(entity.id) == 0);
  });
}

}  // namespace reamo::pipeline
