// Transcripts as part of other JSON records: {"text", "words": [{"word", "start", "end", "score"}]}.
#pragma once

#include "ie/json_reader.h"
#include "ie/json_writer.h"
#include "ie/transcript.h"

namespace reamo::ie {

// `complete`: words and scores must be there (results); otherwise they may be missing.
Transcript read_transcript(const JsonNode& node, bool complete);
void write_transcript(JsonWriter& writer, const Transcript& transcript);

}  // namespace reamo::ie
