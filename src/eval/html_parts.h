// Pieces of the report's page.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eval/report.h"

namespace reamo::eval {

// Text as HTML text or attribute value; control characters become the replacement character.
std::string html_text(std::string_view text);
// 0.8312 as "83.1"; nothing as an en dash.
std::string html_percent(const std::optional<double>& value);

// One line for each name: the interval as a bar, the value as a dot, on an axis from 0 to 100 percent.
std::string interval_plot(const std::string& title, const std::vector<std::pair<std::string, Figure>>& lines);
// Scores over the number of gold items, with their intervals.
std::string curve_plot(const std::string& title, const Curve& curve);

}  // namespace reamo::eval
