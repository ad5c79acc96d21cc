// Cases of strict extraction scores and of the instruction-tuning benchmark's string scorer.
#include <algorithm>

#include "eval/assignment.h"
#include "eval/case_metrics.h"
#include "eval/instruct_uie.h"
#include "eval/tag_sequences.h"
#include "eval/tracking.h"
#include "ie/error.h"

namespace reamo::eval {
namespace {

// Keys are written as JSON: equal exactly when every part is.
using Keys = Bag<std::string>;

json both_semantics(const Keys& gold, const Keys& pred) {
  return {{"set", counts_json(set_counts(gold, pred))},
          {"multiset", counts_json(multiset_counts(gold, pred))}};
}

struct Sides {
  Keys gold, pred;
};

// The keys that `key(document, item)` gives for the items of both sides; null keys are left out.
template <typename Key>
Sides keys_of(const json& documents, Key key) {
  Sides sides;
  for (std::size_t d = 0; d < documents.size(); ++d) {
    for (const auto& [name, bag] :
         {std::pair("gold", &sides.gold), std::pair("pred", &sides.pred)}) {
      for (const json& item : documents[d].at(name)) {
        for (const json& k : key(item)) ++(*bag)[json{d, k}.dump()];
      }
    }
  }
  return sides;
}

template <typename Key>
json scored(const json& documents, Key key) {
  const Sides sides = keys_of(documents, key);
  return both_semantics(sides.gold, sides.pred);
}

json span(const json& item) { return {item.at("start"), item.at("end")}; }
json one(json key) { return json::array({std::move(key)}); }

json ner_case(const CaseContext& c) {
  const json& documents = c.input.at("documents");
  json out{{"strict", scored(documents,
                             [](const json& e) {
                               return one({span(e), e.at("type")});
                             })},
           {"span_only", scored(documents, [](const json& e) { return one(span(e)); })}};
  std::map<std::string, json> types;
  for (const json& document : documents) {
    for (const char* side : {"gold", "pred"}) {
      for (const json& e : document.at(side)) types[e.at("type")];
    }
  }
  json per_type = json::object();
  double sum = 0;
  for (const auto& entry : types) {
    const std::string& type = entry.first;
    const Sides sides = keys_of(documents, [&](const json& e) {
      return e.at("type") == type ? one(span(e)) : json::array();
    });
    const Counts counts = set_counts(sides.gold, sides.pred);
    per_type[type] = counts_json(counts);
    sum += counts.f1();
  }
  out["per_type_set"] = per_type;
  out["macro_f1_set"] = ratio(sum, static_cast<double>(types.size()));
  return out;
}

json ner_text_case(const CaseContext& c) {
  return {{"strict", scored(c.input.at("documents"), [](const json& e) {
             return one({e.at("text"), e.at("type")});
           })}};
}

json re_case(const CaseContext& c) {
  const json& documents = c.input.at("documents");
  const json& symmetric = c.input.at("symmetric");
  const auto with_type = [](const json& e) { return json{span(e), e.at("type")}; };
  const auto key = [](const json& r, const auto& end, bool unordered) {
    json head = end(r.at("head")), tail = end(r.at("tail"));
    if (unordered && tail < head) std::swap(head, tail);
    return one({head, tail, r.at("relation")});
  };
  json out;
  const auto add = [&](const std::string& name, const auto& end) {
    out[name + "_directed"] = scored(documents, [&](const json& r) { return key(r, end, false); });
    out[name + "_undirected"] = scored(documents, [&](const json& r) { return key(r, end, true); });
    out[name + "_symmetric_listed"] = scored(documents, [&](const json& r) {
      return key(
          r, end,
          std::find(symmetric.begin(), symmetric.end(), r.at("relation")) != symmetric.end());
    });
  };
  add("boundaries", span);
  add("strict", with_type);
  out["pair_only_directed"] = scored(documents, [](const json& r) {
    return one({span(r.at("head")), span(r.at("tail"))});
  });
  return out;
}

template <typename Key>
auto per_argument(Key key) {
  return [key](const json& event) {
    json keys = json::array();
    for (const json& argument : event.at("arguments")) keys.push_back(key(event, argument));
    return keys;
  };
}

// A predicted item is right wherever it occurs among the gold ones, each time, also for recall.
void add_any_match(json& out, const char* name, const char* matched_name, const Sides& sides) {
  std::size_t right = 0, n_gold = 0, n_pred = 0;
  for (const auto& [key, n] : sides.pred) {
    n_pred += n;
    if (sides.gold.contains(key)) right += n;
  }
  for (const auto& [key, n] : sides.gold) n_gold += n;
  const Counts counts{right, n_gold, n_pred};
  out[matched_name] = right;
  out[std::string(name) + "_precision"] = counts.precision();
  out[std::string(name) + "_recall"] = counts.recall();
  out[std::string(name) + "_f1"] = counts.f1();
}

std::size_t total(const Keys& keys) {
  std::size_t sum = 0;
  for (const auto& [key, n] : keys) sum += n;
  return sum;
}

json ee_case(const CaseContext& c) {
  const json& documents = c.input.at("documents");
  const auto trigger_id = [](const json& e) { return one(span(e.at("trigger"))); };
  const auto trigger_cls = [](const json& e) { return one({span(e.at("trigger")), e.at("type")}); };
  const auto argument_id = per_argument([](const json& e, const json& a) {
    return json{span(a), e.at("type")};
  });
  const auto argument_cls = per_argument([](const json& e, const json& a) {
    return json{span(a), e.at("type"), a.at("role")};
  });
  const auto attached = per_argument([](const json& e, const json& a) {
    return json{span(e.at("trigger")), e.at("type"), span(a), a.at("role")};
  });
  json out{{"trigger_id", scored(documents, trigger_id)},
           {"trigger_cls", scored(documents, trigger_cls)},
           {"argument_id", scored(documents, argument_id)},
           {"argument_cls", scored(documents, argument_cls)},
           {"argument_cls_attached", scored(documents, attached)}};
  if (c.expected.contains("list_any_match")) {
    json any;
    const Sides triggers = keys_of(documents, trigger_id),
                arguments = keys_of(documents, argument_id);
    add_any_match(any, "trig_id", "matched_trigger_ids", triggers);
    add_any_match(any, "trig_class", "matched_trigger_classes", keys_of(documents, trigger_cls));
    add_any_match(any, "arg_id", "matched_argument_ids", arguments);
    add_any_match(any, "arg_class", "matched_argument_classes", keys_of(documents, argument_cls));
    any["gold_triggers"] = total(triggers.gold);
    any["predicted_triggers"] = total(triggers.pred);
    any["gold_arguments"] = total(arguments.gold);
    any["predicted_arguments"] = total(arguments.pred);
    out["list_any_match"] = any;
  }
  return out;
}

json visual_events_case(const CaseContext& c) {
  Keys gold_types, pred_types;
  Counts arguments;
  struct Argument {
    std::string key;
    RealBox box;
  };
  const json& images = c.input.at("images");
  const double threshold = c.input.at("iou_threshold");
  for (std::size_t i = 0; i < images.size(); ++i) {
    const auto collect = [&](const json& events, Keys& types) {
      std::vector<Argument> list;
      for (const json& event : events) {
        ++types[json{i, event.at("type")}.dump()];
        for (const json& a : event.at("arguments")) {
          const json& b = a.at("box");
          list.push_back(
              {json{event.at("type"), a.at("role")}.dump(), {b.at(0), b.at(1), b.at(2), b.at(3)}});
        }
      }
      return list;
    };
    const auto gold = collect(images[i].at("gold"), gold_types),
               pred = collect(images[i].at("pred"), pred_types);
    const auto fits = [&](std::size_t g, std::size_t p) {
      return gold[g].key == pred[p].key && real_box_iou(gold[g].box, pred[p].box) >= threshold;
    };
    arguments += {largest_matching_size(gold.size(), pred.size(), fits), gold.size(), pred.size()};
  }
  return {{"event", counts_json(multiset_counts(gold_types, pred_types))},
          {"argument_role_grounded", counts_json(arguments)}};
}

json bio_case(const CaseContext& c) {
  json out;
  for (const auto& [name, strict] : {std::pair("lenient", false), std::pair("strict_iob2", true)}) {
    json sides[2] = {json::array(), json::array()};
    Keys keys[2];
    for (int side = 0; side < 2; ++side) {
      const json& sequences = c.input.at(side == 0 ? "gold" : "pred");
      for (std::size_t s = 0; s < sequences.size(); ++s) {
        json list = json::array();
        for (const TaggedEntity& e :
             entities_of_tags(sequences[s].get<std::vector<std::string>>(), strict)) {
          list.push_back({e.type, e.first, e.last});
          ++keys[side][json{s, list.back()}.dump()];
        }
        sides[side].push_back(list);
      }
    }
    const Counts counts = set_counts(keys[0], keys[1]);
    out[name] = {{"gold_entities", sides[0]},
                 {"pred_entities", sides[1]},
                 {"precision", counts.precision()},
                 {"recall", counts.recall()},
                 {"f1", counts.f1()}};
  }
  return out;
}

// ---- strings
// -----------------------------------------------------------------------------------------------------

json format_case(const CaseContext& c) {
  const std::string text = c.input.at("text");
  return {{"space_cleaned", space_cleaned(text)},
          {"formatted", formatted(text)},
          {"formatted_twice", formatted(formatted(text))}};
}

json split_case(const CaseContext& c) {
  const std::string text = c.input.at("text");
  return {{"parts", c.name.starts_with("brackets") ? split_brackets(text) : split_commas(text)}};
}

UieTask task_of(const json& name) {
  if (name == "NER") return UieTask::kNer;
  if (name == "RE") return UieTask::kRe;
  if (name == "EET") return UieTask::kEet;
  if (name == "EEA") return UieTask::kEea;
  if (name == "EE") return UieTask::kEe;
  throw Error("the task " + name.dump() + " is not known");
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

json uie_case(const CaseContext& c, UieTask task) {
  Pairs pairs;
  for (const json& item : c.input.at("items"))
    pairs.emplace_back(item.at("gold"), item.at("prediction"));
  const UieScore score = uie_score(task, pairs);
  const bool is_accuracy = task == UieTask::kEet || task == UieTask::kEe;
  json per_item = json::array();
  for (const UieItem& item : score.items) {
    json one_item{{"gold_items", item.gold}, {"pred_items", item.pred}};
    if (task == UieTask::kEet)
      one_item = {{"gold_items", *item.gold.begin()}, {"pred_items", *item.pred.begin()}};
    if (is_accuracy) {
      one_item["score"] = item.equal ? 1 : 0;
    } else {
      one_item.update({{"tp", item.tp}, {"fn", item.fn}, {"fp", item.fp}});
    }
    per_item.push_back(one_item);
  }
  json out{{"per_item", per_item}, {"score", score.score}};
  if (!is_accuracy) {
    out.update({{"tp", score.tp},
                {"fn", score.fn},
                {"fp", score.fp},
                {"precision", score.precision},
                {"recall", score.recall}});
  }
  return out;
}

json report_case(const CaseContext& c) {
  std::map<std::string, std::map<std::string, Pairs>> rows;
  for (const json& row : c.input.at("rows"))
    rows[row.at("task")][row.at("dataset")].emplace_back(row.at("gold"), row.at("prediction"));
  json report;
  for (const auto& [task, sets] : rows) {
    double sum = 0;
    for (const auto& [name, pairs] : sets) {
      const double score = uie_score(task_of(task), pairs).score;
      report[task][name] = score;
      sum += score;
    }
    report[task]["Average"] = sum / static_cast<double>(sets.size());
  }
  return {{"report", report}};
}

CaseMetric uie_metric(UieTask task) {
  return [task](const CaseContext& c) { return uie_case(c, task); };
}

}  // namespace

CaseMetrics extraction_case_metrics() {
  return {{"ie_strict/ner", ner_case},
          {"ie_strict/ner_text", ner_text_case},
          {"ie_strict/re", re_case},
          {"ie_strict/ee", ee_case},
          {"ie_strict/visual_events", visual_events_case},
          {"ie_strict/bio", bio_case},
          {"ie_instructuie/format", format_case},
          {"ie_instructuie/split", split_case},
          {"ie_instructuie/ner", uie_metric(UieTask::kNer)},
          {"ie_instructuie/re", uie_metric(UieTask::kRe)},
          {"ie_instructuie/eet", uie_metric(UieTask::kEet)},
          {"ie_instructuie/eea", uie_metric(UieTask::kEea)},
          {"ie_instructuie/ee", uie_metric(UieTask::kEe)},
          {"ie_instructuie/report", report_case}};
}

}  // namespace reamo::eval
