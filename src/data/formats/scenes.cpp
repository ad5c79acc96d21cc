// What pictures show: VRD (relations), imSitu and SWiG (events), M2E2 (events of text and pictures).
#include <fstream>
#include <map>
#include <set>

#include "data/formats/importers.h"
#include "data/formats/json_items.h"
#include "data/formats/pictures.h"
#include "data/formats/text_lines.h"
#include "data/formats/tokens.h"
#include "ie/error.h"
#include "store/tensor_file.h"

namespace reamo::data {
namespace {

using ie::JsonNode;
namespace fs = std::filesystem;

constexpr std::size_t kMaxListBytes = std::size_t{256} << 20;
constexpr int kMaxSide = 1 << 20;

nlohmann::ordered_json read_beside(const fs::path& file, const char* name) {
  ie::JsonLimits limits;
  limits.keys = 1'000'000;
  return ie::parse_json(store::read_file(file.parent_path() / name, kMaxListBytes), name,
                        ie::JsonFault::kData, limits);
}

std::vector<std::string> names_beside(const fs::path& file, const char* name) {
  const auto value = read_beside(file, name);
  return strings_of(JsonNode(value, name, ie::JsonFault::kData));
}

// VRD: {"picture.jpg": [{"predicate": i, "subject": {"category": i, "bbox": [top, bottom, left, right]},
// "object": ..}]}, numbers of objects.json and predicates.json beside the file.
void read_vrd(Import& import, const fs::path& file, const std::string& name, const JsonNode& relations,
              const std::vector<std::string>& objects, const std::vector<std::string>& predicates) {
  Gold gold = import.gold(name);
  gold.set_tasks({true, true, false});
  const Picture picture = add_picture(gold, import, file, name);
  const auto named = [](const std::vector<std::string>& names, const JsonNode& index) {
    const std::int64_t i = whole_of(index);
    if (i < 0 || i >= static_cast<std::int64_t>(names.size()))
      index.fail("has no name in the list beside the file");
    return names[static_cast<std::size_t>(i)];
  };
  std::map<std::pair<std::string, std::vector<double>>, std::string> ids;
  const auto entity = [&](const JsonNode& side) {
    const std::string label = named(objects, side.at("category"));
    std::vector<double> box;
    side.at("bbox").each([&](const JsonNode& value) { box.push_back(value.number()); });
    if (box.size() != 4) side.at("bbox").fail("must have four numbers: top, bottom, left, right");
    const auto [found, is_new] = ids.try_emplace({label, box});
    if (is_new) found->second = gold.add_entity(label, label, {picture.box(box[2], box[0], box[3], box[1])});
    return found->second;
  };
  relations.each([&](const JsonNode& relation) {
    import.record(file, import.line(), [&] {
      const std::string head = entity(relation.at("subject")), tail = entity(relation.at("object"));
    gold.add_relation(named(predicates, relation.at("predicate")), head, tail);
  });
});
import.add(std::move(gold));
}

// Words for the nouns of imSitu, WordNet numbers: imsitu_space.json beside the file.
class Nouns {
 public:
  explicit Nouns(const fs::path& file) {
    if (fs::exists(file.parent_path() / "imsitu_space.json")) space_ = read_beside(file, "imsitu_space.json");
  }

  std::string word(const std::string& noun) const {
    if (!space_.contains("nouns") || !space_["nouns"].is_object()) return noun;
    const auto& nouns = space_["nouns"];
    const auto found = nouns.find(noun);
    if (found == nouns.end() || !found->is_object() || !found->contains("gloss")) return noun;
    const auto& gloss = (*found)["gloss"];
    return gloss.is_array() && !gloss.empty() && gloss[0].is_string() ? gloss[0].get<std::string>() : noun;
  }

