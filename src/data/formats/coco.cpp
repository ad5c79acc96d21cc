// COCO: instances, captions, and panoptic annotations with their PNG of segment numbers.
#include <algorithm>
#include <map>
#include <unordered_map>

#include "data/formats/importers.h"
#include "data/formats/json_items.h"
#include "data/formats/pictures.h"
#include "data/formats/segments.h"
#include "ie/error.h"
#include "media/read.h"

namespace reamo::data {
namespace {

using ie::JsonNode;
namespace fs = std::filesystem;

constexpr int kMaxSide = 1 << 20;

struct Annotation {
  std::uint64_t line = 0;
  std::int64_t category = 0;
  Segmentation segmentation;
  double box[4] = {0, 0, 0, 0};
};

struct Image {
  std::string file_name, captions;
  fs::path from;  // annotation file
  Size size;
  std::vector<Annotation> annotations;
};

// All that the files say of each picture; parts may stand in any order and in several files.
struct Table {
  std::map<std::int64_t, Image> images;
  std::unordered_map<std::int64_t, std::string> categories;
  bool has_objects = false;
};

void read_image(Table& table, const fs::path& file, const JsonNode& node) {
  Image& image = table.images[whole_of(node.at("id"))];
  image.from = file;
  image.file_name = node.at("file_name").non_empty_string();
  image.size = {static_cast<int>(node.at("width").integer(1, kMaxSide)),
                static_cast<int>(node.at("height").integer(1, kMaxSide))};
}

void read_annotation(Table& table, std::uint64_t line, const JsonNode& node) {
  Image& image = table.images[whole_of(node.at("image_id"))];
  if (node.has("caption")) {
    image.captions += (image.captions.empty() ? "" : "\n") + node.at("caption").string();
    return;
  }
  Annotation annotation;
  annotation.line = line;
  annotation.category = whole_of(node.at("category_id"));
  const JsonNode box = node.at("bbox");
  for (std::size_t i = 0; i < 4; ++i) annotation.box[i] = box.at(i).number();
  if (node.has("segmentation")) annotation.segmentation = read_segmentation(node.at("segmentation"));
  image.annotations.push_back(std::move(annotation));
  table.has_objects = true;
}

const std::string& category_of(const Table& table, std::int64_t id) {
  const auto found = table.categories.find(id);
  if (found == table.categories.end()) throw Error("there is no category " + std::to_string(id));
  return found->second;
}

void read_part(Table& table, const fs::path& file, std::uint64_t line, const std::string& key,
               const JsonNode& node) {
  if (key == "images") {
    read_image(table, file, node);
  } else if (key == "categories") {
    table.categories[whole_of(node.at("id"))] = node.at("name").non_empty_string();
  } else {
    read_annotation(table, line, node);
  }
}

Member coco_member(const std::string& key) {
  return key.empty() || key == "images" || key == "annotations" || key == "categories" ? Member::kElements
                                                                                       : Member::kSkip;
}

void add_image(Import& import, const Table& table, std::int64_t id, const Image& image) {
  if (image.file_name.empty())
    throw Error("the picture " + std::to_string(id) + " has annotations but is not among \"images\"");
  Gold gold = import.gold(image.file_name);
  gold.set_tasks({table.has_objects, false, false});
  if (!image.captions.empty()) gold.set_text(image.captions);
  const Picture picture = add_picture(gold, import, image.from, image.file_name, image.size);
  for (const Annotation& annotation : image.annotations) {
    import.record(image.from, annotation.line, [&] {
      const std::string& category = category_of(table, annotation.category);
    ie::Mask mask;
    if (!annotation.segmentation.empty()) mask = annotation.segmentation.mask(picture.height, picture.width);
    if (mask.height > 0 && !mask.empty()) {
      const ie::Box box = mask.box();
      gold.add_entity(category, category, {{picture.medium, ie::Region{box, std::move(mask)}, {}}});
    } else {
      const double* b = annotation.box;
      gold.add_entity(category, category, {picture.box(b[0], b[1], b[0] + b[2], b[1] + b[3])});
    }
  });
}
import.add(std::move(gold));
}  // namespace

// The PNG of a panoptic annotation: beside the file, or in a folder beside it, or in that of --images.
fs::path panoptic_png(const Import& import, const fs::path& file, const std::string& name) {
  const fs::path base = file.parent_path(), last = fs::path(name).filename();
  for (const fs::path& folder :
       {base / file.stem(), base / "masks", base, import.options().images.value_or(base)}) {
    if (is_file(folder / last)) return folder / last;
  }
  throw Error("the masks " + name + " are neither in " + (base / file.stem()).string() + " nor in " +
              (base / "masks").string());
}

void read_panoptic(Import& import, const fs::path& file, const Table& table, const JsonNode& node) {
  const auto found = table.images.find(whole_of(node.at("image_id")));
  if (found == table.images.end()) node.at("image_id").fail("is not among \"images\"");
  const Image& image = found->second;
  Gold gold = import.gold(image.file_name);
  gold.set_tasks({true, false, false});
  const Picture picture = add_picture(gold, import, file, image.file_name, image.size);
  const signal::Image png =
      media::read_image(panoptic_png(import, file, node.at("file_name").string()), import.options().media);
  if (png.width != picture.width || png.height != picture.height)
    throw Error("the masks of " + image.file_name + " do not have its size");
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(png.width) *
                                   static_cast<std::size_t>(png.height));
  node.at("segments_info").each([&](const JsonNode& segment) {
    const std::int64_t id = segment.at("id").integer(1, 0xFFFFFF);
    for (std::size_t i = 0; i < pixels.size(); ++i) {
      const std::uint8_t* rgb = &png.rgb[3 * i];
      pixels[i] = (rgb[0] | rgb[1] << 8 | rgb[2] << 16) == id;
    }
    ie::Mask mask = ie::encode(pixels, png.height, png.width);
    if (mask.empty()) segment.at("id").fail("no pixel of the masks has this number");
    const std::string& category = category_of(table, whole_of(segment.at("category_id")));
    const ie::Box box = mask.box();
    gold.add_entity(category, category, {{picture.medium, ie::Region{box, std::move(mask)}, {}}});
  });
  import.add(std::move(gold));
}

}  // namespace reamo::data

void import_coco(Import& import) {
  Table table;
  import.each_file([&](const fs::path& file) {
    each_json(import, file, coco_member, [&](const std::string& key, const JsonNode& node) { read_part(table, file, import.line(), key, node);
});
});
for (const auto& [id, image] : table.images) {
  if (import.full()) return;
    import.record(image.from.empty() ? import.files().front() : image.from, 0, [&, id = id, &image = image] { add_image(import, table, id, image);
});
}
}

void import_coco_panoptic(Import& import) {
  import.each_file([&](const fs::path& file) {
    Table table;  // the annotations may come before what they name: two readings
  const auto head = [](const std::string& key) {
    return key == "annotations" ? Member::kSkip : coco_member(key);
  };
  each_json(import, file, head, [&](const std::string& key, const JsonNode& node) {
    read_part(table, file, import.line(), key, node);
  });
  const auto body = [](const std::string& key) {
    return key.empty() || key == "annotations" ? Member::kElements : Member::kSkip;
  };
  each_json(import, file, body,
            [&](const std::string&, const JsonNode& node) { read_panoptic(import, file, table, node); });
});
}

}  // namespace reamo::data
