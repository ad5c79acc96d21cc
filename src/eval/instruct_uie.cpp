#include "eval/instruct_uie.h"

#include <algorithm>

#include "eval/counts.h"
#include "ie/unicode.h"

namespace reamo::eval {
namespace {

using Items = std::set<std::string>;

bool is_separator(char32_t c) { return ie::is_space(c) || (c >= 0x1C && c <= 0x1F); }

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t from = 0;;) {
    const std::size_t end = text.find(separator, from);
    parts.emplace_back(text.substr(from, end == std::string_view::npos ? end : end - from));
    if (end == std::string_view::npos) return parts;
    from = end + 1;
  }
}

bool has_colon(const std::string& text) { return text.find(':') != std::string::npos; }

Items entity_items(const std::string& text) {
  Items items;
  for (const std::string& part : split(formatted(text), ';')) items.insert(formatted(part));
  return items;
}

Items with_colon(const Items& items) {
  Items kept;
  std::copy_if(items.begin(), items.end(), std::inserter(kept, kept.end()), has_colon);
  return kept;
}

// Gold arguments are split before they are formatted.
Items gold_argument_items(const std::string& text) {
  Items items;
  for (const std::string& part : split(text, ';')) {
    if (has_colon(part)) items.insert(formatted(part));
  }
  return items;
}

Items event_items(const std::string& text) {
  Items items;
  for (const std::string& inside : split_brackets(text)) {
    std::string event = formatted(inside);
    replace_all(event, "arguments:", "");
    std::vector<std::string> parts = split_commas(event);
    std::sort(parts.begin(), parts.end());
    std::string joined;
    for (const std::string& part : parts) joined += (joined.empty() ? "" : ",") + part;
    items.insert(joined);
  }
  return items;
}

constexpr std::string_view kNa = ",na,";

bool is_na(const std::string& item) { return item.find(kNa) != std::string::npos; }

// Some item starts like the NA item, with something else in place of "na" (as much as fits).
bool contradicted(const std::string& na_item, const Items& others) {
  const std::size_t at = na_item.find(kNa);
  const std::string before = na_item.substr(0, at + 1), after = na_item.substr(at + kNa.size() - 1);
  return std::any_of(others.begin(), others.end(), [&](const std::string& other) {
    if (!other.starts_with(before)) return false;
    const std::size_t end = other.rfind(after);
    if (end == std::string::npos || end <= before.size()) return false;
    return other.substr(before.size(), end - before.size()) != "na";
  });
}

void count_plain(UieItem& item) {
  for (const std::string& g : item.gold) ++(item.pred.contains(g) ? item.tp : item.fn);
  for (const std::string& p : item.pred) item.fp += !item.gold.contains(p);
}

void count_relations(UieItem& item) {
  for (const std::string& g : item.gold) {
    if (is_na(g)) {
      item.tp += !contradicted(g, item.pred);
    } else {
      ++(item.pred.contains(g) ? item.tp : item.fn);
    }
  }
  for (const std::string& p : item.pred)
    item.fp += is_na(p) ? contradicted(p, item.gold) : !item.gold.contains(p);
}

}  // namespace

std::string space_cleaned(std::string_view text) {
  constexpr std::u32string_view kTight = U",:().;_'-";
  std::u32string joined;
  bool pending = false;
  for (const char32_t c : ie::to_code_points(text)) {
    if (is_separator(c)) {
      pending = !joined.empty();
      continue;
    }
    const bool is_tight = kTight.find(c) != std::u32string_view::npos;
    if (pending && !is_tight && kTight.find(joined.back()) == std::u32string_view::npos)
      joined.push_back(U' ');
    pending = false;
    joined.push_back(c);
  }
  return ie::to_utf8(joined);
}

std::string formatted(std::string_view text) {
  std::string result = ie::lower_case(space_cleaned(text));
  std::erase_if(result, [](char c) { return c == '{' || c == '}'; });
  for (const char c : {',', '.', ';'}) {
    result.erase(
        std::unique(result.begin(), result.end(), [c](char a, char b) { return a == c && b == c; }),
        result.end());
  }
  replace_all(result, "\xE2\x80\x99", "'");
  replace_all(result, "location", "located");
  return result;
}

std::vector<std::string> split_brackets(std::string_view text) {
  std::vector<std::string> parts;
  std::size_t start = 0;
  int depth = 0;
  bool any_open = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(') {
      any_open = true;
      if (++depth == 1) start = i + 1;
    } else if (text[i] == ')') {
      if (depth > 0) {
        if (--depth == 0 && i > start) parts.emplace_back(text.substr(start, i - start));
      } else if (!any_open && parts.empty() && i > 0) {
        parts.emplace_back(text.substr(0, i));
      }
    }
  }
  if (depth > 0 && start < text.size()) parts.emplace_back(text.substr(start));
  return parts;
}

std::vector<std::string> split_commas(std::string_view text) {
  std::vector<std::string> parts;
  std::size_t start = 0;
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(') ++depth;
    if (text[i] == ')') --depth;
    if (text[i] == ',' && depth == 0 && i > start) {
      parts.emplace_back(text.substr(start, i - start));
      start = i + 1;
    }
  }
  if (start < text.size()) parts.emplace_back(text.substr(start));
  return parts;
}

UieItem uie_item(UieTask task, const std::string& gold, const std::string& prediction) {
  UieItem item;
  switch (task) {
    case UieTask::kNer:
      item.gold = entity_items(gold);
      item.pred = entity_items(prediction);
      count_plain(item);
      break;
    case UieTask::kRe:
      item.gold = with_colon(entity_items(gold));
      item.pred = with_colon(entity_items(prediction));
      count_relations(item);
      break;
    case UieTask::kEea:
      item.gold = gold_argument_items(gold);
      item.pred = with_colon(entity_items(prediction));
      count_plain(item);
      break;
    case UieTask::kEet:
      item.gold = {formatted(gold)};
      item.pred = {formatted(prediction)};
      break;
    case UieTask::kEe:
      item.gold = event_items(gold);
      item.pred = event_items(prediction);
      break;
  }
  item.equal = item.gold == item.pred;
  return item;
}

UieScore uie_score(UieTask task, const std::vector<std::pair<std::string, std::string>>& pairs) {
  UieScore score;
  std::size_t equal = 0;
  for (const auto& [gold, prediction] : pairs) {
    score.items.push_back(uie_item(task, gold, prediction));
    const UieItem& item = score.items.back();
    score.tp += item.tp;
    score.fn += item.fn;
    score.fp += item.fp;
    equal += item.equal;
  }
  const Counts counts{score.tp, score.tp + score.fn, score.tp + score.fp};
  score.precision = counts.precision();
  score.recall = counts.recall();
  const bool is_accuracy = task == UieTask::kEet || task == UieTask::kEe;
  score.score = is_accuracy ? ratio(static_cast<double>(equal), static_cast<double>(pairs.size()))
                            : counts.f1();
  return score;
}

}  // namespace reamo::eval
