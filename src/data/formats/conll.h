// One token and its tag a line, a blank line after each text: CoNLL-2003, WNUT17, CrossNER, Twitter-2015 and
// -2017, GMNER.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "data/formats/import.h"

namespace reamo::data {

// A block of lines.
struct TaggedBlock {
  std::uint64_t line = 0;  // of its first token
  std::string image_id;    // of a line "IMGID:..." before it; "": none
  std::vector<std::string> tokens, tags;
};

// Calls `visit` for each block of the file that has no fault, inside its record. Columns are separated by
// tabs, or by blanks in a file without tabs: the first is the token, the last the tag. Lines "-DOCSTART-",
// and "# .." without a tag, are left out.
void read_tagged_blocks(Import& import, const std::filesystem::path& file,
                        const std::function<void(const TaggedBlock&)>& visit);

// A document of the block's text, with its entities.
Gold gold_of(const Import& import, const TaggedBlock& block);

void import_conll(Import& import);

}  // namespace reamo::data
