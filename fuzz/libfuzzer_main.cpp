// The entry point of libFuzzer; $REAMO_FUZZ_READER names the reader.
#include <cstdio>
#include <cstdlib>

#include "ie/error.h"
#include "readers.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const reamo::fuzz::Reader* const reader = [] {
    const char* name = std::getenv("REAMO_FUZZ_READER");
    const reamo::fuzz::Reader* found = reamo::fuzz::find_reader(name == nullptr ? "" : name);
    if (found == nullptr) {
      std::fprintf(stderr, "REAMO_FUZZ_READER names no reader; there are:");
      for (const reamo::fuzz::Reader& each : reamo::fuzz::readers()) std::fprintf(stderr, " %s", each.name);
      std::fprintf(stderr, "\n");
      std::exit(2);
    }
    return found;
  }();
  try {
    reader->read(std::as_bytes(std::span(data, size)));
  } catch (const reamo::Error&) {
  }
  return 0;
}
