#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_TRUETYPE_TABLES_H

#include <algorithm>
#include <charconv>
#include <map>
#include <memory>

#include "data/atlas_artwork.h"
#include "ie/error.h"

namespace reamo::data {
namespace {

// The ligatures of a font's GSUB table: a sequence of glyphs and the glyph that stands for it. FreeType does not apply
// them, and they are all that joined emoji need (OpenType specification, "GSUB", lookup types 4 and 7).
using Ligatures = std::map<std::vector<unsigned>, unsigned>;

class Gsub {
 public:
  Gsub(std::vector<std::uint8_t> table, std::string font) : table_(std::move(table)), font_(std::move(font)) {}

  Ligatures ligatures() const {
    Ligatures all;
    if (table_.empty()) return all;
    const std::size_t lookups = u16(8);
    const int count = u16(lookups);
    for (int i = 0; i < count; ++i) {
      const std::size_t lookup = lookups + u16(lookups + 2 + 2 * i);
      const int type = u16(lookup), subtables = u16(lookup + 4);
      for (int k = 0; k < subtables; ++k) {
        std::size_t subtable = lookup + u16(lookup + 6 + 2 * k);
        int real_type = type;
        if (type == 7) {  // extension
          real_type = u16(subtable + 2);
          subtable += u32(subtable + 4);
        }
        if (real_type == 4) read_ligatures(subtable, all);
      }
    }
    return all;
  }

 private:
  unsigned u16(std::size_t at) const {
    if (at + 2 > table_.size()) throw Error(font_ + ": its GSUB table is cut off");
    return unsigned(table_[at]) << 8 | table_[at + 1];
  }
  std::size_t u32(std::size_t at) const { return std::size_t(u16(at)) << 16 | u16(at + 2); }

  std::vector<unsigned> covered(std::size_t coverage) const {
    std::vector<unsigned> glyphs;
    const int count = u16(coverage + 2);
    for (int i = 0; i < count; ++i) {
      if (u16(coverage) == 1) {
        glyphs.push_back(u16(coverage + 4 + 2 * i));
      } else {
        const unsigned first = u16(coverage + 4 + 6 * i), last = u16(coverage + 6 + 6 * i);
        for (unsigned glyph = first; glyph <= last; ++glyph) glyphs.push_back(glyph);
      }
    }
    return glyphs;
  }

  void read_ligatures(std::size_t subtable, Ligatures& all) const {
    const std::vector<unsigned> first = covered(subtable + u16(subtable + 2));
    const std::size_t sets = u16(subtable + 4);
    for (std::size_t i = 0; i < sets && i < first.size(); ++i) {
      const std::size_t set = subtable + u16(subtable + 6 + 2 * i);
      const int count = u16(set);
      for (int k = 0; k < count; ++k) {
        const std::size_t ligature = set + u16(set + 2 + 2 * k);
        std::vector<unsigned> sequence = {first[i]};
        const int parts = u16(ligature + 2);
        for (int p = 1; p < parts; ++p) sequence.push_back(u16(ligature + 4 + 2 * (p - 1)));
        all.emplace(std::move(sequence), u16(ligature));
      }
    }
  }

  std::vector<std::uint8_t> table_;
  std::string font_;
};

struct Font {
  FT_Library library = nullptr;
  FT_Face face = nullptr;
  Ligatures ligatures;

  explicit Font(const std::filesystem::path& path) {
    if (FT_Init_FreeType(&library) != 0) throw Error("FreeType cannot be started");
    if (FT_New_Face(library, path.c_str(), 0, &face) != 0) throw Error(path.string() + " is no font that FreeType reads");
    if (face->num_fixed_sizes == 0 || FT_Select_Size(face, 0) != 0) throw Error(path.string() + " has no colour bitmaps");
    FT_ULong size = 0;
    std::vector<std::uint8_t> table;
    if (FT_Load_Sfnt_Table(face, FT_MAKE_TAG('G', 'S', 'U', 'B'), 0, nullptr, &size) == 0) {
      table.resize(size);
      FT_Load_Sfnt_Table(face, FT_MAKE_TAG('G', 'S', 'U', 'B'), 0, table.data(), &size);
    }
    ligatures = Gsub(std::move(table), path.string()).ligatures();
  }
  Font(const Font&) = delete;
  Font& operator=(const Font&) = delete;
  ~Font() {
    if (face) FT_Done_Face(face);
    if (library) FT_Done_FreeType(library);
  }

  // The one glyph of a sequence; 0 if the font has none.
  unsigned glyph_of(const std::string& code_points) const {
    std::vector<unsigned> glyphs;
    for (std::size_t at = 0; at < code_points.size();) {
      const std::size_t end = std::min(code_points.find('-', at), code_points.size());
      unsigned long code = 0;
      std::from_chars(code_points.data() + at, code_points.data() + end, code, 16);
      const unsigned glyph = FT_Get_Char_Index(face, code);
      if (glyph == 0) return 0;
      glyphs.push_back(glyph);
      at = end + 1;
    }
    // Ligatures may build on ligatures: the longest at the front again and again.
    while (glyphs.size() > 1) {
      bool joined = false;
      for (std::size_t length = glyphs.size(); length > 1 && !joined; --length)
        for (std::size_t from = 0; from + length <= glyphs.size() && !joined; ++from) {
          const auto found = ligatures.find({glyphs.begin() + from, glyphs.begin() + from + length});
          if (found == ligatures.end()) continue;
          glyphs[from] = found->second;
          glyphs.erase(glyphs.begin() + from + 1, glyphs.begin() + from + length);
          joined = true;
        }
      if (!joined) return 0;
    }
    return glyphs.empty() ? 0 : glyphs[0];
  }
};

}  // namespace

Artwork open_font_artwork(const std::filesystem::path& path) {
  const auto font = std::make_shared<Font>(path);
  return [font](const std::string& code_points) -> std::optional<signal::ImageRgba> {
    unsigned glyph = font->glyph_of(code_points);
    if (glyph == 0) glyph = font->glyph_of(without_selectors(code_points));
    if (glyph == 0 || FT_Load_Glyph(font->face, glyph, FT_LOAD_COLOR) != 0) return std::nullopt;
    const FT_Bitmap& bitmap = font->face->glyph->bitmap;
    if (bitmap.pixel_mode != FT_PIXEL_MODE_BGRA) return std::nullopt;
    return from_premultiplied_bgra(bitmap.buffer, int(bitmap.width), int(bitmap.rows), bitmap.pitch);
  };
}

}  // namespace reamo::data
