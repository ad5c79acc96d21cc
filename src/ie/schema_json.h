// Schemas as part of other JSON records.
#pragma once

#include "ie/json_reader.h"
#include "ie/json_writer.h"
#include "ie/schema.h"

namespace reamo::ie {

// `allow_nothing`: a schema that asks for no task is accepted (a result may record one).
Schema read_schema(const JsonNode& node, bool allow_nothing);
void write_schema(JsonWriter& writer, const Schema& schema);

}  // namespace reamo::ie
