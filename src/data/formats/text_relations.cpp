// Entities and relations of text: CoNLL04, MNRE, TACRED.
#include <algorithm>
#include <map>

#include "data/formats/importers.h"
#include "data/formats/json_items.h"
#include "data/formats/pictures.h"
#include "data/formats/text_lines.h"
#include "data/formats/tokens.h"
#include "ie/error.h"

namespace reamo::data {
namespace {

using ie::JsonNode;
namespace fs = std::filesystem;

constexpr std::size_t kMaxSentenceTokens = 100'000;

// {"tokens", "entities": [{"type", "start", "end"}], "relations": [{"type", "head", "tail"}], "orig_id"?}
void read_conll04_json(Import& import, const JsonNode& node) {
  const TokenText text = join_tokens(strings_of(node.at("tokens")));
  Gold gold = import.gold(node.has("orig_id") ? id_of(node.at("orig_id")) : "");
  gold.set_tasks({true, true, false});
  gold.set_text(text.text);
  std::vector<std::string> ids;
  node.at("entities").each([&](const JsonNode& entity) {
    ids.push_back(gold.add_text_entity(
        entity.at("type").string(), {text.span(whole_of(entity.at("start")), whole_of(entity.at("end")))}));
  });
  const auto end_of = [&](const JsonNode& index) {
    return ids[static_cast<std::size_t>(index.integer(0, static_cast<std::int64_t>(ids.size()) - 1))];
  };
  node.at("relations").each([&](const JsonNode& relation) {
    if (ids.empty()) relation.fail("a relation needs entities");
    gold.add_relation(relation.at("type").string(), end_of(relation.at("head")), end_of(relation.at("tail")));
  });
  import.add(std::move(gold));
}

// A sentence of the column form: index, token, tag, ['relation', ..], [index of the other's last token, ..].
struct Sentence {
  std::uint64_t line = 0;
  std::string id;
  std::vector<std::string> tokens, tags;
  struct Link {
    std::size_t from;
    std::int64_t to;
    std::string type;
  };
  std::vector<Link> links;
};

// What stands between the brackets of a printed list, without quotes.
std::vector<std::string> list_of(std::string_view column) {
  column = trimmed(column);
  if (column.size() < 2 || column.front() != '[' || column.back() != ']')
    throw Error("a column is not a list in brackets");
  std::vector<std::string> items;
  for (std::string_view item : split(column.substr(1, column.size() - 2), ',')) {
    item = trimmed(item);
    if (item.size() >= 2 && (item.front() == '\'' || item.front() == '"'))
      item = item.substr(1, item.size() - 2);
    items.emplace_back(item);
  }
  return items;
}

void add_row(Sentence& sentence, const std::string& line) {
  const auto columns = split(line, '\t');
  if (columns.size() != 5)
    throw Error("the line has " + std::to_string(columns.size()) +
                " columns, not 5: index, token, tag, relations, heads");
  if (sentence.tokens.size() >= kMaxSentenceTokens)
    throw Error("the sentence has more than " + std::to_string(kMaxSentenceTokens) + " tokens");
  const auto relations = list_of(columns[3]), heads = list_of(columns[4]);
  if (relations.size() != heads.size()) throw Error("there are not as many relations as heads");
  for (std::size_t i = 0; i < relations.size(); ++i) {
    if (relations[i] != "N")
      sentence.links.push_back({sentence.tokens.size(), to_integer(heads[i], "a head"), relations[i]});
  }
  sentence.tokens.emplace_back(columns[1]);
  sentence.tags.emplace_back(trimmed(columns[2]));
}

void add_sentence(Import& import, const Sentence& sentence) {
  const TokenText text = join_tokens(sentence.tokens);
  Gold gold = import.gold(sentence.id);
  gold.set_tasks({true, true, false});
  gold.set_text(text.text);
  std::map<std::int64_t, std::string> by_last_token;
  for (const TaggedSpan& span : tagged_spans(sentence.tags)) {
    const auto end = static_cast<std::int64_t>(span.end);
    by_last_token[end - 1] =
        gold.add_text_entity(span.type, {text.span(static_cast<std::int64_t>(span.first), end)});
  }
  for (const Sentence::Link& link : sentence.links) {
    const auto head = by_last_token.find(static_cast<std::int64_t>(link.from)),
               tail = by_last_token.find(link.to);
    if (head == by_last_token.end() || tail == by_last_token.end()) {
      throw Error("the relation " + link.type + " of token " + std::to_string(link.from) +
                  " does not join the last tokens of two entities");
    }
    gold.add_relation(link.type, head->second, tail->second);
  }
  import.add(std::move(gold));
}

void read_conll04_columns(Import& import, const fs::path& file) {
  LineReader lines(file, import.options().max_record_bytes);
  Sentence sentence;
  bool is_good = true;
  const auto end_sentence = [&] {
    if (is_good && !sentence.tokens.empty()) import.record(file, sentence.line, [&] { add_sentence(import, sentence); });
  sentence = {};
  is_good = true;
};
while (!import.full() && lines.next()) {
  const bool good = import.record(file, lines.number(), [&] {
    const std::string& line = lines.text();
    if (line.starts_with("#doc")) {
      end_sentence();
      sentence.line = lines.number();
      sentence.id = "conll04-" + std::string(trimmed(std::string_view(line).substr(4)));
    } else if (!trimmed(line).empty() && is_good) {
      if (sentence.line == 0) sentence.line = lines.number();
      add_row(sentence, line);
    }
  });
  if (!good) is_good = false;
}
if (!import.full()) end_sentence();
}

// "/per/loc/place_of_birth": head, tail, relation.
void read_mnre(Import& import, const fs::path& file, const JsonNode& node) {
  const TokenText text = join_tokens(strings_of(node.at("token")));
  Gold gold = import.gold();
  gold.set_tasks({false, true, false});
  gold.set_text(text.text);
  const std::string relation = node.at("relation").string();
  const auto parts = split(relation, '/');
  const bool typed = parts.size() == 4 && parts[0].empty();
  const auto entity = [&](const char* side, std::size_t part) {
    const JsonNode pos = node.at(side).at("pos");
    const std::string type = typed ? std::string(parts[part]) : std::string(kUntyped);
    return gold.add_text_entity(
        type, {text.span(whole_of(pos.at(std::size_t{0})), whole_of(pos.at(std::size_t{1})))});
  };
  const std::string head = entity("h", 1), tail = entity("t", 2);
  if (relation != "None") gold.add_relation(relation, head, tail);
  if (import.options().images) add_picture(gold, import, file, node.at("img_id").string());
  import.add(std::move(gold));
}

// Offsets include the last token.
void read_tacred(Import& import, const JsonNode& node) {
  const TokenText text = join_tokens(strings_of(node.at("token")));
  Gold gold = import.gold(node.has("id") ? id_of(node.at("id")) : "");
  gold.set_tasks({false, true, false});
  gold.set_text(text.text);
  const auto entity = [&](const std::string& side) {
    return gold.add_text_entity(
        node.at(side + "_type").string(),
        {text.span(whole_of(node.at(side + "_start")), whole_of(node.at(side + "_end")) + 1)});
  };
  const std::string head = entity("subj"), tail = entity("obj");
  const std::string relation = node.at("relation").string();
  if (relation != "no_relation") gold.add_relation(relation, head, tail);
  import.add(std::move(gold));
}

bool is_json(const fs::path& file) { return file.extension() == ".json" || file.extension() == ".jsonl"; }

}  // namespace

void import_conll04(Import& import) {
  import.each_file([&](const fs::path& file) {
    if (!is_json(file)) return read_conll04_columns(import, file);
  each_json(import, file, whole_root,
            [&](const std::string&, const JsonNode& node) { read_conll04_json(import, node); });
});
}

void import_mnre(Import& import) {
  import.each_file([&](const fs::path& file) {
    each_python_line(import, file, [&](const std::string&, const JsonNode& node) { read_mnre(import, file, node);
});
});
}

void import_tacred(Import& import) {
  import.each_file([&](const fs::path& file) {
    each_json(import, file, whole_root, [&](const std::string&, const JsonNode& node) { read_tacred(import, node);
});
});
}

}  // namespace reamo::data
