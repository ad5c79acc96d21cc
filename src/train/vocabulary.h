// The small model's vocabularies, learned from the world and from annotated texts.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace reamo::train {

// Lines for the reasoner's tokenizer: texts of the world's training split with the labels of their schemas, the names and
// training descriptions of all kinds, and the texts of annotated folders.
std::vector<std::string> reasoner_lines(std::uint64_t seed, std::int64_t texts, const std::vector<std::filesystem::path>& annotated);
// Lines for the phrases of the visual grounder: kinds, their training descriptions, colours, places and the words between.
std::vector<std::string> phrase_lines(std::uint64_t seed, std::int64_t texts);

}  // namespace reamo::train
