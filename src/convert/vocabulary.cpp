#include "convert/vocabulary.h"

#include <zlib.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "convert/checkpoint.h"
#include "ie/error.h"
#include "store/file_kind.h"
#include "store/tensor_file.h"

namespace reamo::convert {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kMaxText = std::size_t(64) << 20;
constexpr std::int64_t kOwnEntries = 514;  // 256 symbols, 256 with the end mark, two markers

std::string gunzip(const fs::path& path) {
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"), gzclose);
  if (!file) throw Error(path.string() + ": cannot be opened");
  std::string text;
  std::vector<char> block(1 << 16);
  for (;;) {
    const int count = gzread(file.get(), block.data(), unsigned(block.size()));
    if (count < 0) throw Error(path.string() + ": the gzip data are damaged");
    if (count == 0) break;
    text.append(block.data(), std::size_t(count));
    if (text.size() > kMaxText) throw Error(path.string() + ": unpacks to more than 64 MiB");
  }
  int code = Z_OK;
  gzerror(file.get(), &code);
  if (code != Z_OK && code != Z_STREAM_END) throw Error(path.string() + ": the gzip data are cut short");
  return text;
}

// Behind the header line, one pair a line, at most `count`.
std::vector<std::string> merges_of(std::string_view text, std::size_t count, const std::string& where) {
  const std::string kind = store::foreign_kind(std::as_bytes(std::span(text)));
  if (!kind.empty()) throw Error(where + ": " + kind + ", not a list of merges");
  std::vector<std::string> merges;
  std::size_t at = text.find('\n');
  for (std::size_t line = 2; at != std::string_view::npos && at + 1 < text.size() && merges.size() < count; ++line) {
    const std::size_t end = text.find('\n', at + 1);
    std::string merge(text.substr(at + 1, end == std::string_view::npos ? end : end - at - 1));
    if (!merge.empty() && merge.back() == '\r') merge.pop_back();
    const std::size_t blank = merge.find(' ');
    if (blank == 0 || blank == std::string::npos || blank + 1 == merge.size() || merge.find(' ', blank + 1) != std::string::npos || merge.size() > 1024) {
      throw Error(where + ": line " + std::to_string(line) + " is no pair of symbols (not CLIP's merges?)");
    }
    merges.push_back(std::move(merge));
    at = end;
  }
  return merges;
}

void check_order(const fs::path& vocab_json, const std::vector<std::string>& merges) {
  const nlohmann::json ids = read_json_file(vocab_json);
  if (!ids.is_object()) throw Error(vocab_json.string() + ": not an object of token to id");
  for (std::size_t i = 0; i < merges.size(); ++i) {
    std::string token = merges[i];
    token.erase(token.find(' '), 1);
    const auto found = ids.find(token);
    if (found == ids.end() || !found->is_number_integer() || found->get<std::int64_t>() != std::int64_t(512 + i)) {
      throw Error(vocab_json.string() + ": the token '" + token + "' has not the id " + std::to_string(512 + i) + " that the order of the merges gives it");
    }
  }
}

}  // namespace

std::string clip_vocabulary(const fs::path& path, std::int64_t vocabulary) {
  if (vocabulary < kOwnEntries) throw Error("a vocabulary of " + std::to_string(vocabulary) + " entries is none of CLIP's kind (at least 514)");
  const auto count = std::size_t(vocabulary - kOwnEntries);
  std::vector<std::string> merges;
  if (!fs::exists(path)) throw Error(path.string() + ": no such file or folder");
  if (fs::is_directory(path)) {
    merges = merges_of(store::read_file(path / "merges.txt", kMaxText), count, (path / "merges.txt").string());
    check_order(path / "vocab.json", merges);
  } else if (path.extension() == ".json") {
    const nlohmann::json json = read_json_file(path);
    if (!json.is_object() || !json.contains("format") || json.at("format") != "reamo-bpe" || !json.contains("merges") || !json.at("merges").is_array()) {
      throw Error(path.string() + ": no vocabulary of merges (a vocab.json? then give the folder that holds it with merges.txt)");
    }
    std::string lines;
    for (const auto& merge : json.at("merges")) lines += '\n' + (merge.is_string() ? merge.get<std::string>() : std::string());
    merges = merges_of(lines, count, path.string());
  } else {
    merges = merges_of(path.extension() == ".gz" ? gunzip(path) : store::read_file(path, kMaxText), count, path.string());
  }
  if (merges.size() < count) {
    throw Error(path.string() + ": " + std::to_string(merges.size()) + " merges, but the model's vocabulary of " + std::to_string(vocabulary) + " needs " + std::to_string(count));
  }
  return nlohmann::json{{"format", "reamo-bpe"}, {"merges", merges}}.dump() + "\n";
}

}  // namespace reamo::convert
