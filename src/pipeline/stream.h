// Many documents, one a line, in and out: ordered, flushed, resumable, split over machines (DESIGN 3.8).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <istream>
#include <string>
#include <vector>

#include "ie/document.h"

namespace reamo::pipeline {

struct StreamOptions {
  std::filesystem::path base;          // documents' paths are relative to it
  std::filesystem::path output;        // a file, or "-" for standard output
  bool resume = false;                 // skip documents whose line the output already holds; cut a torn last line
  std::size_t shard = 1, shards = 1;   // take lines shard, shard + shards, ... (counted from 1)
  std::size_t batch = 8;               // documents handed to `process` at once
  std::size_t max_line = 64u << 20;    // bytes
  bool progress = true;                // rate and count on a terminal
};

struct StreamDocument {
  std::size_t line = 0;                // in the input, from 1
  ie::Document document;               // with its id
};
// One line of output without the newline, or why there is none.
struct StreamOutcome {
  std::string line;
  std::string error;                   // one sentence; empty = fine
};
using StreamProcess = std::function<std::vector<StreamOutcome>(const std::vector<StreamDocument>&)>;

struct StreamReport {
  std::size_t written = 0, failed = 0, skipped = 0;
  bool interrupted = false;            // by a signal, or because the reader of the output went away
};

// A document without id gets its line number. A bad or failing document, or one whose id was there before, becomes
// {"document": id or null, "line": n, "error": "..."} in its place. Every line is written whole with one call.
StreamReport run_stream(std::istream& input, const StreamOptions& options, const StreamProcess& process);

// "2/8" -> {2, 8}; UsageError otherwise.
std::pair<std::size_t, std::size_t> parse_shard(const std::string& text);

}  // namespace reamo::pipeline
