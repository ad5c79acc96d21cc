// Every reader of foreign bytes, by name, as a function of the bytes: it must end in a value or in a reamo::Error.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace reamo::fuzz {

struct Reader {
  const char* name;  // also the folder of its corpus
  void (*read)(std::span<const std::byte> bytes);
};
std::span<const Reader> readers();
// nullptr where there is none of this name.
const Reader* find_reader(const std::string& name);

}  // namespace reamo::fuzz
