// Reports written down: JSON, text, CSV, a page.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eval/compare.h"
#include "eval/evaluate.h"

namespace reamo::eval {

// What is written.
struct ReportView {
  const Report& report;
  std::string gold = {}, pred = {};  // names of the files, for people
  const Report* against = nullptr;  // the other system, with `paired`
  const PairedReport* paired = nullptr;
  std::string against_name = {};
  bool counts = false;  // JSON: also what the figures are computed from, and all mismatches
};

// {"all": G, "by_combination": {..}, "by_task": {..}} with exactly the keys of DESIGN 3.4; undefined figures are null. With
// `counts` every G has more keys and "mismatches" stands at the end; "errors", "curves", "worst" and "against" stand
// there when they were asked for.
std::string to_json(const ReportView& view);
// Tables for people, in percent.
std::string to_text(const ReportView& view);
// One figure a line: table,group,measure,value,low,high,n.
std::string to_csv(const ReportView& view);
// One page that needs nothing else: tables, plots, errors, the worst instances. All text of results is escaped.
std::string to_html(const ReportView& view);

// What does not fit between the files, a sentence each; empty if nothing.
std::string mismatch_text(const Report& report);

// ---- shared by the writers

// "all", "task ner", .., "text+image", ..: each with its figures.
std::vector<std::pair<std::string, const Group*>> groups_of(const Report& report);
std::vector<std::pair<std::string, const ErrorCounts*>> groups_of(const ErrorTables& tables);
std::vector<std::pair<std::string, const PairedGroup*>> groups_of(const PairedReport& report);

// A figure of a group with its interval; `value` is nothing where it is undefined.
struct Figure {
  std::optional<double> value;
  std::optional<Interval> ci95;
  std::size_t n = 0;  // gold items, or places of a rate
};
Figure figure_of(const Group& group, Measure measure);

// The rows of an error table: name, how many, of how many, of what.
struct ErrorRow {
  std::string kind, name;  // "entity", "repeated"
  std::size_t count = 0, of = 0;
  const char* of_what = "";
};
std::vector<ErrorRow> error_rows(const ErrorCounts& counts);

// "1", .., "5+"
std::string curve_point_name(std::size_t point);

struct NamedMismatch {
  const char* key;    // "missing"
  const char* words;  // "gold documents have no prediction and count as empty"
  const Mismatch* mismatch;
};
std::vector<NamedMismatch> mismatches_of(const Report& report);

}  // namespace reamo::eval
