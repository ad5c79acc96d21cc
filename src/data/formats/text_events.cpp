// Entities, relations and events of text in JSON: OneIE (ACE) and GENEVA, PHEE, CASIE.
#include <algorithm>
#include <map>

#include "data/formats/importers.h"
#include "data/formats/json_items.h"
#include "data/formats/tokens.h"
#include "ie/error.h"
#include "ie/unicode.h"

namespace reamo::data {
namespace {

using ie::JsonNode;
namespace fs = std::filesystem;

constexpr std::int64_t kMaxOffset = std::int64_t{1} << 40;
constexpr std::size_t kMaxShift = 20;  // characters, between a stated and a true offset

ie::TextSpan token_span(const TokenText& text, const JsonNode& node) {
  return text.span(whole_of(node.at("start")), whole_of(node.at("end")));
}

// Where `mention` stands: at `start`, else at the nearest place not further than `shift` characters from it.
ie::TextSpan find_mention(const std::u32string& text, const std::string& mention, std::int64_t start,
                          std::size_t shift) {
  const std::u32string wanted = ie::to_code_points(mention);
  if (wanted.empty()) throw Error("an annotation has an empty text");
  for (std::int64_t d = 0; d <= static_cast<std::int64_t>(shift); ++d) {
    for (const std::int64_t at : {start - d, start + d}) {
      if (at < 0 || at >= static_cast<std::int64_t>(text.size())) continue;
      const auto from = static_cast<std::size_t>(at);
      if (text.compare(from, wanted.size(), wanted) == 0) return {from, from + wanted.size()};
    }
  }
  throw Error("\"" + mention.substr(0, 60) + "\" does not stand at character " + std::to_string(start) +
              " of the text");
}

void read_oneie(Import& import, const JsonNode& node) {
  const std::vector<std::string> tokens = strings_of(node.at("tokens"));
  const TokenText text =
      node.has("sentence") ? place_tokens(node.at("sentence").string(), tokens) : join_tokens(tokens);
  const char* const id_keys[] = {"sent_id", "wnd_id", "doc_id"};
  const auto key =
      std::find_if(std::begin(id_keys), std::end(id_keys), [&](const char* k) { return node.has(k); });
  Gold gold = import.gold(key == std::end(id_keys) ? "" : node.at(*key).string());
  gold.set_text(text.text);
  std::map<std::string, std::string> ids;
  bool has_types = false;
  if (node.has("entity_mentions")) {
    node.at("entity_mentions").each([&](const JsonNode& mention) {
      const bool typed = mention.has("entity_type");
      has_types |= typed;
      ids[mention.at("id").string()] = gold.add_text_entity(
          typed ? mention.at("entity_type").string() : std::string(kUntyped), {token_span(text, mention)});
    });
  }
  const auto entity = [&](const JsonNode& argument) {
    const auto found = ids.find(argument.at("entity_id").string());
    if (found == ids.end()) argument.at("entity_id").fail("no entity has this id");
    return found->second;
  };
  const bool has_relations = node.has("relation_mentions"), has_events = node.has("event_mentions");
  if (has_relations) {
    node.at("relation_mentions").each([&](const JsonNode& relation) {
      const JsonNode arguments = relation.at("arguments");
      if (arguments.size() != 2) arguments.fail("must have two arguments");
      const bool swapped = arguments.at(std::size_t{0}).has("role") &&
                           arguments.at(std::size_t{0}).at("role").string() == "Arg-2";
      gold.add_relation(relation.at("relation_type").string(),
                        entity(arguments.at(std::size_t{swapped ? 1U : 0U})),
                        entity(arguments.at(std::size_t{swapped ? 0U : 1U})));
    });
  }
  if (has_events) {
    node.at("event_mentions").each([&](const JsonNode& mention) {
      ie::Event& event =
          gold.add_text_event(mention.at("event_type").string(), {token_span(text, mention.at("trigger"))});
      mention.at("arguments").each([&](const JsonNode& argument) {
        gold.add_argument(event, argument.at("role").string(), entity(argument));
      });
    });
  }
  gold.set_tasks({has_types, has_relations, has_events});
  import.add(std::move(gold));
}

// PHEE. A place is {"text": [[part, ..], ..], "start": [[character, ..], ..]}: several, each in parts.
class PheeReader {
 public:
  PheeReader(Gold& gold, std::u32string text) : gold_(gold), text_(std::move(text)) {}

