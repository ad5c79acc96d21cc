// One document and its gold while an importer fills it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/formats/labels.h"
#include "ie/document.h"
#include "ie/result.h"

namespace reamo::data {

// The type of entities to which the source gives none.
inline constexpr std::string_view kUntyped = "entity";

class Gold {
 public:
  // `labels` must outlive the gold; type and role names pass through it.
  Gold(std::string id, const Labels& labels) : labels_(&labels) { document_.id = std::move(id); }

  ie::Document& document() { return document_; }
  ie::Result& result() { return result_; }
  void set_tasks(ie::Tasks tasks) { result_.tasks = tasks; }

  // Throws Error when it is not UTF-8. At most once.
  void set_text(std::string text);
  std::size_t characters() const { return offsets_.empty() ? 0 : offsets_.size() - 1; }
  // The characters of a span. Throws Error when it is empty or reaches outside the text.
  std::string text_of(ie::TextSpan span) const;

  // Each adds a medium and gives its name.
  std::string add_image(const std::filesystem::path& path, int width, int height);
  std::string add_audio(const std::filesystem::path& path, double start, double end);
  std::string add_video(const std::filesystem::path& path, int width, int height,
                        std::vector<double> frame_times);

  // Each gives the entity's id. One with the same type and the same places in the text is made once.
  std::string add_entity(std::string_view type, std::string mention, std::vector<ie::Grounding> places = {});
  // The mention is the text of the spans, in order, joined by blanks.
  std::string add_text_entity(std::string_view type, std::vector<ie::TextSpan> spans);
  ie::Entity& entity(std::string_view id);

  void add_relation(std::string_view type, const std::string& head, const std::string& tail);
  // The event lives until the next one is added.
  ie::Event& add_event(std::string_view type, std::string trigger, std::vector<ie::Grounding> places = {});
  ie::Event& add_text_event(std::string_view type, std::vector<ie::TextSpan> trigger);
  // An argument that the event already has is not added again.
  void add_argument(ie::Event& event, std::string_view role, const std::string& entity);

 private:
  std::string joined_text(std::vector<ie::TextSpan>& spans) const;

  const Labels* labels_;
  ie::Document document_;
  ie::Result result_;
  std::vector<std::size_t> offsets_;  // byte of each code point, and of the end
};

// Places in the text.
std::vector<ie::Grounding> in_text(std::span<const ie::TextSpan> spans);
// A place in a picture whose mask is the box, cut to the picture. Throws Error when nothing is left. Corners
// in pixels; they are rounded.
ie::Grounding box_in_image(std::string medium, double left, double top, double right, double bottom,
                           int width, int height);
// A filled box as a mask.
ie::Mask box_mask(const ie::Box& box, int width, int height);
ie::Box box_within(double left, double top, double right, double bottom, int width, int height);

}  // namespace reamo::data
