// conll and brat.
#include <algorithm>
#include <tuple>

#include "data/formats/exporters.h"
#include "ie/error.h"
#include "ie/unicode.h"
#include "store/whole_file.h"

namespace reamo::data {
namespace {

std::vector<ie::TextSpan> spans_of(const std::vector<ie::Grounding>& places) {
  std::vector<ie::TextSpan> spans;
  for (const ie::Grounding& place : places) {
    if (const auto* span = std::get_if<ie::TextSpan>(&place.place); span && span->end > span->start)
      spans.push_back(*span);
  }
  return spans;
}

std::string label_word(const std::string& label) {
  std::string word = label;
  std::replace_if(
      word.begin(), word.end(), [](unsigned char c) { return c <= ' '; }, '_');
  return word;
}

struct Mention {
  ie::TextSpan span;
  const std::string* type;
};

// Those that do not overlap, longest first; in order of place.
std::vector<Mention> flat_mentions(const ie::Result& result, std::uint64_t& left_out) {
  std::vector<Mention> all, kept;
  for (const ie::Entity& entity : result.entities) {
    for (const ie::TextSpan& span : spans_of(entity.groundings)) all.push_back({span, &entity.type});
  }
  std::stable_sort(all.begin(), all.end(), [](const Mention& a, const Mention& b) {
    return std::tuple(b.span.end - b.span.start, a.span.start) <
           std::tuple(a.span.end - a.span.start, b.span.start);
  });
  for (const Mention& mention : all) {
    const bool overlaps = std::any_of(kept.begin(), kept.end(), [&](const Mention& k) {
      return k.span.start < mention.span.end && mention.span.start < k.span.end;
    });
    if (overlaps) {
      ++left_out;
    } else {
      kept.push_back(mention);
    }
  }
  std::sort(kept.begin(), kept.end(),
            [](const Mention& a, const Mention& b) { return a.span.start < b.span.start; });
  return kept;
}

// Tokens end at white space and where a mention begins or ends.
std::string conll_block(const std::u32string& text, const std::vector<Mention>& mentions) {
  std::string block;
  std::size_t next = 0;
  bool begun = false;
  for (std::size_t at = 0; at < text.size();) {
    if (ie::is_space(text[at])) {
      ++at;
      continue;
    }
    while (next < mentions.size() && mentions[next].span.end <= at) {
      ++next;
      begun = false;
    }
    const bool inside = next < mentions.size() && mentions[next].span.start <= at;
    const std::size_t border = next == mentions.size() ? text.size()
                               : inside                ? mentions[next].span.end
                                                       : mentions[next].span.start;
    std::size_t end = at;
    while (end < text.size() && end < border && !ie::is_space(text[end])) ++end;
    block += ie::to_utf8(std::u32string_view(text).substr(at, end - at)) + "\t";
    block += inside ? (begun ? "I-" : "B-") + label_word(*mentions[next].type) : "O";
    block += "\n";
    begun = inside;
    at = end;
  }
  return block.empty() ? block : block + "\n";
}

// The lines of a brat file.
class BratWriter {
 public:
  BratWriter(const std::u32string& text, ExportCounts& counts) : text_(text), counts_(counts) {}

  std::string write(const ie::Result& result) {
    for (const ie::Entity& entity : result.entities) {
      const std::string id = text_bound(entity.type, spans_of(entity.groundings));
      if (!id.empty()) ids_[entity.id] = id;
    }
    for (const ie::Relation& relation : result.relations) {
      const auto head = ids_.find(relation.head), tail = ids_.find(relation.tail);
      if (head == ids_.end() || tail == ids_.end()) {
        ++counts_.left_out;
        continue;
      }
      lines_ += "R" + std::to_string(++relations_) + "\t" + label_word(relation.type) +
                " Arg1:" + head->second + " Arg2:" + tail->second + "\n";
      ++counts_.items;
    }
    for (const ie::Event& event : result.events) add(event);
    return std::move(lines_);
  }

 private:
  // The annotation's number, "" when it has no place in the text. A line break inside is a break of the span.
  std::string text_bound(const std::string& type, const std::vector<ie::TextSpan>& spans) {
    std::string places, words;
    for (const ie::TextSpan& span : spans) {
      for (std::size_t at = span.start; at < span.end;) {
        const std::size_t line_end = std::min(text_.find(U'\n', at), span.end);
        if (line_end > at) {
          places += (places.empty() ? "" : ";") + std::to_string(at) + " " + std::to_string(line_end);
          words +=
              (words.empty() ? "" : " ") + ie::to_utf8(std::u32string_view(text_).substr(at, line_end - at));
        }
        at = line_end + 1;
      }
    }
    if (places.empty()) {
      ++counts_.left_out;
      return "";
    }
    const std::string id = "T" + std::to_string(++bounds_);
    lines_ += id + "\t" + label_word(type) + " " + places + "\t" + words + "\n";
    ++counts_.items;
    return id;
  }

  void add(const ie::Event& event) {
    const std::string trigger = text_bound(event.type, spans_of(event.trigger.groundings));
    if (trigger.empty()) return;
    std::string line = "E" + std::to_string(++events_) + "\t" + label_word(event.type) + ":" + trigger;
    std::map<std::string, int> used;
    for (const ie::Argument& argument : event.arguments) {
      const auto entity = ids_.find(argument.entity);
      if (entity == ids_.end()) {
        ++counts_.left_out;
        continue;
      }
      const int again = ++used[argument.role];  // a role's second filler is ROLE2
      line +=
          " " + label_word(argument.role) + (again > 1 ? std::to_string(again) : "") + ":" + entity->second;
    }
    lines_ += line + "\n";
  }

  const std::u32string& text_;
  ExportCounts& counts_;
  std::map<std::string, std::string> ids_;
  std::string lines_;
  int bounds_ = 0, relations_ = 0, events_ = 0;
};

std::u32string text_of(const ie::Document& document) {
  if (!document.text) throw Error("the document \"" + document.id.value_or("") + "\" has no text");
  return ie::to_code_points(*document.text);
}

void check_spans(const ie::Result& result, std::size_t characters) {
  const auto check = [&](const std::vector<ie::Grounding>& places) {
    for (const ie::TextSpan& span : spans_of(places)) {
      if (span.end > characters)
        throw Error("a place reaches outside the text of the document: are these its results?");
    }
  };
  for (const ie::Entity& entity : result.entities) check(entity.groundings);
  for (const ie::Event& event : result.events) check(event.trigger.groundings);
}

}  // namespace

void export_conll(Export& run) {
  store::WholeFile file(run.options().out / "entities.conll");
  run.each([&](const ie::Document& document, const ie::Result& result) {
    const std::u32string text = text_of(document);
    check_spans(result, text.size());
    const auto mentions = flat_mentions(result, run.counts().left_out);
    run.counts().items += mentions.size();
    run.counts().left_out += result.relations.size() + result.events.size();
    file.write(conll_block(text, mentions));
  });
  file.commit();
}

void export_brat(Export& run) {
  run.each([&](const ie::Document& document, const ie::Result& result) {
    const std::u32string text = text_of(document);
    check_spans(result, text.size());
    const std::string annotations = BratWriter(text, run.counts()).write(result);
    const auto base = run.options().out / run.file_name(document.id.value_or("document"));
    store::WholeFile text_file(base.string() + ".txt"), annotation_file(base.string() + ".ann");
    text_file.write(*document.text);
    annotation_file.write(annotations);
    text_file.commit();
    annotation_file.commit();
  });
}

}  // namespace reamo::data
