// Which code runs a reference case: one function per family of ops (parity/README.md).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "nn/case.h"
#include "nn/clip_tokenizer.h"

namespace reamo::parity {

// What cases may need from outside of their folder.
struct Context {
  // CLIP's published vocabulary (bpe_simple_vocab_16e6.txt.gz): cases that need more than stored token ids are skipped
  // without it.
  std::optional<nn::ClipTokenizer> clip_tokenizer;
};

struct Outcome {
  nn::CaseResult result;
  std::string skipped;  // why the case was not run; empty if it was
};

// Runs one case and compares. Error where the op is unknown or the case unreadable.
Outcome run_case(const nn::Case& reference, const Context& context = {});
// All ops that run_case knows, sorted.
std::vector<std::string> known_ops();

}  // namespace reamo::parity
