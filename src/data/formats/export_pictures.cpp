// coco and cvat.
#include <algorithm>

#include "data/formats/export_items.h"
#include "data/formats/exporters.h"
#include "data/formats/xml.h"
#include "ie/error.h"
#include "ie/json_writer.h"
#include "ie/medium_name.h"
#include "store/whole_file.h"

namespace reamo::data {
namespace {

// A picture of a document, and what stands in it.
struct Shown {
  const ie::Entity* entity;
  const ie::Region* region;
  std::optional<double> score;
};
struct PicturePage {
  std::string file_name;  // relative to the export
  int width = 0, height = 0;
  std::vector<Shown> shown;
};

std::vector<PicturePage> pages_of(const Export& run, const ie::Document& document, const ie::Result& result) {
  std::vector<PicturePage> pages;
  for (std::size_t i = 0; i < document.images.size(); ++i) {
    const ie::Medium* medium = result.medium(ie::medium_name(ie::MediumKind::kImage, i));
    const auto* facts = medium != nullptr ? std::get_if<ie::ImageMedium>(&medium->facts) : nullptr;
    if (facts == nullptr) throw Error("the results do not know the document's picture " + std::to_string(i));
    PicturePage page;
    const auto out = std::filesystem::absolute(run.options().out).lexically_normal();
    page.file_name = std::filesystem::absolute(document.images[i])
                         .lexically_normal()
                         .lexically_relative(out)
                         .generic_string();
    page.width = facts->width;
    page.height = facts->height;
    for (const ie::Entity& entity : result.entities) {
      for (const ie::Grounding& place : entity.groundings) {
        const auto* region = std::get_if<ie::Region>(&place.place);
        if (region != nullptr && place.medium == medium->name)
          page.shown.push_back({&entity, region, place.score});
      }
    }
    pages.push_back(std::move(page));
  }
  return pages;
}

// Runs of a mask inside its box, row by row, beginning with zeros; CVAT's way.
std::string cvat_runs(const ie::Region& region) {
  const std::vector<std::uint8_t> pixels = ie::decode(region.mask);
  std::string runs;
  std::uint64_t count = 0;
  std::uint8_t now = 0;
  const ie::Box& box = region.box;
  for (int y = box.y; y < box.y + box.height; ++y) {
    for (int x = box.x; x < box.x + box.width; ++x) {
      const std::uint8_t pixel =
          pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(region.mask.width) +
                 static_cast<std::size_t>(x)];
      if (pixel == now) {
        ++count;
        continue;
      }
      runs += std::to_string(count) + ", ";
      count = 1;
      now = pixel;
    }
  }
  return runs + std::to_string(count);
}

std::string attribute(const char* key, std::string_view value) {
  return std::string(" ") + key + "=\"" + xml_escaped(value) + "\"";
}
std::string attribute(const char* key, std::int64_t value) { return attribute(key, std::to_string(value)); }

}  // namespace

std::string Categories::json() const {
  ie::JsonWriter list;
  list.begin_array();
  for (const auto& [name, number] : numbers_)
    list.begin_object().key("id").integer(number).key("name").string(name).end_object();
  return list.end_array().text();
}

// images, then annotations, each written as they come; the annotations wait in a string of their own.
void export_coco(Export& run) {
  store::WholeFile file(run.options().out / "annotations.json");
  Categories categories;
  std::string annotations;
  std::int64_t images = 0, objects = 0;
  file.write("{\"images\": [");
  run.each([&](const ie::Document& document, const ie::Result& result) {
    for (const PicturePage& page : pages_of(run, document, result)) {
      ++images;
      ie::JsonWriter image;
      image.begin_object().key("id").integer(images).key("file_name").string(page.file_name);
      image.key("width")
          .integer(page.width)
          .key("height")
          .integer(page.height)
          .key("document")
          .string(result.document)
          .end_object();
      file.write((images > 1 ? ",\n" : "\n") + image.text());
      for (const Shown& shown : page.shown) {
        const auto category = categories.number(shown.entity->type);
        const ie::Box& box = shown.region->box;
        ie::JsonWriter object;
        object.begin_object()
            .key("id")
            .integer(++objects)
            .key("image_id")
            .integer(images)
            .key("category_id")
            .integer(category);
        object.key("bbox")
            .begin_array()
            .integer(box.x)
            .integer(box.y)
            .integer(box.width)
            .integer(box.height)
            .end_array();
        object.key("area")
            .integer(static_cast<std::int64_t>(shown.region->mask.area()))
            .key("iscrowd")
            .integer(0);
        object.key("segmentation")
            .begin_object()
            .key("size")
            .begin_array()
            .integer(page.height)
            .integer(page.width)
            .end_array();
        object.key("counts").string(ie::to_string(shown.region->mask)).end_object();
        object.key("mention").string(shown.entity->mention);
        const auto score = shown.score ? shown.score : shown.entity->score;
        if (run.options().predicted && score) object.key("score").number(*score);
        object.end_object();
        annotations += (objects > 1 ? ",\n" : "\n") + object.text();
        ++run.counts().items;
      }
    }
    run.counts().left_out += items_without<ie::Region>(result);
  });
  file.write("\n], \"annotations\": [" + annotations + "\n], \"categories\": " + categories.json() + "}\n");
  file.commit();
}

void export_cvat(Export& run) {
  store::WholeFile file(run.options().out / "annotations.xml");
  file.write("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<annotations>\n<version>1.1</version>\n");
  std::int64_t images = 0;
  run.each([&](const ie::Document& document, const ie::Result& result) {
    for (const PicturePage& page : pages_of(run, document, result)) {
      std::string image = "<image" + attribute("id", images++) + attribute("name", page.file_name) +
                          attribute("width", page.width) + attribute("height", page.height) + ">\n";
      for (const Shown& shown : page.shown) {
        const ie::Box box = shown.region->mask.box();
        if (box.width == 0) {
          ++run.counts().left_out;
          continue;
        }
        image += "<mask" + attribute("label", shown.entity->type) +
                 attribute("source", run.options().predicted ? "auto" : "manual") + attribute("occluded", 0);
        image += attribute("rle", cvat_runs({box, shown.region->mask})) + attribute("left", box.x) +
                 attribute("top", box.y) + attribute("width", box.width) + attribute("height", box.height) +
                 attribute("z_order", 0);
        image +=
            "><attribute name=\"mention\">" + xml_escaped(shown.entity->mention) + "</attribute></mask>\n";
        ++run.counts().items;
      }
      file.write(image + "</image>\n");
    }
    run.counts().left_out += items_without<ie::Region>(result);
  });
  file.write("</annotations>\n");
  file.commit();
}

}  // namespace reamo::data
