#include "eval/html_parts.h"

#include <algorithm>
#include <cstdio>

namespace reamo::eval {
namespace {

std::string fixed(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

std::string line_of(double x1, double y1, double x2, double y2, const char* kind) {
  return "<line class=\"" + std::string(kind) + "\" x1=\"" + fixed(x1) + "\" y1=\"" + fixed(y1) + "\" x2=\"" + fixed(x2) +
         "\" y2=\"" + fixed(y2) + "\"/>";
}

std::string text_at(double x, double y, const char* anchor, const std::string& text) {
  return "<text x=\"" + fixed(x) + "\" y=\"" + fixed(y) + "\" text-anchor=\"" + anchor + "\">" + html_text(text) + "</text>";
}

std::string dot_at(double x, double y, const std::string& tip) {
  return "<circle cx=\"" + fixed(x) + "\" cy=\"" + fixed(y) + "\" r=\"4\"><title>" + html_text(tip) + "</title></circle>";
}

std::string figure_around(const std::string& title, double width, double height, const std::string& content) {
  return "<figure><figcaption>" + html_text(title) + "</figcaption><svg role=\"img\" aria-label=\"" + html_text(title) +
         "\" viewBox=\"0 0 " + fixed(width) + " " + fixed(height) + "\">" + content + "</svg></figure>\n";
}

std::string tip_of(const std::string& name, const std::optional<double>& value, const std::optional<Interval>& ci,
                   std::size_t n) {
  std::string tip = name + ": " + html_percent(value);
  if (ci) tip += " [" + html_percent(ci->low) + ", " + html_percent(ci->high) + "]";
  return tip + ", n " + std::to_string(n);
}

}  // namespace

std::string html_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default: {
        const auto byte = static_cast<unsigned char>(c);
        const bool is_control = (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7F;
        out += is_control ? std::string("\xEF\xBF\xBD") : std::string(1, c);
      }
    }
  }
  return out;
}

std::string html_percent(const std::optional<double>& value) { return value ? fixed(100 * *value) : "\xE2\x80\x93"; }

std::string interval_plot(const std::string& title, const std::vector<std::pair<std::string, Figure>>& lines) {
  constexpr double kLeft = 150, kWidth = 190, kRow = 20, kTop = 6;
  const double bottom = kTop + kRow * static_cast<double>(lines.size());
  std::string svg;
  for (int percent = 0; percent <= 100; percent += 25) {
    const double x = kLeft + kWidth * percent / 100;
    svg += line_of(x, kTop, x, bottom, "grid") + text_at(x, bottom + 14, "middle", std::to_string(percent));
  }
  double y = kTop + kRow / 2;
  for (const auto& [name, figure] : lines) {
    const auto x_of = [&](double value) { return kLeft + kWidth * std::clamp(value, 0.0, 1.0); };
    svg += text_at(kLeft - 8, y + 4, "end", name);
    if (figure.ci95) svg += line_of(x_of(figure.ci95->low), y, x_of(figure.ci95->high), y, "bar");
    if (figure.value) svg += dot_at(x_of(*figure.value), y, tip_of(name, figure.value, figure.ci95, figure.n));
    y += kRow;
  }
  return figure_around(title, kLeft + kWidth + 14, bottom + 20, svg);
}

std::string curve_plot(const std::string& title, const Curve& curve) {
  constexpr double kLeft = 34, kStep = 58, kTop = 8, kHeight = 120;
  const auto y_of = [&](double value) { return kTop + kHeight * (1 - std::clamp(value, 0.0, 1.0)); };
  const double right = kLeft + kStep * kCurvePoints;
  std::string svg;
  for (int percent = 0; percent <= 100; percent += 25) {
    const double y = y_of(percent / 100.0);
    svg += line_of(kLeft, y, right, y, "grid") + text_at(kLeft - 6, y + 4, "end", std::to_string(percent));
  }
  std::string path;
  for (std::size_t i = 0; i < curve.size(); ++i) {
    const double x = kLeft + kStep * (static_cast<double>(i) + 0.5);
    svg += text_at(x, kTop + kHeight + 16, "middle", curve_point_name(i));
    svg += text_at(x, kTop + kHeight + 30, "middle", "n " + std::to_string(curve[i].instances));
    if (!curve[i].score) continue;
    path += (path.empty() ? "" : " ") + fixed(x) + "," + fixed(y_of(*curve[i].score));
    if (curve[i].ci95) svg += line_of(x, y_of(curve[i].ci95->low), x, y_of(curve[i].ci95->high), "bar");
    svg += dot_at(x, y_of(*curve[i].score), tip_of(curve_point_name(i), curve[i].score, curve[i].ci95, curve[i].instances));
  }
  svg += "<polyline points=\"" + path + "\"/>";
  return figure_around(title, right + 10, kTop + kHeight + 36, svg);
}

}  // namespace reamo::eval