  void event(const JsonNode& node) {
    std::vector<ie::TextSpan> trigger;
    for (auto& place : places(node.at("Trigger"))) trigger.insert(trigger.end(), place.begin(), place.end());
    const std::size_t index = gold_.result().events.size();
    gold_.add_text_event(node.at("event_type").string(), std::move(trigger));
    node.each_member([&](const std::string& key, const JsonNode& value) {
      if (key != "Trigger") argument(index, key, value);
    });
  }

 private:
  std::vector<std::vector<ie::TextSpan>> places(const JsonNode& node) const {
    const JsonNode texts = node.at("text"), starts = node.at("start");
    std::vector<std::vector<ie::TextSpan>> all;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      std::vector<ie::TextSpan> parts;
      for (std::size_t j = 0; j < texts.at(i).size(); ++j) {
        parts.push_back(
            find_mention(text_, texts.at(i).at(j).string(), starts.at(i).at(j).integer(0, kMaxOffset), 0));
      }
      all.push_back(std::move(parts));
    }
    return all;
  }

  // The role and those inside it (Drug of a Treatment); events inside it (Combination) are events of their
  // own.
  void argument(std::size_t index, const std::string& role, const JsonNode& node) {
    if (node.is_array()) {
      node.each([&](const JsonNode& inner) { event(inner); });
      return;
    }
    if (!node.is_object()) return;
    if (node.has("text")) {
      for (auto& place : places(node)) {
        const std::string entity = gold_.add_text_entity(role, std::move(place));
        gold_.add_argument(gold_.result().events[index], role, entity);
      }
    }
    node.each_member([&](const std::string& key, const JsonNode& value) {
      if (value.is_object() || (value.is_array() && key == "Combination")) argument(index, key, value);
    });
  }

  Gold& gold_;
  std::u32string text_;
};

void read_phee(Import& import, const JsonNode& node) {
  Gold gold = import.gold(node.at("id").string());
  gold.set_tasks({false, false, true});
  const std::string text = node.at("context").string();
  gold.set_text(text);
  PheeReader reader(gold, ie::to_code_points(text));
  node.at("annotations").each([&](const JsonNode& annotation) {
    annotation.at("events").each([&](const JsonNode& event) { reader.event(event); });
  });
  import.add(std::move(gold));
}

void read_casie(Import& import, const fs::path& file, const JsonNode& node) {
  Gold gold = import.gold(file.stem().string());
  gold.set_tasks({false, false, true});
  const std::string content = node.at("content").string();
  gold.set_text(content);
  const std::u32string text = ie::to_code_points(content);
  const auto place = [&](const JsonNode& mention) {
    return find_mention(text, mention.at("text").string(), mention.at("startOffset").integer(0, kMaxOffset),
                        kMaxShift);
  };
  const JsonNode found = node.at("cyberevent");
  found.at("hopper").each([&](const JsonNode& hopper) {
    hopper.at("events").each([&](const JsonNode& mention) {
      const std::string type =
          mention.has("subtype") ? mention.at("subtype").string() : mention.at("type").string();
      ie::Event& event = gold.add_text_event(type, {place(mention.at("nugget"))});
      if (!mention.has("argument")) return;
      mention.at("argument").each([&](const JsonNode& argument) {
        const std::string entity = gold.add_text_entity(argument.at("type").string(), {place(argument)});
        gold.add_argument(event, argument.at("role").at("type").string(), entity);
      });
    });
  });
  import.add(std::move(gold));
}

}  // namespace

void import_oneie(Import& import) {
  import.each_file([&](const fs::path& file) {
    each_json(import, file, whole_root, [&](const std::string&, const JsonNode& node) { read_oneie(import, node);
});
}  // namespace reamo::data
);
}

void import_phee(Import& import) {
  import.each_file([&](const fs::path& file) {
    each_json(import, file, whole_root, [&](const std::string&, const JsonNode& node) { read_phee(import, node);
});
});
}

void import_casie(Import& import) {
  import.each_file([&](const fs::path& file) {
    each_json(import, file, whole_root, [&](const std::string&, const JsonNode& node) { read_casie(import, file, node);
});
});
}

}  // namespace reamo::data
