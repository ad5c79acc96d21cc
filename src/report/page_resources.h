// The frame, style and scripts of the page, made from page.html, page.css and page_*.js when the project is configured.
#pragma once

#include <string_view>

namespace reamo::report {

extern const std::string_view kPageHtml;    // with @TITLE@, @STYLE@, @DATA@, @SCRIPT@
extern const std::string_view kPageStyle;
extern const std::string_view kPageScript;

}  // namespace reamo::report
