#include "synth/atlas.h"

#include <cstring>
#include <set>

#include "ie/error.h"
#include "store/tensor_file.h"

namespace reamo::synth {
namespace {

// Changes whenever the table of kinds does, so that an old atlas is not misread.
std::string fingerprint() {
  std::string all;
  for (const Kind& kind : kinds()) {
    all += kind.name + '\n';
    for (const std::string& code_points : kind.code_points) all += code_points + ' ';
  }
  return store::sha256(std::as_bytes(std::span(all.data(), all.size()))).substr(0, 16);
}

constexpr int kMaxSide = 1024;  // of a sprite in a file, pixels

}  // namespace

Atlas Atlas::load(const std::filesystem::path& path) {
  const store::TensorFile file = store::TensorFile::open_safetensors(path);
  const auto written = file.metadata().find("kinds");
  if (written == file.metadata().end()) throw Error(path.string() + " is no atlas: make one with `reamo data atlas`");
  if (written->second != fingerprint())
    throw Error(path.string() + " was made for another table of kinds: make it anew with `reamo data atlas`");
  Atlas atlas;
  for (const auto& [name, tensor] : file.tensors()) {  // style/kind/variant, numbers of four digits: in order
    const std::size_t first = name.find('/'), second = name.find('/', first + 1);
    const bool named = first != std::string::npos && second != std::string::npos;
    const int kind = named ? std::atoi(name.c_str() + first + 1) : -1;
    if (kind < 0 || kind >= int(kinds().size()) || tensor.dtype != store::DType::kU8 || tensor.shape.size() != 3 ||
        tensor.shape[0] < 1 || tensor.shape[0] > kMaxSide || tensor.shape[1] < 1 || tensor.shape[1] > kMaxSide || tensor.shape[2] != 4)
      throw Error(path.string() + ": tensor '" + name + "' is no sprite");
    signal::ImageRgba sprite{int(tensor.shape[1]), int(tensor.shape[0]), std::vector<std::uint8_t>(tensor.bytes.size())};
    std::memcpy(sprite.rgba.data(), tensor.bytes.data(), tensor.bytes.size());
    atlas.add(kind, name.substr(0, first), std::move(sprite));
  }
  return atlas;
}

void Atlas::merge(Atlas other) {
  for (auto& [key, sprites] : other.sprites_) sprites_[key] = std::move(sprites);
}

std::vector<std::string> Atlas::styles() const {
  std::set<std::string> names;
  for (const auto& entry : sprites_) names.insert(entry.first.first);
  return {names.begin(), names.end()};
}

bool Atlas::has(int kind, const std::string& style) const { return sprites_.count({style, kind}) != 0; }

const std::vector<signal::ImageRgba>& Atlas::sprites(int kind, const std::string& style) const {
  const auto found = sprites_.find({style, kind});
  if (found == sprites_.end()) {
    const std::string name = kind >= 0 && kind < int(kinds().size()) ? kinds()[kind].name : std::to_string(kind);
    throw Error("the atlas has no artwork of '" + name + "' in style '" + style + "'");
  }
  return found->second;
}

void Atlas::add(int kind, const std::string& style, signal::ImageRgba sprite) { sprites_[{style, kind}].push_back(std::move(sprite)); }

void Atlas::save(const std::filesystem::path& path) const {
  const auto digits = [](std::size_t number) {
    const std::string text = std::to_string(number);
    return std::string(text.size() < 4 ? 4 - text.size() : 0, '0') + text;
  };
  std::vector<store::TensorSource> tensors;
  for (const auto& [key, sprites] : sprites_)
    for (std::size_t variant = 0; variant < sprites.size(); ++variant) {
      const signal::ImageRgba& sprite = sprites[variant];
      tensors.push_back({key.first + '/' + digits(std::size_t(key.second)) + '/' + digits(variant), store::DType::kU8,
                         {sprite.height, sprite.width, 4}, [&sprite] {
                           const auto bytes = std::as_bytes(std::span(sprite.rgba.data(), sprite.rgba.size()));
                           return std::vector<std::byte>(bytes.begin(), bytes.end());
                         }});
    }
  store::write_safetensors(path, tensors, {{"format", "reamo atlas 1"}, {"kinds", fingerprint()}});
}

}  // namespace reamo::synth
