// Transcripts as part of other JSON records: {"text", "words": [{"word", "start", "end", "score"}]}.
#pragma once

#include "ie/json_reader.h"
#include "ie/json_writer.h"
#include "ie/transcript.h"

namespace reamo::ie {

// `complete`: the words must be there (results). A word without a score has 1.
Transcript read_transcript(const JsonNode& node, bool complete);
void write_transcript(JsonWriter& writer, const Transcript& transcript);

}  // namespace reamo::ie
