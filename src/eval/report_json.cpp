// Reports as JSON.
#include "eval/report.h"
#include "ie/json_writer.h"

namespace reamo::eval {
namespace {

using ie::JsonWriter;

void write_optional(JsonWriter& writer, const char* key, const std::optional<double>& value) {
  writer.key(key);
  if (value) {
    writer.number(*value);
  } else {
    writer.null();
  }
}

void write_interval(JsonWriter& writer, const std::optional<Interval>& interval) {
  writer.key("ci95");
  if (interval) {
    writer.begin_array().number(interval->low).number(interval->high).end_array();
  } else {
    writer.null();
  }
}

void write_count(JsonWriter& writer, const char* key, std::size_t count) {
  writer.key(key).integer(static_cast<std::int64_t>(count));
}

void write_f1(JsonWriter& writer, const char* key, const F1Score& score, bool counts) {
  writer.key(key).begin_object();
  writer.key("p").number(score.counts.precision());
  writer.key("r").number(score.counts.recall());
  writer.key("f1").number(score.counts.f1());
  write_interval(writer, score.ci95);
  if (counts) {
    write_count(writer, "tp", score.counts.tp);
    write_count(writer, "gold", score.counts.n_gold);
    write_count(writer, "predicted", score.counts.n_pred);
  }
  writer.end_object();
}

void write_mean(JsonWriter& writer, const char* key, const char* measure, const MeanScore& score, bool interval,
                bool counts) {
  writer.key(key).begin_object();
  write_optional(writer, measure, score.mean);
  if (interval) write_interval(writer, score.ci95);
  if (counts) write_count(writer, "gold", score.count);
  writer.end_object();
}

void write_rate(JsonWriter& writer, const char* key, const RateScore& score, bool counts) {
  writer.key(key).begin_object();
  write_optional(writer, "rate", score.matched);
  if (counts) {
    write_count(writer, "of", score.matched_of);
    write_optional(writer, "rate_all", score.all);
    write_count(writer, "of_all", score.all_of);
  }
  writer.end_object();
}

void write_group(JsonWriter& writer, const Group& group, bool counts) {
  writer.begin_object();
  write_count(writer, "instances", group.instances);
  write_f1(writer, "entity", group.entity, counts);
  write_f1(writer, "relation", group.relation, counts);
  write_f1(writer, "trigger", group.trigger, counts);
  write_f1(writer, "argument", group.argument, counts);
  write_mean(writer, "mask", "iou", group.mask, true, counts);
  write_mean(writer, "tracklet", "j", group.tracklet, counts, counts);
  write_mean(writer, "segment", "iou", group.segment, counts, counts);
  write_rate(writer, "over_grounding", group.over_grounding, counts);
  write_rate(writer, "miss_grounding", group.miss_grounding, counts);
  if (counts) {
    write_f1(writer, "joint", group.joint, counts);
  } else {
    writer.key("joint").begin_object().key("f1").number(group.joint.counts.f1()).end_object();
  }
  writer.end_object();
}

// {"all": .., "by_combination": {..}, "by_task": {..}}, the braces left open for more.
template <typename Source, typename Write>
void write_groups(JsonWriter& writer, const Source& source, Write write) {
  writer.begin_object();
  write(writer.key("all"), source.all);
  const auto write_all = [&](const char* key, const auto& groups) {
    writer.key(key).begin_object();
    for (const auto& [name, group] : groups) write(writer.key(name), group);
    writer.end_object();
  };
  write_all("by_combination", source.by_combination);
  write_all("by_task", source.by_task);
}

void write_errors(JsonWriter& writer, const ErrorCounts& counts) {
  writer.begin_object();
  for (std::size_t k = 0; k < kItemKinds; ++k) {
    const ItemErrors& e = counts.items[k];
    writer.key(item_kind_name(static_cast<ItemKind>(k))).begin_object();
    write_count(writer, "gold", e.gold);
    write_count(writer, "right", e.right);
    write_count(writer, "wrong_type", e.wrong_type);
    write_count(writer, "incomplete", e.incomplete);
    write_count(writer, "propagated", e.propagated);
    write_count(writer, "predicted", e.predicted);
    write_count(writer, "repeated", e.repeated);
    write_count(writer, "invented", e.invented);
    writer.end_object();
  }
  const PlaceErrors& e = counts.places;
  writer.key("place").begin_object();
  write_count(writer, "present", e.present);
  write_count(writer, "right", e.right);
  write_count(writer, "wrong_match", e.wrong_match);
  write_count(writer, "misplaced", e.misplaced);
  write_count(writer, "missed", e.missed);
  write_count(writer, "propagated", e.propagated);
  write_count(writer, "absent", e.absent);
  write_count(writer, "over", e.over);
  writer.end_object().end_object();
}

void write_curves(JsonWriter& writer, const Curves& curves) {
  writer.begin_object();
  for (const auto& [measure, curve] : curves) {
    writer.key(measure_name(measure)).begin_object();
    for (std::size_t i = 0; i < curve.size(); ++i) {
      writer.key(curve_point_name(i)).begin_object();
      write_count(writer, "instances", curve[i].instances);
      write_optional(writer, "score", curve[i].score);
      write_interval(writer, curve[i].ci95);
      writer.end_object();
    }
    writer.end_object();
  }
  writer.end_object();
}

void write_worst(JsonWriter& writer, const std::vector<WorstInstance>& worst) {
  writer.begin_array();
  for (const WorstInstance& instance : worst) {
    writer.begin_object();
    writer.key("document").string(instance.document);
    writer.key("combination").string(instance.combination);
    writer.key("f1").number(instance.badness.f1);
    writer.key("items").begin_array();
    for (const ItemPair& pair : instance.pairs) {
      writer.begin_object();
      writer.key("kind").string(item_kind_name(pair.kind));
      writer.key("state").string(item_state_name(pair.state));
      writer.key("gold").string(pair.gold);
      writer.key("predicted").string(pair.pred);
      writer.end_object();
    }
    writer.end_array().end_object();
  }
  writer.end_array();
}

void write_paired(JsonWriter& writer, const PairedReport& report) {
  write_groups(writer, report, [](JsonWriter& out, const PairedGroup& group) {
    out.begin_object();
    write_count(out, "instances", group.instances);
    for (const auto& [measure, d] : group.measures) {
      out.key(measure_name(measure)).begin_object();
      out.key("a").number(d.a).key("b").number(d.b).key("difference").number(d.difference);
      write_interval(out, d.ci95);
      write_optional(out, "p", d.p);
      out.end_object();
    }
    out.end_object();
  });
  writer.end_object();
}

}  // namespace

std::string to_json(const ReportView& view) {
  const Report& report = view.report;
  JsonWriter writer;
  write_groups(writer, report, [&](JsonWriter& out, const Group& group) { write_group(out, group, view.counts); });
  if (report.errors) {
    write_groups(writer.key("errors"), *report.errors, write_errors);
    writer.end_object();
  }
  if (report.curves) write_curves(writer.key("curves"), *report.curves);
  if (report.options.worst > 0) write_worst(writer.key("worst"), report.worst);
  if (view.paired) write_paired(writer.key("against"), *view.paired);
  if (view.counts) {
    writer.key("mismatches").begin_object();
    for (const auto& [key, words, mismatch] : mismatches_of(report)) {
      writer.key(key).begin_object();
      write_count(writer, "count", mismatch->count);
      writer.key("first").begin_array();
      for (const std::string& what : mismatch->first) writer.string(what);
      writer.end_array().end_object();
    }
    writer.end_object();
  }
  writer.end_object();
  return std::move(writer).text();
}

}  // namespace reamo::eval
