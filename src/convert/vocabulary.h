// CLIP's vocabulary from the files that the user has.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace reamo::convert {

// The content of bpe.json ({"format": "reamo-bpe", "merges": [..]}) for a vocabulary of so many entries. `path`: the gzipped merges
// (bpe_simple_vocab_16e6.txt.gz), merges.txt, a folder with vocab.json and merges.txt, or a bpe.json. Error naming the file: other
// content, too few merges, a vocab.json whose order of ids is not that of the merges.
std::string clip_vocabulary(const std::filesystem::path& path, std::int64_t vocabulary);

}  // namespace reamo::convert
