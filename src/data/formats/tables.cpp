// Captions in tables, and what is said in recordings.
#include <algorithm>
#include <map>

#include "data/formats/films.h"
#include "data/formats/importers.h"
#include "data/formats/pictures.h"
#include "data/formats/text_lines.h"
#include "ie/error.h"
#include "ie/transcript_io.h"
#include "media/read.h"
#include "store/tensor_file.h"

namespace reamo::data {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSoundEndings[] = {".wav", ".flac", ".mp3", ".ogg", ".m4a", ".mp4"};
constexpr std::size_t kMaxTranscriptBytes = std::size_t{64} << 20;
constexpr double kMaxSeconds = 1e8;

// The recording NAME with any ending of sound; nullopt when there is none.
std::optional<fs::path> find_sound(const fs::path& without_ending) {
  for (const char* ending : kSoundEndings) {
    fs::path path = without_ending;
    path += ending;
    if (is_file(path)) return path;
  }
  return std::nullopt;
}

// Adds the recording. Without its file, it is NAME.wav from 0 to `end`.
std::string add_sound(Gold& gold, const Import& import, const fs::path& annotations, const std::string& name,
                      double end) {
  const fs::path path = import.media_path(annotations, name);
  const auto found = find_sound(path);
  if (!found) {
    if (import.options().images)
      throw Error("the recording " + name + " is not in " + path.parent_path().string());
    return gold.add_audio(path.string() + ".wav", 0, end);
  }
  const media::Info info = media::inspect(*found, import.options().media);
  return gold.add_audio(*found, info.audio_start, std::max(info.audio_start + info.duration, end));
}

// A row with its column names.
class Row {
 public:
  Row(const std::vector<std::string>& names, const std::vector<std::string>& values)
      : names_(names), values_(values) {
    if (values.size() != names.size()) {
      throw Error("the row has " + std::to_string(values.size()) + " columns, the table " +
                  std::to_string(names.size()));
    }
  }
  const std::string& at(std::string_view name) const {
    const auto found = std::find(names_.begin(), names_.end(), name);
    if (found == names_.end()) throw Error("the table has no column " + std::string(name));
    return values_[static_cast<std::size_t>(found - names_.begin())];
  }

 private:
  const std::vector<std::string>& names_;
  const std::vector<std::string>& values_;
};

void each_row(Import& import, const std::function<void(const fs::path&, const Row&)>& visit) {
  import.each_file([&](const fs::path& file) {
    TableReader table(file, ',', import.options().max_record_bytes);
  std::vector<std::string> names, values;
  if (!table.next(names)) throw Error("the table is empty");
  for (bool more = true; more && !import.full();) {
    bool any = true;
    std::string reason;
    try {
      any = table.next(values);
    } catch (const Error& error) {
      reason = error.what();
    }
    if (!reason.empty()) {
      import.report(file, table.line(), reason);
    } else if (any) {
        import.record(file, table.line(), [&] { visit(file, Row(names, values));
    });
  }
  more = any;
}
}  // namespace
);
}  // namespace reamo::data

Gold captioned(const Import& import, std::string id, const std::string& caption) {
  if (trimmed(caption).empty()) throw Error("the caption is empty");
  Gold gold = import.gold(std::move(id));
  gold.set_text(caption);
  return gold;
}

// Speakers of one recording of RTTM, in order of appearance.
struct Recording {
  fs::path from;
  std::uint64_t line = 0;
  double end = 0;
  std::vector<std::string> order;
  std::map<std::string, std::vector<ie::Segment>> speakers;
};

}  // namespace

void import_audiocaps(Import& import) {
  each_row(import, [&](const fs::path& file, const Row& row) {
    Gold gold = captioned(import, row.at("audiocap_id"), row.at("caption"));
    if (import.options().images) {
      const std::string name = row.at("youtube_id"), start = row.at("start_time");
      const bool with_start = find_sound(import.media_path(file, name + "_" + start)).has_value();
      add_sound(gold, import, file, with_start ? name + "_" + start : name, 0);
    }
    import.add(std::move(gold));
  });
}

