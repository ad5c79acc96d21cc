// Named character references of HTML.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace reamo::nn {

// The text of `&name;`, or of `&name` where the standard allows that. `name` has neither ampersand nor semicolon.
std::optional<std::string> html_entity(std::string_view name, bool with_semicolon = true);

}  // namespace reamo::nn
