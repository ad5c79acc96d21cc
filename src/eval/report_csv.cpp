// Reports as one table of figures.
#include "eval/report.h"
#include "ie/json_writer.h"

namespace reamo::eval {
namespace {

std::string number(double value) {
  ie::JsonWriter writer;
  writer.number(value);
  return std::move(writer).text();
}

std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

class Table {
 public:
  void line(const char* table, const std::string& group, const std::string& measure, const std::optional<double>& value,
            const std::optional<Interval>& interval, std::size_t n) {
    text_ += std::string(table) + "," + quoted(group) + "," + quoted(measure) + ",";
    if (value) text_ += number(*value);
    text_ += "," + (interval ? number(interval->low) : "") + "," + (interval ? number(interval->high) : "") + "," +
             std::to_string(n) + "\n";
  }
  std::string text() && { return std::move(text_); }

 private:
  std::string text_ = "table,group,measure,value,low,high,n\n";
};

}  // namespace

std::string to_csv(const ReportView& view) {
  Table table;
  const Report& report = view.report;
  for (const auto& [name, group] : groups_of(report)) {
    for (std::size_t m = 0; m < kMeasureCount; ++m) {
      const auto measure = static_cast<Measure>(m);
      const Figure figure = figure_of(*group, measure);
      table.line("score", name, measure_name(measure), figure.value, figure.ci95, figure.n);
    }
    for (const auto& [measure, score] :
         {std::pair(Measure::kEntity, &group->entity), std::pair(Measure::kRelation, &group->relation),
          std::pair(Measure::kTrigger, &group->trigger), std::pair(Measure::kArgument, &group->argument),
          std::pair(Measure::kJoint, &group->joint)}) {
      const Counts& counts = score->counts;
      if (counts.n_gold + counts.n_pred == 0) continue;
      table.line("precision", name, measure_name(measure), counts.precision(), {}, counts.n_pred);
      table.line("recall", name, measure_name(measure), counts.recall(), {}, counts.n_gold);
    }
    table.line("instances", name, "", static_cast<double>(group->instances), {}, group->instances);
  }
  if (report.errors) {
    for (const auto& [name, counts] : groups_of(*report.errors)) {
      for (const ErrorRow& row : error_rows(*counts))
        table.line("error", name, row.kind + "." + row.name, static_cast<double>(row.count), {}, row.of);
    }
  }
  if (report.curves) {
    for (const auto& [measure, curve] : *report.curves) {
      for (std::size_t i = 0; i < curve.size(); ++i)
        table.line("curve", curve_point_name(i), measure_name(measure), curve[i].score, curve[i].ci95,
                   curve[i].instances);
    }
  }
  if (view.paired) {
    for (const auto& [name, group] : groups_of(*view.paired)) {
      for (const auto& [measure, d] : group->measures) {
        table.line("difference", name, measure_name(measure), d.difference, d.ci95, group->instances);
        table.line("p_value", name, measure_name(measure), d.p, {}, group->instances);
      }
    }
  }
  for (const auto& [key, words, mismatch] : mismatches_of(report))
    table.line("mismatch", "all", key, static_cast<double>(mismatch->count), {}, mismatch->count);
  return std::move(table).text();
}

}  // namespace reamo::eval
