// Media brought into the form in which the page carries them.
#pragma once

#include <map>
#include <string>

#include "ie/document.h"
#include "ie/result.h"
#include "media/write.h"
#include "report/page.h"

namespace reamo::report {

struct PageMedium {
  std::string file_name;
  std::string type;            // "image/jpeg", ..; "" where nothing is carried
  media::Bytes bytes;
  double offset = 0;           // time of the medium at the start of what plays, seconds
  std::vector<float> peaks;    // of sound: smallest and largest sample of each column, largest magnitude 1
};

// By the names of media in results. Those that are too long to be carried have no bytes and are told in `notes`.
std::map<std::string, PageMedium> page_media(const ie::Result& result, const ie::Document& document, const PageOptions& options,
                                             std::vector<ie::Warning>& notes);

}  // namespace reamo::report
