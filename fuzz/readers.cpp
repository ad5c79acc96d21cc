#include "readers.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <string_view>

#include "convert/vocabulary.h"
#include "ie/document.h"
#include "ie/error.h"
#include "ie/mask.h"
#include "ie/meta_response.h"
#include "ie/result.h"
#include "ie/schema.h"
#include "reasoner/piece_model.h"
#include "store/json_limits.h"
#include "store/torch_file.h"

namespace reamo::fuzz {
namespace {

using Bytes = std::span<const std::byte>;

std::string_view text_of(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

void demand(bool holds) {
  if (!holds) std::abort();
}

// The bytes as a file that has no place on the disk.
class MemoryFile {
 public:
  explicit MemoryFile(Bytes bytes) : fd_(::memfd_create("fuzz", MFD_CLOEXEC)) {
    demand(fd_ >= 0 && ::write(fd_, bytes.data(), bytes.size()) == ssize_t(bytes.size()));
  }
  ~MemoryFile() { ::close(fd_); }
  std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  int fd_;
};

constexpr std::int64_t kMaxCopied = 1 << 20;  // elements: a stride of 0 makes much of little

void torch_file(Bytes bytes) {
  const MemoryFile file(bytes);
  const store::TorchFile torch = store::TorchFile::open(file.path());
  for (const auto& [name, tensor] : torch.tensors()) {
    if (tensor.elements() <= kMaxCopied) tensor.bytes();
  }
}

void safetensors(Bytes bytes) {
  const MemoryFile file(bytes);
  const store::TensorFile tensors = store::TensorFile::open_safetensors(file.path());
  for (const auto& [name, view] : tensors.tensors()) demand(std::size_t(view.elements()) * store::size_of(view.dtype) == view.bytes.size());
}

void document(Bytes bytes) { ie::read_document(text_of(bytes), "."); }

void schema(Bytes bytes) {
  const std::string once = ie::write_schema(ie::read_schema(text_of(bytes)));
  demand(ie::write_schema(ie::read_schema(once)) == once);
}

void result(Bytes bytes) {
  const std::string once = ie::write_result(ie::read_result(text_of(bytes)));
  demand(ie::write_result(ie::read_result(once)) == once);
}

void meta_strict(Bytes bytes) {
  const ie::MetaResponse response = ie::parse_strict(text_of(bytes));
  demand(ie::parse_strict(ie::print(response)) == response);
}

void meta_lenient(Bytes bytes) { ie::parse_lenient(text_of(bytes)); }

// Two bytes of height, two of width, then the counts.
void rle(Bytes bytes) {
  if (bytes.size() < 4) return;
  const auto side = [&](std::size_t at) { return int(std::to_integer<unsigned>(bytes[at]) | std::to_integer<unsigned>(bytes[at + 1]) << 8); };
  const ie::Mask mask = ie::mask_from_string(text_of(bytes.subspan(4)), side(0), side(2));
  std::uint64_t sum = 0;
  for (const std::uint32_t count : mask.counts) sum += count;
  demand(sum == std::uint64_t(side(0)) * std::uint64_t(side(2)));
}

void tokenizer(Bytes bytes) {
  const reasoner::PieceModel model = reasoner::PieceModel::parse(text_of(bytes), "input");
  model.encode("Mary Chen \xF0\x9F\x8C\xB5", true);
}

void merges(Bytes bytes) {
  const MemoryFile file(bytes);
  convert::clip_vocabulary(file.path(), 514 + 2);
}

// adapter_config.json and every other JSON of a checkpoint.
void json(Bytes bytes) { store::parse_json(text_of(bytes), "input"); }

constexpr Reader kReaders[] = {{"torch_file", torch_file}, {"safetensors", safetensors}, {"document", document}, {"schema", schema},
                               {"result", result},         {"meta_strict", meta_strict}, {"meta_lenient", meta_lenient}, {"rle", rle},
                               {"tokenizer", tokenizer},   {"merges", merges},           {"json", json}};

}  // namespace

std::span<const Reader> readers() { return kReaders; }

const Reader* find_reader(const std::string& name) {
  for (const Reader& reader : kReaders) {
    if (name == reader.name) return &reader;
  }
  return nullptr;
}

}  // namespace reamo::fuzz
