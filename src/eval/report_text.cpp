// Reports as JSON and as a table.
#include <array>
#include <cstdio>

#include "eval/evaluate.h"
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

void write_f1(JsonWriter& writer, const char* key, const F1Score& score) {
  writer.key(key).begin_object();
  writer.key("p")
      .number(score.counts.precision())
      .key("r")
      .number(score.counts.recall())
      .key("f1")
      .number(score.counts.f1());
  write_interval(writer, score.ci95);
  write_count(writer, "tp", score.counts.tp);
  write_count(writer, "gold", score.counts.n_gold);
  write_count(writer, "predicted", score.counts.n_pred);
  writer.end_object();
}

void write_mean(JsonWriter& writer, const char* key, const char* measure, const MeanScore& score) {
  writer.key(key).begin_object();
  write_optional(writer, measure, score.mean);
  write_interval(writer, score.ci95);
  write_count(writer, "gold", score.count);
  writer.end_object();
}

void write_rate(JsonWriter& writer, const char* key, const RateScore& score) {
  writer.key(key).begin_object();
  write_optional(writer, "rate", score.matched);
  write_count(writer, "of", score.matched_of);
  write_optional(writer, "rate_all", score.all);
  write_count(writer, "of_all", score.all_of);
  writer.end_object();
}

void write_group(JsonWriter& writer, const Group& group) {
  writer.begin_object();
  write_count(writer, "instances", group.instances);
  write_f1(writer, "entity", group.entity);
  write_f1(writer, "relation", group.relation);
  write_f1(writer, "trigger", group.trigger);
  write_f1(writer, "argument", group.argument);
  write_mean(writer, "mask", "iou", group.mask);
  write_mean(writer, "tracklet", "j", group.tracklet);
  write_mean(writer, "segment", "iou", group.segment);
  write_rate(writer, "over_grounding", group.over_grounding);
  write_rate(writer, "miss_grounding", group.miss_grounding);
  write_f1(writer, "joint", group.joint);
  writer.end_object();
}

void write_groups(JsonWriter& writer, const char* key, const std::map<std::string, Group>& groups) {
  writer.key(key).begin_object();
  for (const auto& [name, group] : groups) write_group(writer.key(name), group);
  writer.end_object();
}

std::string cell(const std::optional<double>& value, int width) {
  std::array<char, 32> text{};
  if (value) {
    std::snprintf(text.data(), text.size(), "%*.1f", width, 100 * *value);
  } else {
    std::snprintf(text.data(), text.size(), "%*s", width, "-");
  }
  return text.data();
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::optional<double> f1_of(const F1Score& score) {
  if (score.counts.n_gold + score.counts.n_pred == 0) return std::nullopt;
  return score.counts.f1();
}

constexpr std::size_t kNameWidth = 24;

std::string row(const std::string& name, const Group& g) {
  std::array<char, 32> count{};
  std::snprintf(count.data(), count.size(), "%7zu", g.instances);
  std::string line = padded(name, kNameWidth) + count.data();
  for (const F1Score* score : {&g.entity, &g.relation, &g.trigger, &g.argument})
    line += cell(f1_of(*score), 8);
  for (const MeanScore* score : {&g.mask, &g.tracklet, &g.segment}) line += cell(score->mean, 8);
  line += cell(g.over_grounding.matched, 8) + cell(g.miss_grounding.matched, 8) +
          cell(f1_of(g.joint), 8);
  return line + "\n";
}

std::string detail(const char* name, const std::optional<double>& value,
                   const std::optional<Interval>& ci, const std::string& rest) {
  std::string line = "  " + padded(name, 12) + cell(value, 6);
  if (ci) line += "  [" + cell(ci->low, 5) + "," + cell(ci->high, 6) + "]";
  return line + "  " + rest + "\n";
}

std::string counts_text(const Counts& c) {
  return "P " + cell(c.precision(), 5) + "  R " + cell(c.recall(), 5) + "  (" +
         std::to_string(c.tp) + " right of " + std::to_string(c.n_pred) + " predicted, " +
         std::to_string(c.n_gold) + " gold)";
}

}  // namespace

std::string to_json(const Report& report) {
  JsonWriter writer;
  writer.begin_object();
  write_group(writer.key("all"), report.all);
  write_groups(writer, "by_combination", report.by_combination);
  write_groups(writer, "by_task", report.by_task);
  write_count(writer, "missing", report.missing);
  write_count(writer, "failed", report.failed);
  write_count(writer, "surplus", report.surplus);
  writer.end_object();
  return std::move(writer).text();
}

std::string to_table(const Report& report) {
  std::string text =
      padded("percent", kNameWidth) +
      " docs.  entity relation trigger argument  mask  track.   segm.    over    miss   joint\n";
  text += row("all", report.all);
  for (const auto& [name, group] : report.by_task) text += row("task " + name, group);
  for (const auto& [name, group] : report.by_combination) text += row(name, group);
  const Group& g = report.all;
  text += "\nall, with 95% intervals over documents\n";
  text += detail("entity", f1_of(g.entity), g.entity.ci95, counts_text(g.entity.counts));
  text += detail("relation", f1_of(g.relation), g.relation.ci95, counts_text(g.relation.counts));
  text += detail("trigger", f1_of(g.trigger), g.trigger.ci95, counts_text(g.trigger.counts));
  text += detail("argument", f1_of(g.argument), g.argument.ci95, counts_text(g.argument.counts));
  text += detail("joint", f1_of(g.joint), g.joint.ci95, counts_text(g.joint.counts));
  text += detail("mask IoU", g.mask.mean, g.mask.ci95,
                 "over " + std::to_string(g.mask.count) + " gold masks");
  text += detail("tracklet J", g.tracklet.mean, g.tracklet.ci95,
                 "over " + std::to_string(g.tracklet.count) + " gold tracklets");
  text += detail("segment IoU", g.segment.mean, g.segment.ci95,
                 "over " + std::to_string(g.segment.count) + " gold recordings of an entity");
  text += detail("over", g.over_grounding.matched, std::nullopt,
                 "of " + std::to_string(g.over_grounding.matched_of) + " absent places");
  text += detail("miss", g.miss_grounding.matched, std::nullopt,
                 "of " + std::to_string(g.miss_grounding.matched_of) + " present places");
  if (report.missing > 0) {
    text += std::to_string(report.missing) + " documents have no prediction (" +
            std::to_string(report.failed) + " failed) and count as empty\n";
  }
  if (report.surplus > 0)
    text +=
        std::to_string(report.surplus) + " predictions have no gold document and are left out\n";
  return text;
}

}  // namespace reamo::eval