 private:
  nlohmann::ordered_json space_ = nlohmann::ordered_json::object();
};

// {"picture.jpg": {"verb": v, "frames": [{role: noun, ..}, ..], "bb"?: {role: [x1, y1, x2, y2], or -1s},
// "width"?, "height"?}}; of the frames (one an annotator) the first that fills a role is taken.
void read_imsitu(Import& import, const fs::path& file, const std::string& name, const JsonNode& node,
                 const Nouns& nouns) {
  Gold gold = import.gold(name);
  gold.set_tasks({false, false, true});
  std::optional<Size> size;
  if (node.has("width") && node.has("height")) {
    size = Size{static_cast<int>(node.at("width").integer(1, kMaxSide)),
                static_cast<int>(node.at("height").integer(1, kMaxSide))};
  }
  const Picture picture = add_picture(gold, import, file, name, size);
  const std::string verb = node.at("verb").non_empty_string();
  std::map<std::string, std::string> fillers;
  std::vector<std::string> order;
  node.at("frames").each([&](const JsonNode& frame) {
    frame.each_member([&](const std::string& role, const JsonNode& noun) {
      const std::string word = noun.string();
      if (!word.empty() && fillers.emplace(role, word).second) order.push_back(role);
    });
  });
  const std::string trigger = import.labels()(verb, LabelKind::kEvent);
  gold.add_event(verb, trigger);
  for (const std::string& role : order) {
    std::vector<ie::Grounding> places;
    if (node.has("bb") && node.at("bb").has(role)) {
      const JsonNode box = node.at("bb").at(role);
      const auto at = [&](std::size_t i) { return box.at(i).number(); };
      if (at(0) >= 0 && at(2) >= 0) places.push_back(picture.box(at(0), at(1), at(2), at(3)));
    }
    const std::string entity = gold.add_entity(kUntyped, nouns.word(fillers[role]), std::move(places));
    gold.add_argument(gold.result().events.back(), role, entity);
  }
  import.add(std::move(gold));
}

// An event that a picture of M2E2 shows.
struct PictureEvent {
  fs::path file;
  std::uint64_t line = 0;
  std::string type;
  struct Filler {
    std::string role;
    double box[4];
  };  // left, top, right, bottom
  std::vector<Filler> fillers;
};

PictureEvent read_picture_event(const JsonNode& node) {
  PictureEvent event;
  event.type = node.at("event_type").non_empty_string();
  node.at("role").each_member([&](const std::string& role, const JsonNode& boxes) {
    boxes.each([&](const JsonNode& box) {
      PictureEvent::Filler filler{role, {}};
      for (std::size_t i = 0; i < 4; ++i) filler.box[i] = box.at(i + 1).number();  // a label stands first
      event.fillers.push_back(std::move(filler));
    });
  });
  return event;
}

// M2E2's three kinds of file, told apart by what they hold: sentences with events (an array), events of
// pictures (an object by picture), and lines sentence-picture-type of those that tell of the same event.
class M2e2 {
 public:
  explicit M2e2(Import& import) : import_(import) {}

  void read() {
    import_.each_file([&](const fs::path& file) {
      if (file.extension() == ".txt") return read_links(file);
      if (first_character(file) == '{') read_pictures(file);
    });
    import_.each_file([&](const fs::path& file) {
      if (file.extension() != ".txt" && first_character(file) == '[') {
        each_json(import_, file, whole_members,
                  [&](const std::string&, const JsonNode& node) { read_sentence(file, node); });
      }
    });
    if (!import_.options().images) {
      if (!pictures_.empty())
        import_.report(pictures_.begin()->second.file, 0,
                       "the boxes need the pictures' sizes: --images names their folder");
      return;
    }
    for (const auto& [name, event] : pictures_) {
      if (import_.full() || used_.contains(name)) continue;
      import_.record(event.file, event.line, [&, &name = name, &event = event] {
        Gold gold = import_.gold(name);
        gold.set_tasks({false, false, true});
        const Picture picture = add_picture(gold, import_, event.file, name);
        gold.add_event(event.type, import_.labels()(event.type, LabelKind::kEvent));
        fill(gold, 0, picture, event);
        import_.add(std::move(gold));
      });
    }
  }

 private:
  static char first_character(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    char c = ' ';
    if (in >> c) return c;  // past white space
    return ' ';
  }

  void read_links(const fs::path& file) {
    LineReader lines(file, import_.options().max_record_bytes);
    while (lines.next()) {
      import_.record(file, lines.number(), [&] {
        if (trimmed(lines.text()).empty()) return;
        const auto columns = split(lines.text(), '\t');
        if (columns.size() != 3)
          throw Error("the line is not sentence, picture and event type with tabs between");
        links_[std::string(columns[0])].push_back(
            {fs::path(columns[1]).stem().string(), std::string(trimmed(columns[2]))});
      });
    }
  }