void import_webvid(Import& import) {
  each_row(import, [&](const fs::path& file, const Row& row) {
    Gold gold = captioned(import, row.at("videoid"), row.at("name"));
    if (import.options().images)
      add_film_file(gold, import, file,
                    (fs::path(row.at("page_dir")) / (row.at("videoid") + ".mp4")).string());
    import.add(std::move(gold));
  });
}

// caption, tab, address of the picture. With --images, the picture by the last part of its address.
void import_cc3m(Import& import) {
  import.each_file([&](const fs::path& file) {
    LineReader lines(file, import.options().max_record_bytes);
  while (!import.full() && lines.next()) {
      import.record(file, lines.number(), [&] {
        if (trimmed(lines.text()).empty()) return;
      const auto columns = split(lines.text(), '\t');
      if (columns.size() != 2) throw Error("the line is not a caption, a tab and an address");
      Gold gold = captioned(import, "", std::string(columns[0]));
      const std::string address(trimmed(columns[1]).substr(0, trimmed(columns[1]).find_first_of("?#")));
      if (import.options().images) add_picture(gold, import, file, fs::path(address).filename().string());
      import.add(std::move(gold));
  });
}
});
}

// SPEAKER file channel start duration <NA> <NA> name <NA> <NA>
void import_rttm(Import& import) {
  std::map<std::string, Recording> recordings;
  import.each_file([&](const fs::path& file) {
    LineReader lines(file, import.options().max_record_bytes);
  while (lines.next()) {
      import.record(file, lines.number(), [&] {
        const auto columns = split_at_blanks(lines.text());
      if (columns.empty() || columns[0].starts_with(";;") || columns[0] != "SPEAKER")
        return;  // other kinds are not speech
      if (columns.size() < 8)
        throw Error("the line has " + std::to_string(columns.size()) + " columns, not 8 or more");
      const double start = to_number(columns[3], "the start"), length = to_number(columns[4], "the duration");
      if (start < 0 || length <= 0 || start + length > kMaxSeconds)
        throw Error("the time from " + std::string(columns[3]) + " for " + std::string(columns[4]) +
                    " seconds is not possible");
      Recording& recording = recordings[std::string(columns[1])];
      if (recording.line == 0) {
        recording.from = file;
        recording.line = lines.number();
      }
      recording.end = std::max(recording.end, start + length);
      const std::string name(columns[7]);
      auto& segments = recording.speakers[name];
      if (segments.empty()) recording.order.push_back(name);
      segments.push_back({start, start + length});
  });
}
});
for (const auto& [id, recording] : recordings) {
  if (import.full()) return;
    import.record(recording.from, recording.line, [&, &id = id, &recording = recording] {
      Gold gold = import.gold(id);
    gold.set_tasks({true, false, false});
    const std::string medium = add_sound(gold, import, recording.from, id, recording.end);
    for (const std::string& name : recording.order) {
      std::vector<ie::Grounding> places;
      for (const ie::Segment& segment : recording.speakers.at(name)) places.push_back({medium, segment, {}});
      gold.add_entity("speaker", name, std::move(places));
    }
    import.add(std::move(gold));
});
}
}

void import_transcripts(Import& import) {
  import.each_file([&](const fs::path& file) {
    const ie::TranscriptFormat format = ie::transcript_format(file.filename().string());
  ie::Transcript transcript = ie::read_transcript(store::read_file(file, kMaxTranscriptBytes), format);
  double end = 0;
  for (const ie::Word& word : transcript.words) end = std::max(end, word.end);
  Gold gold = import.gold(file.stem().string());
  const std::string medium = add_sound(gold, import, file, file.stem().string(), end);
  gold.result().transcripts.emplace();
  gold.result().transcripts->emplace(medium, std::move(transcript));
  import.add(std::move(gold));
});
}

}  // namespace reamo::data
