#include <algorithm>
#include <cmath>
#include <cstdio>
#include <system_error>

#include "ie/error.h"
#include "media/write.h"
#include "report/page.h"

namespace reamo::report {
namespace {

void make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw Error("cannot make the folder " + folder.string() + ": " + error.message());
}

// Position of a time among the frames of a film; the nearest frame.
std::size_t frame_index(const ie::Result& result, const std::string& medium, double time) {
  const ie::Medium* found = result.medium(medium);
  const auto* video = found ? std::get_if<ie::VideoMedium>(&found->facts) : nullptr;
  if (!video || video->frame_times.empty()) return std::size_t(std::llround(std::max(0.0, time) * 1000));
  const auto& times = video->frame_times;
  const auto after = std::lower_bound(times.begin(), times.end(), time);
  if (after == times.begin()) return 0;
  const auto before = after - 1;
  if (after == times.end() || time - *before < *after - time) return std::size_t(before - times.begin());
  return std::size_t(after - times.begin());
}

void write_masks(const ie::Result& result, const std::filesystem::path& folder) {
  for (std::size_t e = 0; e < result.entities.size(); ++e) {
    std::map<std::string, int> counts;
    for (const auto& grounding : result.entities[e].groundings) {
      const std::string name = grounding.medium + "-e" + std::to_string(e + 1) + "-" + std::to_string(++counts[grounding.medium]);
      if (const auto* region = std::get_if<ie::Region>(&grounding.place)) {
        make_folder(folder);
        media::write_png(folder / (name + ".png"), region->mask);
      } else if (const auto* tracklet = std::get_if<ie::Tracklet>(&grounding.place)) {
        make_folder(folder / name);
        for (const auto& frame : *tracklet) {
          char number[32];
          std::snprintf(number, sizeof number, "%06zu.png", frame_index(result, grounding.medium, frame.time));
          media::write_png(folder / name / number, frame.mask);
        }
      }
    }
  }
}

}  // namespace

void write_folder(const ie::Result& result, const ie::Document& document, const std::filesystem::path& folder, Parts parts,
                  const PageOptions& options) {
  make_folder(folder);
  if (parts != Parts::kJson) write_page(result, document, folder / "index.html", options);
  if (parts != Parts::kPage) {
    write_masks(result, folder / "media");
    const std::string json = ie::write_result(result) + "\n";
    media::write_bytes(folder / "result.json", {reinterpret_cast<const std::uint8_t*>(json.data()), json.size()});
  }
}

}  // namespace reamo::report
