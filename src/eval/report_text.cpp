// Reports as tables for people.
#include <array>
#include <cstdio>

#include "eval/report.h"

namespace reamo::eval {
namespace {

std::string cell(const std::optional<double>& value, int width, const char* format = "%*.1f", double scale = 100) {
  std::array<char, 32> text{};
  if (value) {
    std::snprintf(text.data(), text.size(), format, width, scale * *value);
  } else {
    std::snprintf(text.data(), text.size(), "%*s", width, "-");
  }
  return text.data();
}

std::string count_cell(std::size_t count, int width) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%*zu", width, count);
  return text.data();
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

constexpr std::size_t kNameWidth = 24;

constexpr std::array kShown{Measure::kEntity,  Measure::kRelation,      Measure::kTrigger,       Measure::kArgument,
                            Measure::kMask,    Measure::kTracklet,      Measure::kSegment,       Measure::kOverGrounding,
                            Measure::kMissGrounding, Measure::kJoint};

std::string row(const std::string& name, const Group& group) {
  std::string line = padded(name, kNameWidth) + count_cell(group.instances, 7);
  for (const Measure measure : kShown) line += cell(figure_of(group, measure).value, 8);
  return line + "\n";
}

std::string range(const std::optional<Interval>& ci) {
  return ci ? "  [" + cell(ci->low, 5) + "," + cell(ci->high, 6) + "]" : "";
}

std::string detail(const char* name, const Figure& figure, const std::string& rest) {
  return "  " + padded(name, 12) + cell(figure.value, 6) + range(figure.ci95) + "  " + rest + "\n";
}

std::string counts_text(const Counts& c) {
  return "P " + cell(c.precision(), 5) + "  R " + cell(c.recall(), 5) + "  (" +
         std::to_string(c.tp) + " right of " + std::to_string(c.n_pred) + " predicted, " +
         std::to_string(c.n_gold) + " gold)";
}

std::string level_text(const Options& options) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%g%%", 100 * options.level);
  return text.data();
}

std::string errors_text(const ErrorCounts& counts) {
  std::string text = "\nerrors                      count      of\n";
  for (const ErrorRow& row : error_rows(counts)) {
    const auto share = row.of == 0 ? std::nullopt : std::optional(double(row.count) / double(row.of));
    text += "  " + padded(row.kind + " " + row.name, kNameWidth - 2) + count_cell(row.count, 9) + count_cell(row.of, 8) + " " +
            padded(row.of_what, 10) + cell(share, 6) + " %\n";
  }
  return text;
}

std::string curves_text(const Curves& curves) {
  std::string text = "\n" + padded("by number of gold items", kNameWidth + 2);
  for (std::size_t i = 0; i < kCurvePoints; ++i) text += padded("     " + curve_point_name(i), 15);
  text += "  (documents)\n";
  for (const auto& [measure, curve] : curves) {
    text += "  " + padded(measure_name(measure), kNameWidth - 2);
    for (const CurvePoint& point : curve)
      text += cell(point.score, 7) + padded(" (" + std::to_string(point.instances) + ")", 8);
    text += "\n";
  }
  return text;
}

std::string paired_text(const ReportView& view) {
  std::string text = "\nA: " + view.pred + "\nB: " + view.against_name + "\nA - B, " + level_text(view.report.options) +
                     " intervals of the paired bootstrap\n" + padded("", kNameWidth + 16) +
                     "      A       B   A - B                     p\n";
  for (const auto& [name, group] : groups_of(*view.paired)) {
    for (const auto& [measure, d] : group->measures) {
      text += padded(name, kNameWidth) + padded(measure_name(measure), 16) + cell(d.a, 7) + cell(d.b, 8) +
              cell(d.difference, 8, "%+*.1f") +
              (d.ci95 ? "  [" + cell(d.ci95->low, 6, "%+*.1f") + "," + cell(d.ci95->high, 6, "%+*.1f") + "]" : "") +
              cell(d.p, 8, "%*.3f", 1) + "\n";
    }
  }
  return text;
}

}  // namespace

std::string to_text(const ReportView& view) {
  const Report& report = view.report;
  std::string text =
      padded("percent", kNameWidth) +
      " docs.  entity relation trigger argument  mask  track.   segm.    over    miss   joint\n";
  for (const auto& [name, group] : groups_of(report)) text += row(name, *group);
  const Group& g = report.all;
  text += "\nall, with " + level_text(report.options) + " intervals over documents\n";
  text += detail("entity", figure_of(g, Measure::kEntity), counts_text(g.entity.counts));
  text += detail("relation", figure_of(g, Measure::kRelation), counts_text(g.relation.counts));
  text += detail("trigger", figure_of(g, Measure::kTrigger), counts_text(g.trigger.counts));
  text += detail("argument", figure_of(g, Measure::kArgument), counts_text(g.argument.counts));
  text += detail("joint", figure_of(g, Measure::kJoint), counts_text(g.joint.counts));
  const auto over = [&](Measure measure, const char* name, const char* before, const char* after) {
    const Figure figure = figure_of(g, measure);
    text += detail(name, figure, before + std::to_string(figure.n) + after);
  };
  over(Measure::kMask, "mask IoU", "over ", " gold masks");
  over(Measure::kTracklet, "tracklet J", "over ", " gold tracklets");
  over(Measure::kSegment, "segment IoU", "over ", " gold recordings of an entity");
  over(Measure::kOverGrounding, "over", "of ", " absent places");
  over(Measure::kMissGrounding, "miss", "of ", " present places");
  if (report.errors) text += errors_text(report.errors->all);
  if (report.curves) text += curves_text(*report.curves);
  if (view.paired) text += paired_text(view);
  if (report.options.worst > 0) {
    text += "\nworst documents (F1 over all items)\n";
    for (const WorstInstance& instance : report.worst) {
      text += "  " + padded(instance.document, kNameWidth - 2) + cell(instance.badness.f1, 7) + "  " +
              std::to_string(instance.badness.wrong) + " wrong\n";
    }
  }
  return text;
}

}  // namespace reamo::eval
