#include "parity/verify.h"

#include <chrono>
#include <cstdio>
#include <ostream>

#include "ie/error.h"
#include "parity/registry.h"

namespace reamo::parity {
namespace {

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.resize(width, ' ');
  return text;
}

}  // namespace

bool verify(const std::filesystem::path& path, const VerifyOptions& options, std::ostream& out) {
  Context context;
  if (options.clip_vocabulary) context.clip_tokenizer = nn::ClipTokenizer::open(*options.clip_vocabulary);
  int passed = 0, failed = 0, skipped = 0;
  for (const std::filesystem::path& folder : nn::find_cases(path)) {
    std::string op = "?", word, text;
    const auto start = std::chrono::steady_clock::now();
    try {
      const nn::Case reference = nn::Case::open(folder);
      op = reference.op();
      if (op.rfind(options.family, 0) != 0) continue;
      const Outcome outcome = run_case(reference, context);
      if (!outcome.skipped.empty()) {
        word = "skip", text = outcome.skipped;
        ++skipped;
      } else {
        word = outcome.result.passed ? "pass" : "FAIL", text = nn::describe(outcome.result);
        ++(outcome.result.passed ? passed : failed);
      }
    } catch (const std::exception& error) {
      word = "FAIL", text = error.what();
      ++failed;
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    char time[32];
    std::snprintf(time, sizeof time, "%.1f s", seconds);
    // The first line of the text, the time, then what failed.
    const std::size_t line = text.find('\n');
    out << word << "  " << padded(op, 28) << "  " << padded(std::filesystem::relative(folder, path).string(), 34) << "  "
        << text.substr(0, line) << "  " << time << "\n";
    if (line != std::string::npos) out << text.substr(line + 1) << "\n";
    out.flush();
  }
  if (passed + failed + skipped == 0) {
    throw Error(path.string() + " holds no reference case" + (options.family.empty() ? "" : " of family '" + options.family + "'"));
  }
  out << passed << " passed, " << failed << " failed, " << skipped << " skipped\n";
  return failed == 0 && passed > 0;
}

}  // namespace reamo::parity
