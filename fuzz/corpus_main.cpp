// Runs every reader over the files of its corpus folder and over each of them with every byte changed: fuzz_corpus FOLDER. For compilers
// without libFuzzer, and for the test suite.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "ie/error.h"
#include "readers.h"
#include "store/tensor_file.h"

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "fuzz_corpus FOLDER\n"), 2;
  const auto run = [](const reamo::fuzz::Reader& reader, const std::string& text) {
    try {
      reader.read(std::as_bytes(std::span(text.data(), text.size())));
    } catch (const reamo::Error&) {
    }
  };
  for (const reamo::fuzz::Reader& reader : reamo::fuzz::readers()) {
    std::size_t files = 0, runs = 0;
    const std::filesystem::path folder = std::filesystem::path(argv[1]) / reader.name;
    if (!std::filesystem::is_directory(folder)) return std::fprintf(stderr, "%s: no corpus\n", folder.c_str()), 1;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      std::string text = reamo::store::read_file(entry.path());
      run(reader, text);
      const std::size_t step = std::max<std::size_t>(1, text.size() / 256);
      for (std::size_t at = 0; at < text.size(); at += step, runs += 2) {
        run(reader, text.substr(0, at));
        const char kept = text[at];
        text[at] = char(kept ^ 0x55);
        run(reader, text);
        text[at] = kept;
      }
      ++files;
    }
    std::printf("%s: %zu files, %zu runs\n", reader.name, files, files + runs);
    if (files == 0) return 1;
  }
  return 0;
}
