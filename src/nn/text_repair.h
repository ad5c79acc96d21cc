// Repair of mis-decoded text before it is tokenised by CLIP's rules: what `ftfy.fix_text` does with its defaults, by rules
// of our own where only the effect is known (parity/IMAGEBIND.md 7).
#pragma once

#include <string>
#include <string_view>

namespace reamo::nn {

// Per line: HTML entities (if `entities`; off from the first line with a "<"), UTF-8 that was read as a one-byte encoding,
// C1 controls, Latin ligatures, full and half width forms, curly quotes, line breaks, terminal escapes, control characters,
// composed form. Repeated until nothing changes. Bytes that are no UTF-8 become U+FFFD.
std::string repair_text(std::string_view text, bool entities = true);

// As browsers read text: named references with or without their semicolon, numbers.
std::string unescape_html(std::string_view text);

}  // namespace reamo::nn
