// rttm, textgrid and webvtt.
#include <algorithm>
#include <cstdio>

#include "data/formats/exporters.h"
#include "ie/error.h"
#include "ie/transcript_io.h"
#include "store/whole_file.h"

namespace reamo::data {
namespace {

// RTTM separates its columns by blanks.
std::string column(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c <= ' '; }, '_');
  return text.empty() ? "<NA>" : text;
}

std::string file_part(const std::string& medium) {
  std::string part = medium;
  std::replace(part.begin(), part.end(), '/', '-');
  return part;
}

// The name of a recording's file: the document's alone when it has one recording.
std::string recording_name(Export& run, const ie::Result& result, const std::string& medium, bool alone) {
  return run.file_name(alone ? result.document : result.document + "-" + file_part(medium));
}

struct Turn {
  std::string medium;
  ie::Segment segment;
  std::string name;
  std::optional<double> score;
};

std::vector<Turn> turns_of(const ie::Result& result, std::uint64_t& left_out) {
  std::vector<Turn> turns;
  const auto add = [&](const std::vector<ie::Grounding>& places, const std::string& name) {
    bool any = false;
    for (const ie::Grounding& place : places) {
      const auto* segment = std::get_if<ie::Segment>(&place.place);
      if (segment == nullptr || segment->end <= segment->start || segment->start < 0) continue;
      turns.push_back({place.medium, *segment, name, place.score});
      any = true;
    }
    if (!any) ++left_out;
  };
  // A speaker is named as it is; other items say their type too.
  for (const ie::Entity& entity : result.entities)
    add(entity.groundings, entity.type == "speaker" ? entity.mention : entity.type + ":" + entity.mention);
  for (const ie::Event& event : result.events)
    add(event.trigger.groundings, event.type + ":" + event.trigger.mention);
  left_out += result.relations.size();
  return turns;
}

void export_transcripts(Export& run, ie::TranscriptFormat format, const char* ending) {
  run.each([&](const ie::Document&, const ie::Result& result) {
    if (!result.transcripts || result.transcripts->empty()) {
      ++run.counts().left_out;
      return;
    }
    for (const auto& [medium, transcript] : *result.transcripts) {
      const std::string name = recording_name(run, result, medium, result.transcripts->size() == 1);
      store::WholeFile file(run.options().out / (name + ending));
      file.write(ie::write_transcript(transcript, format));
      file.commit();
      run.counts().items += transcript.words.size();
    }
  });
}

}  // namespace

void export_rttm(Export& run) {
  run.each([&](const ie::Document&, const ie::Result& result) {
    std::vector<Turn> turns = turns_of(result, run.counts().left_out);
    if (turns.empty()) return;
    const bool alone = std::all_of(turns.begin(), turns.end(),
                                   [&](const Turn& turn) { return turn.medium == turns.front().medium; });
    std::stable_sort(turns.begin(), turns.end(), [](const Turn& a, const Turn& b) {
      return a.medium != b.medium ? a.medium < b.medium : a.segment.start < b.segment.start;
    });
    const std::string name = run.file_name(result.document);
    std::string lines;
    for (const Turn& turn : turns) {
      char times[80], score[32] = "<NA>";
      std::snprintf(times, sizeof times, "%.3f %.3f", turn.segment.start,
                    turn.segment.end - turn.segment.start);
      if (run.options().predicted && turn.score) std::snprintf(score, sizeof score, "%.4f", *turn.score);
      lines += "SPEAKER " + (alone ? name : name + "-" + file_part(turn.medium)) + " 1 " + times +
               " <NA> <NA> " + column(turn.name) + " " + score + " <NA>\n";
      ++run.counts().items;
    }
    store::WholeFile file(run.options().out / (name + ".rttm"));
    file.write(lines);
    file.commit();
  });
}

void export_textgrid(Export& run) { export_transcripts(run, ie::TranscriptFormat::kTextGrid, ".TextGrid"); }
void export_webvtt(Export& run) { export_transcripts(run, ie::TranscriptFormat::kWebVtt, ".vtt"); }

}  // namespace reamo::data
