// The families of ops. Each function gives the case's outcome; they know the ops that their list names.
#pragma once

#include <string>
#include <vector>

#include "parity/registry.h"

namespace reamo::parity {

std::vector<std::string> imagebind_ops();
Outcome run_imagebind(const nn::Case& reference, const Context& context);

std::vector<std::string> seem_ops();
Outcome run_seem(const nn::Case& reference, const Context& context);

std::vector<std::string> speech_ops();  // shas.*, ctc_align
Outcome run_speech(const nn::Case& reference, const Context& context);

std::vector<std::string> llm_ops();
Outcome run_llm(const nn::Case& reference, const Context& context);

}  // namespace reamo::parity
