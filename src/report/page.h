// A result to look at: one HTML file that opens from disk without a network, and the folder of a document.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "ie/document.h"
#include "ie/result.h"
#include "media/limits.h"

namespace reamo::report {

struct PageOptions {
  int image_side = 1600;         // pictures are shrunk to this longer side (masks keep their own size)
  int video_side = 640;          // and films to this one
  double media_seconds = 600;    // of longer sound and film only times and places are shown, nothing plays
  media::Limits limits;
};

// The whole page: text with coloured mentions, pictures with masks, waveforms with segments, films with moving masks,
// relations, events, transcripts, warnings; everything linked. Media that the result names and `document` does not have are
// shown without their content. All user text is data, never markup. Throws Error when a medium cannot be read.
std::string page(const ie::Result& result, const ie::Document& document, const PageOptions& options = {});
void write_page(const ie::Result& result, const ie::Document& document, const std::filesystem::path& path,
                const PageOptions& options = {});

enum class Parts { kJson, kPage, kAll };
// `folder` is made if missing. kJson: result.json and media/ with each mask as PNG (image-0-e1-1.png; for films
// video-0-e1-1/000012.png, numbered by frame); kPage: index.html; kAll: both. Entities are numbered from 1 in the result's order.
void write_folder(const ie::Result& result, const ie::Document& document, const std::filesystem::path& folder,
                  Parts parts = Parts::kAll, const PageOptions& options = {});

}  // namespace reamo::report
