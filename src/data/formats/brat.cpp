// brat: NAME.txt and, beside it, NAME.ann.
#include <cctype>
#include <map>
#include <set>

#include "data/formats/importers.h"
#include "data/formats/text_lines.h"
#include "ie/error.h"
#include "store/tensor_file.h"

namespace reamo::data {
namespace {

namespace fs = std::filesystem;

struct Link {
  std::uint64_t line;
  std::string type, trigger;                                 // a relation has no trigger
  std::vector<std::pair<std::string, std::string>> fillers;  // role, annotation
};

// Annotations of one document; what they refer to may stand on later lines.
class BratReader {
 public:
  BratReader(Import& import, const fs::path& file, Gold& gold) : import_(import), file_(file), gold_(gold) {}

  void read() {
    LineReader lines(file_, import_.options().max_record_bytes);
    while (lines.next()) {
      import_.record(file_, lines.number(), [&] { line(lines.text(), lines.number()); });
    }
    for (const Link& link : events_) triggers_.insert(link.trigger);
    for (const std::string& id : order_) {
      if (!triggers_.contains(id)) import_.record(file_, bounds_.at(id).line, [&] { entity(id); });
    }
    for (const Link& link : relations_) import_.record(file_, link.line, [&] { add_relation(link); });
    for (const Link& link : events_) import_.record(file_, link.line, [&] { add_event(link); });
  }

 private:
  struct Bound {
    std::uint64_t line;
    std::string type;
    std::vector<ie::TextSpan> spans;
  };

  void line(const std::string& text, std::uint64_t number) {
    if (trimmed(text).empty()) return;
    const auto columns = split(text, '\t');
    const std::string id(columns[0]);
    const char kind = id[0];
    if (kind != 'T' && kind != 'R' && kind != 'E') {
      if (std::string_view("AMN#*").find(kind) == std::string_view::npos)
        throw Error("\"" + id.substr(0, 20) + "\" is no annotation: T, R or E and a number");
      return;  // attributes, normalisations, notes and equivalences are not items
    }
    if (columns.size() < 2) throw Error("the annotation " + id.substr(0, 20) + " has no content after a tab");
    if (kind == 'T') {
      if (!bounds_.emplace(id, bound(columns[1], number)).second)
        throw Error("the annotation " + id + " is there twice");
      order_.push_back(id);
      return;
    }
    const auto words = split_at_blanks(columns[1]);
    if (words.empty()) throw Error("the annotation " + id + " is empty");
    Link link{number, std::string(words[0]), "", {}};
    if (kind == 'E') {
      const auto colon = link.type.rfind(':');
      if (colon == std::string::npos)
        throw Error("the event " + id + " has no trigger: TYPE:TRIGGER is needed");
      link.trigger = link.type.substr(colon + 1);
      link.type.resize(colon);
    }
    for (std::size_t i = 1; i < words.size(); ++i) {
      const auto colon = words[i].rfind(':');
      if (colon == std::string_view::npos)
        throw Error("\"" + std::string(words[i].substr(0, 40)) + "\" is not ROLE:ANNOTATION");
      std::string role(words[i].substr(0, colon));
      while (kind == 'E' && role.size() > 1 && std::isdigit(static_cast<unsigned char>(role.back())))
        role.pop_back();  // ROLE2
      link.fillers.emplace_back(std::move(role), words[i].substr(colon + 1));
    }
    (kind == 'E' ? events_ : relations_).push_back(std::move(link));
  }

  // "TYPE start end;start end"
  Bound bound(std::string_view content, std::uint64_t number) const {
    const auto blank = content.find(' ');
    if (blank == std::string_view::npos) throw Error("the annotation has no offsets");
    Bound bound{number, std::string(content.substr(0, blank)), {}};
    for (const std::string_view part : split(content.substr(blank + 1), ';')) {
      const auto ends = split_at_blanks(part);
      if (ends.size() != 2)
        throw Error("the offsets \"" + std::string(part.substr(0, 40)) + "\" are not a start and an end");
      const std::int64_t start = to_integer(ends[0], "an offset"), end = to_integer(ends[1], "an offset");
      if (start < 0 || end < 0) throw Error("an offset is negative");
      const ie::TextSpan span{static_cast<std::size_t>(start), static_cast<std::size_t>(end)};
      gold_.text_of(span);  // refuses what is outside
      bound.spans.push_back(span);
    }
    return bound;
  }

  const Bound& bound_of(const std::string& id) const {
    const auto found = bounds_.find(id);
    if (found == bounds_.end())
      throw Error("there is no text annotation " + id.substr(0, 20) +
                  (id.starts_with('E') ? " (an event cannot fill a role)" : ""));
    return found->second;
  }

  std::string entity(const std::string& id) {
    const Bound& bound = bound_of(id);
    return gold_.add_text_entity(bound.type, bound.spans);
  }

  void add_relation(const Link& link) {
    if (link.fillers.size() != 2)
      throw Error("the relation has " + std::to_string(link.fillers.size()) + " arguments, not 2");
    const bool swapped = link.fillers[0].first == "Arg2";
    const std::string first = entity(link.fillers[0].second), second = entity(link.fillers[1].second);
    gold_.add_relation(link.type, swapped ? second : first, swapped ? first : second);
  }

  void add_event(const Link& link) {
    const std::vector<ie::TextSpan> trigger = bound_of(link.trigger).spans;
    std::vector<std::pair<std::string, std::string>> fillers;
    for (const auto& [role, id] : link.fillers) fillers.emplace_back(role, entity(id));
    ie::Event& event = gold_.add_text_event(link.type, trigger);
    for (const auto& [role, id] : fillers) gold_.add_argument(event, role, id);
  }

  Import& import_;
  const fs::path& file_;
  Gold& gold_;
  std::map<std::string, Bound> bounds_;
  std::vector<std::string> order_;  // of the text annotations
  std::set<std::string> triggers_;
  std::vector<Link> relations_, events_;
};

}  // namespace

void import_brat(Import& import) {
  import.each_file([&](const fs::path& file) {
    fs::path annotations = file, text = file;
  annotations.replace_extension(".ann");
  text.replace_extension(".txt");
  Gold gold = import.gold(file.stem().string());
  gold.set_tasks({true, true, true});
  gold.set_text(store::read_file(text, import.options().max_record_bytes));
  BratReader(import, annotations, gold).read();
    import.record(annotations, 0, [&] { import.add(std::move(gold));
});
}  // namespace reamo::data
);
}

}  // namespace reamo::data
