// Films that data sets give as numbered pictures.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data/formats/import.h"

namespace reamo::data {

struct FilmFrame {
  std::filesystem::path picture;
  double time = 0;  // seconds
};

// Adds the film to the document: the pictures become OUT/media/film-000001.mp4 when they are all there; when
// none of them is, the document names their folder. Throws Error when only some are, one has another size, or
// a side is odd (films have even sides). Gives the name of the medium.
std::string add_film(Gold& gold, const Import& import, const std::vector<FilmFrame>& frames, int width,
                     int height);

// Adds the film file `name`; without --images it is not opened and its facts are unknown (no size, no
// frames).
std::string add_film_file(Gold& gold, const Import& import, const std::filesystem::path& annotations,
                          const std::string& name);

}  // namespace reamo::data
