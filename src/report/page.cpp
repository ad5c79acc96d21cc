#include "report/page.h"

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <string_view>

#include "media/write.h"
#include "report/page_media.h"
#include "report/page_resources.h"

namespace reamo::report {
namespace {

std::string json_text(const nlohmann::json& value) {
  return value.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

// JSON inside a script element must not hold `<`, which could close it; it stands only inside strings.
std::string inside_script(std::string_view json) {
  std::string safe;
  safe.reserve(json.size());
  for (char c : json) {
    if (c == '<') {
      safe += "\\u003c";
    } else {
      safe += c;
    }
  }
  return safe;
}

std::string html_text(std::string_view text) {
  std::string safe;
  for (char c : text) {
    switch (c) {
      case '&': safe += "&amp;"; break;
      case '<': safe += "&lt;"; break;
      case '>': safe += "&gt;"; break;
      case '"': safe += "&quot;"; break;
      default: safe += c;
    }
  }
  return safe;
}

std::string page_data(const ie::Result& result, const ie::Document& document, const PageOptions& options) {
  std::vector<ie::Warning> notes;
  const auto media = page_media(result, document, options, notes);
  std::string json = "{\"result\": " + ie::write_result(result);
  json += ",\n\"text\": " + (document.text ? json_text(*document.text) : "null");
  json += ",\n\"media\": {";
  bool first = true;
  for (const auto& [name, medium] : media) {
    json += first ? "\n" : ",\n";
    first = false;
    nlohmann::json facts{{"name", medium.file_name}, {"type", medium.type}, {"offset", medium.offset}};
    if (!medium.peaks.empty()) {
      facts["peaks"] = nlohmann::json::array();
      for (float peak : medium.peaks) facts["peaks"].push_back(std::round(double(peak) * 100) / 100);
    }
    std::string text = json_text(facts);
    if (!medium.bytes.empty()) {
      text.pop_back();
      text += ",\"data\":\"" + media::base64(medium.bytes) + "\"}";
    }
    json += json_text(name) + ": " + text;
  }
  json += "},\n\"notes\": ";
  nlohmann::json list = nlohmann::json::array();
  for (const auto& note : notes) list.push_back({{"code", note.code}, {"message", note.message}, {"where", note.where}});
  return json + json_text(list) + "}";
}

}  // namespace

std::string page(const ie::Result& result, const ie::Document& document, const PageOptions& options) {
  const std::map<std::string_view, std::string> parts = {
      {"@TITLE@", html_text(result.document) + " – reamo"},
      {"@STYLE@", std::string(kPageStyle)},
      {"@DATA@", inside_script(page_data(result, document, options))},
      {"@SCRIPT@", std::string(kPageScript)},
  };
  std::string html;
  std::string_view rest = kPageHtml;
  while (!rest.empty()) {
    // The nearest placeholder; what is put in is not looked through again.
    std::size_t nearest = rest.size();
    const std::pair<const std::string_view, std::string>* found = nullptr;
    for (const auto& part : parts) {
      const std::size_t at = rest.find(part.first);
      if (at < nearest) {
        nearest = at;
        found = &part;
      }
    }
    html += rest.substr(0, nearest);
    if (!found) break;
    html += found->second;
    rest.remove_prefix(nearest + found->first.size());
  }
  return html;
}

void write_page(const ie::Result& result, const ie::Document& document, const std::filesystem::path& path, const PageOptions& options) {
  const std::string html = page(result, document, options);
  media::write_bytes(path, {reinterpret_cast<const std::uint8_t*>(html.data()), html.size()});
}

}  // namespace reamo::report
