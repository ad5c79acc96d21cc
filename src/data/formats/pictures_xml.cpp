// Boxes and masks in XML: PASCAL VOC, GMNER (text in CoNLL with VOC boxes beside it), CVAT for images 1.1.
#include <algorithm>
#include <map>

#include "data/formats/conll.h"
#include "data/formats/importers.h"
#include "data/formats/pictures.h"
#include "data/formats/text_lines.h"
#include "data/formats/xml.h"
#include "ie/error.h"

namespace reamo::data {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMaxSide = 1 << 20;

int to_side(const std::string& text) {
  const std::int64_t side = to_integer(text, "a size");
  if (side < 1 || side > kMaxSide)
    throw Error("a size of " + std::to_string(side) + " pixels is not possible");
  return static_cast<int>(side);
}

Size voc_size(const XmlNode& root) {
  const XmlNode& size = root.at("size");
  return {to_side(size.at("width").text), to_side(size.at("height").text)};
}

// Corners of VOC count from 1 and are both inside.
ie::Grounding voc_box(const Picture& picture, const XmlNode& object) {
  const XmlNode& box = object.at("bndbox");
  const auto corner = [&](const char* name) { return to_number(box.at(name).text, name); };
  return picture.box(corner("xmin") - 1, corner("ymin") - 1, corner("xmax"), corner("ymax"));
}

void read_voc(Import& import, const fs::path& file, const XmlNode& root) {
  const std::string name = root.at("filename").text;
  Gold gold = import.gold(fs::path(name).stem().string());
  gold.set_tasks({true, false, false});
  const Picture picture = add_picture(gold, import, file, name, voc_size(root));
  for (const XmlNode& object : root.children) {
    if (object.name != "object") continue;
    import.record(file, object.line, [&] {
      const std::string& label = object.at("name").text;
    gold.add_entity(label, import.labels()(label, LabelKind::kEntity), {voc_box(picture, object)});
  });
}
import.add(std::move(gold));
}  // namespace

// Boxes of one tweet's picture: an object's name is the entity's text. An entity without a box is not to be
// seen.
void add_gmner_boxes(Import& import, Gold& gold, const fs::path& xml, const std::string& image_id) {
  const XmlNode root = read_xml(xml);
  const Picture picture = add_picture(gold, import, xml, image_id, voc_size(root));
  std::vector<bool> seen(gold.result().entities.size());
  for (const XmlNode& object : root.children) {
    if (object.name != "object") continue;
    import.record(xml, object.line, [&] {
      const std::string& name = object.at("name").text;
    const ie::Grounding box = voc_box(picture, object);
    bool found = false;
    for (std::size_t i = 0; i < seen.size(); ++i) {
      ie::Entity& entity = gold.result().entities[i];
      if (entity.mention != name) continue;
      entity.groundings.push_back(box);
      seen[i] = found = true;
    }
    if (!found) throw Error("no entity of the tweet has the text \"" + name.substr(0, 60) + "\"");
  });
}
for (std::size_t i = 0; i < seen.size(); ++i) {
  if (!seen[i]) gold.result().entities[i].absent.push_back(picture.medium);
}
}  // namespace reamo::data

// "offset" runs of a CVAT mask, row by row inside its box, beginning with zeros.
ie::Mask cvat_mask(const XmlNode& node, const Picture& picture) {
  const auto whole = [&](const char* key) { return to_integer(node.attribute(key), key); };
  const std::int64_t left = whole("left"), top = whole("top"), width = whole("width"),
                     height = whole("height");
  if (left < 0 || top < 0 || width < 1 || height < 1 || width > picture.width - left ||
      height > picture.height - top) {
    throw Error("the mask reaches outside its picture");
  }
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(picture.width) *
                                   static_cast<std::size_t>(picture.height));
  std::int64_t at = 0;
  bool set = false;
  for (const std::string_view run : split(node.attribute("rle"), ',')) {
    const std::int64_t count = to_integer(trimmed(run), "a run of the mask");
    if (count < 0 || count > width * height - at) throw Error("the runs of the mask are longer than its box");
    for (std::int64_t i = at; set && i < at + count; ++i) {
      pixels[static_cast<std::size_t>((top + i / width) * picture.width + left + i % width)] = 1;
    }
    at += count;
    set = !set;
  }
  return ie::encode(pixels, picture.height, picture.width);
}

ie::Mask cvat_polygon(const XmlNode& node, const Picture& picture) {
  std::vector<double> corners;
  for (const std::string_view point : split(node.attribute("points"), ';')) {
    const auto xy = split(point, ',');
    if (xy.size() != 2) throw Error("a point of the polygon is not x,y");
    for (const std::string_view value : xy) corners.push_back(to_number(trimmed(value), "a corner"));
  }
  return ie::mask_from_polygon(corners, picture.height, picture.width);
}

void read_cvat_image(Import& import, const fs::path& file, const XmlNode& image) {
  const std::string& name = image.attribute("name");
  Gold gold = import.gold(name);
  gold.set_tasks({true, false, false});
  const Picture picture = add_picture(
      gold, import, file, name, Size{to_side(image.attribute("width")), to_side(image.attribute("height"))});
  for (const XmlNode& shape : image.children) {
    if (shape.name != "box" && shape.name != "mask" && shape.name != "polygon") continue;
    import.record(file, shape.line, [&] {
      const std::string& label = shape.attribute("label");
    ie::Grounding place;
    if (shape.name == "box") {
      const auto corner = [&](const char* key) { return to_number(shape.attribute(key), key); };
      place = picture.box(corner("xtl"), corner("ytl"), corner("xbr"), corner("ybr"));
    } else {
      ie::Mask mask = shape.name == "mask" ? cvat_mask(shape, picture) : cvat_polygon(shape, picture);
      const ie::Box box = mask.box();
      place = {picture.medium, ie::Region{box, std::move(mask)}, {}};
    }
    std::string mention = import.labels()(label, LabelKind::kEntity);
    for (const XmlNode& attribute : shape.children) {
      if (attribute.name == "attribute" && attribute.attribute("name") == "mention") mention = attribute.text;
    }
    gold.add_entity(label, std::move(mention), {std::move(place)});
  });
}
import.add(std::move(gold));
}

}  // namespace

void import_voc(Import& import) {
  import.each_file([&](const fs::path& file) { read_voc(import, file, read_xml(file));
});
}

void import_gmner(Import& import) {
  import.each_file([&](const fs::path& file) {
    read_tagged_blocks(import, file, [&](const TaggedBlock& block) {
      Gold gold = gold_of(import, block);
  const fs::path name = fs::path(block.image_id).filename().string() + ".xml";
  for (const fs::path& folder : {file.parent_path() / "xml", file.parent_path() / ".." / "xml"}) {
    if (block.image_id.empty() || !is_file(folder / name)) continue;
    add_gmner_boxes(import, gold, (folder / name).lexically_normal(), block.image_id + ".jpg");
    break;
  }
  import.add(std::move(gold));
});
});
}

void import_cvat(Import& import) {
  import.each_file([&](const fs::path& file) {
    read_xml(file, [&](const XmlNode& node) {
      if (node.name == "image" && !import.full()) import.record(file, node.line, [&] { read_cvat_image(import, file, node);
});
});
});
}

}  // namespace reamo::data