  void read_pictures(const fs::path& file) {
    const auto members = [](const std::string& key) {
      return key.empty() ? Member::kElements : Member::kWhole;
    };
    each_json(import_, file, members, [&](const std::string& key, const JsonNode& node) {
      PictureEvent event = read_picture_event(node);
      event.file = file;
      event.line = import_.line();
      pictures_.emplace(key, std::move(event));
    });
  }

  void fill(Gold& gold, std::size_t index, const Picture& picture, const PictureEvent& event) {
    for (const PictureEvent::Filler& filler : event.fillers) {
      const double* b = filler.box;
      const std::string entity = gold.add_entity(kUntyped, import_.labels()(filler.role, LabelKind::kRole),
                                                 {picture.box(b[0], b[1], b[2], b[3])});
      gold.add_argument(gold.result().events[index], filler.role, entity);
    }
  }

  void read_sentence(const fs::path& file, const JsonNode& node) {
    const TokenText text = place_tokens(node.at("sentence").string(), strings_of(node.at("words")));
    const std::string id = node.at("sentence_id").string();
    Gold gold = import_.gold(id);
    gold.set_tasks({true, false, true});
    gold.set_text(text.text);
    const auto span = [&](const JsonNode& place) {
      return text.span(whole_of(place.at("start")), whole_of(place.at("end")));
    };
    std::map<std::pair<std::size_t, std::size_t>, std::string> typed;
    node.at("golden-entity-mentions").each([&](const JsonNode& mention) {
      const ie::TextSpan place = span(mention);
      typed[{place.start, place.end}] = gold.add_text_entity(mention.at("entity-type").string(), {place});
    });
    std::vector<std::string> types;
    node.at("golden-event-mentions").each([&](const JsonNode& mention) {
      types.push_back(mention.at("event_type").string());
      ie::Event& event = gold.add_text_event(types.back(), {span(mention.at("trigger"))});
      mention.at("arguments").each([&](const JsonNode& argument) {
        const ie::TextSpan place = span(argument);
        const auto found = typed.find({place.start, place.end});
        const std::string entity =
            found != typed.end() ? found->second : gold.add_text_entity(kUntyped, {place});
        gold.add_argument(event, argument.at("role").string(), entity);
      });
    });
    if (import_.options().images) add_linked_pictures(gold, file, id, types);
    import_.add(std::move(gold));
  }

  // The pictures that show an event of the sentence; what fills its roles there are entities of their own.
  void add_linked_pictures(Gold& gold, const fs::path& file, const std::string& id,
                           const std::vector<std::string>& types) {
    for (const auto& [name, type] : links_[id]) {
      const auto found = pictures_.find(name);
      for (std::size_t i = 0; found != pictures_.end() && i < types.size(); ++i) {
        if (types[i] != type || found->second.type != type) continue;
        fill(gold, i, add_picture(gold, import_, file, name), found->second);
        used_.insert(name);
        break;
      }
    }
  }

  Import& import_;
  struct Link {
    std::string picture, type;
  };
  std::map<std::string, std::vector<Link>> links_;  // by sentence
  std::map<std::string, PictureEvent> pictures_;
  std::set<std::string> used_;
};

}  // namespace

void import_vrd(Import& import) {
  import.each_file([&](const fs::path& file) {
    if (file.filename() == "objects.json" || file.filename() == "predicates.json") return;
  const auto objects = names_beside(file, "objects.json"), predicates = names_beside(file, "predicates.json");
  each_json(import, file, whole_members, [&](const std::string& name, const JsonNode& node) {
    read_vrd(import, file, name, node, objects, predicates);
  });
});
}

void import_imsitu(Import& import) {
  import.each_file([&](const fs::path& file) {
    if (file.filename() == "imsitu_space.json") return;
  const Nouns nouns(file);
  each_json(import, file, whole_members, [&](const std::string& name, const JsonNode& node) {
    read_imsitu(import, file, name, node, nouns);
  });
});
}

void import_m2e2(Import& import) { M2e2(import).read(); }

}  // namespace reamo::data
