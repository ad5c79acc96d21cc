// The report as one page.
#include <algorithm>
#include <array>
#include <cstdio>

#include "eval/html_parts.h"
#include "eval/report.h"

namespace reamo::eval {
namespace {

constexpr const char* kStyle = R"(
:root{color-scheme:light dark;--line:#8884;--soft:#8881;--main:#2563eb;--bad:#c2410c}
body{font:15px/1.45 system-ui,sans-serif;margin:0 auto;max-width:1100px;padding:12px 16px}
h1{font-size:1.4em}h2{font-size:1.15em;margin-top:2em}
.wide{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:3px 9px;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
th:first-child,td:first-child{text-align:left}small,.note{color:#777}
.plots{display:flex;flex-wrap:wrap;gap:14px}figure{margin:0;flex:1 1 320px;max-width:480px}
figcaption{font-weight:600}svg{width:100%;height:auto}svg text{font-size:11px;fill:currentColor}
.grid{stroke:var(--line)}.bar{stroke:var(--main);stroke-width:3;opacity:.45}
circle{fill:var(--main)}polyline{fill:none;stroke:var(--main);stroke-width:1.5}
details{border-bottom:1px solid var(--line);padding:5px 0}summary{cursor:pointer;overflow-wrap:anywhere}
.pair{display:grid;grid-template-columns:8em 1fr 1fr;gap:4px 12px;padding:3px 0;border-top:1px solid var(--line)}
.pair>div{overflow-wrap:anywhere;white-space:pre-wrap;unicode-bidi:plaintext}.head{font-weight:600}
.wrong{background:var(--soft)}.wrong>div:first-child{color:var(--bad)}
@media(max-width:640px){.pair{grid-template-columns:1fr}.head{display:none}
.pair>div[data-side]::before{content:attr(data-side) ": ";color:#777}}
)";

constexpr std::array kShown{Measure::kEntity,  Measure::kRelation,      Measure::kTrigger,       Measure::kArgument,
                            Measure::kMask,    Measure::kTracklet,      Measure::kSegment,       Measure::kOverGrounding,
                            Measure::kMissGrounding, Measure::kJoint};

const char* title_of(Measure measure) {
  switch (measure) {
    case Measure::kEntity:
      return "entity F1";
    case Measure::kRelation:
      return "relation F1";
    case Measure::kTrigger:
      return "trigger F1";
    case Measure::kArgument:
      return "argument F1";
    case Measure::kJoint:
      return "joint F1";
    case Measure::kMask:
      return "mask IoU";
    case Measure::kTracklet:
      return "tracklet J";
    case Measure::kSegment:
      return "segment IoU";
    case Measure::kOverGrounding:
      return "over-grounding";
    default:
      return "missed grounding";
  }
}

std::string cell(const std::string& text) { return "<td>" + text + "</td>"; }
std::string head(const std::string& text) { return "<th>" + html_text(text) + "</th>"; }

template <typename Groups>
std::string score_table(const char* name, const Groups& groups) {
  std::string html = "<div class=\"wide\"><table><tr>" + head(name) + head("documents");
  for (const Measure measure : kShown) html += head(title_of(measure));
  html += "</tr>\n";
  for (const auto& [group_name, group] : groups) {
    html += "<tr>" + cell(html_text(group_name)) + cell(std::to_string(group->instances));
    for (const Measure measure : kShown) {
      const Figure figure = figure_of(*group, measure);
      std::string text = html_percent(figure.value);
      if (figure.ci95)
        text += "<br><small>" + html_percent(figure.ci95->low) + " to " + html_percent(figure.ci95->high) + "</small>";
      html += cell(text);
    }
    html += "</tr>\n";
  }
  return html + "</table></div>\n";
}

std::string score_sections(const Report& report) {
  std::vector<std::pair<std::string, const Group*>> combinations{{"all", &report.all}}, tasks;
  for (const auto& [name, group] : report.by_combination) combinations.emplace_back(name, &group);
  for (const auto& [name, group] : report.by_task) tasks.emplace_back(name, &group);
  std::string html = "<h2>By combination of media</h2>\n" + score_table("media", combinations);
  html += "<h2>By task</h2>\n" + score_table("task", tasks);
  std::string plots;
  for (const Measure measure : kShown) {
    if (is_rate(measure)) continue;
    std::vector<std::pair<std::string, Figure>> lines;
    for (const auto& [name, group] : combinations) {
      const Figure figure = figure_of(*group, measure);
      if (figure.value) lines.emplace_back(name, figure);
    }
    if (!lines.empty()) plots += interval_plot(title_of(measure), lines);
  }
  if (!plots.empty()) html += "<h2>Scores and their intervals</h2>\n<div class=\"plots\">" + plots + "</div>\n";
  return html;
}

std::string curve_section(const Curves& curves) {
  std::string html = "<h2>By number of gold items in a document</h2>\n<div class=\"plots\">";
  for (const auto& [measure, curve] : curves) html += curve_plot(title_of(measure), curve);
  return html + "</div>\n";
}

std::string error_section(const ErrorTables& tables) {
  std::string html =
      "<h2>Classes of errors</h2>\n<div class=\"wide\"><table><tr><th>error</th><th>count</th><th>of</th>"
      "<th></th><th>percent</th></tr>\n";
  for (const ErrorRow& row : error_rows(tables.all)) {
    const auto share =
        row.of == 0 ? std::nullopt : std::optional(static_cast<double>(row.count) / static_cast<double>(row.of));
    std::string name = row.kind + ": " + row.name;
    std::replace(name.begin(), name.end(), '_', ' ');
    html += "<tr>" + cell(html_text(name)) + cell(std::to_string(row.count)) + cell(std::to_string(row.of)) +
            cell(row.of_what) + cell(html_percent(share)) + "</tr>\n";
  }
  return html + "</table></div>\n";
}

std::string signed_percent(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%+.1f", 100 * value);
  return text.data();
}

std::string paired_section(const ReportView& view) {
  std::string html = "<h2>Against another system</h2>\n<p>A: " + html_text(view.pred) + "<br>B: " +
                     html_text(view.against_name) +
                     "</p>\n<div class=\"wide\"><table><tr><th>group</th><th>measure</th><th>A</th><th>B</th>"
                     "<th>A - B</th><th>interval</th><th>p</th></tr>\n";
  for (const auto& [name, group] : groups_of(*view.paired)) {
    for (const auto& [measure, d] : group->measures) {
      std::array<char, 16> p{};
      if (d.p) std::snprintf(p.data(), p.size(), "%.3f", *d.p);
      html += "<tr>" + cell(html_text(name)) + cell(title_of(measure)) + cell(html_percent(d.a)) + cell(html_percent(d.b)) +
              cell(signed_percent(d.difference)) +
              cell(d.ci95 ? signed_percent(d.ci95->low) + " to " + signed_percent(d.ci95->high) : "") + cell(p.data()) +
              "</tr>\n";
    }
  }
  return html + "</table></div>\n";
}

std::string worst_section(const std::vector<WorstInstance>& worst) {
  std::string html = "<h2>The worst documents</h2>\n<p class=\"note\">By F1 over all their items, gold beside predicted.</p>\n";
  for (const WorstInstance& instance : worst) {
    html += "<details><summary><b>" + html_text(instance.document) + "</b> " + html_text(instance.combination) + ", F1 " +
            html_percent(instance.badness.f1) +
            "</summary>\n<div class=\"pair head\"><div></div><div>gold</div><div>predicted</div></div>\n";
    for (const ItemPair& pair : instance.pairs) {
      html += std::string("<div class=\"pair") + (pair.state == ItemState::kRight ? "" : " wrong") + "\"><div>" +
              item_kind_name(pair.kind) + ", " + item_state_name(pair.state) + "</div><div data-side=\"gold\">" +
              html_text(pair.gold) + "</div><div data-side=\"predicted\">" + html_text(pair.pred) + "</div></div>\n";
    }
    html += "</details>\n";
  }
  return html;
}

std::string mismatch_section(const Report& report) {
  std::string html = "<h2>What does not fit</h2>\n<ul>\n";
  for (const auto& [key, words, mismatch] : mismatches_of(report)) {
    if (mismatch->count == 0) continue;
    html += "<li>" + std::to_string(mismatch->count) + " " + words + ": ";
    for (std::size_t i = 0; i < mismatch->first.size(); ++i)
      html += (i == 0 ? "" : "; ") + html_text(mismatch->first[i]);
    html += mismatch->count > mismatch->first.size() ? "; ..</li>\n" : "</li>\n";
  }
  return html + "</ul>\n";
}

std::string settings(const Report& report) {
  std::array<char, 160> text{};
  std::snprintf(text.data(), text.size(), "Percent. Intervals at %g%%, %zu bootstrap resamples of documents, seed %llu. A place is right from IoU %g.",
                100 * report.options.level, report.options.replicates,
                static_cast<unsigned long long>(report.options.seed), report.options.iou_threshold);
  return text.data();
}

}  // namespace

std::string to_html(const ReportView& view) {
  const Report& report = view.report;
  std::string html =
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
      "<title>Evaluation of " + html_text(view.pred) + "</title>\n<style>" + kStyle + "</style></head><body>\n";
  html += "<h1>Evaluation</h1>\n<p>gold: " + html_text(view.gold) + "<br>predicted: " + html_text(view.pred) +
          "<br>documents: " + std::to_string(report.all.instances) + "</p>\n<p class=\"note\">" + settings(report) + "</p>\n";
  if (report.has_mismatch()) html += mismatch_section(report);
  html += score_sections(report);
  if (view.paired) html += paired_section(view);
  if (report.errors) html += error_section(*report.errors);
  if (report.curves) html += curve_section(*report.curves);
  if (!report.worst.empty()) html += worst_section(report.worst);
  return html + "</body></html>\n";
}

}  // namespace reamo::eval
