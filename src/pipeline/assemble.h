// Items, text spans and places joined to a result.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ie/meta_response.h"
#include "ie/result.h"
#include "pipeline/locate.h"

namespace reamo::pipeline {

// What one window of the text gave (the whole document is one window where it fits).
struct Window {
  std::size_t start = 0;           // code point of the document's text where the window begins
  std::string text;                // of the window; empty without text
  ie::MetaResponse response;
  std::vector<double> scores;      // by item; empty: none
  Located located;
};

// Adds entities, relations, events and their warnings to `result`. What overlapping windows say twice is said once.
// Entity, relation and event scores are those of their items; an argument's is its event's.
void assemble(const std::vector<Window>& windows, ie::Result& result);

// Drops what is under its type's threshold (schema, else `threshold`) and tasks that were not asked for; entities stay that
// kept relations or events use. Items without a score stay.
void filter(ie::Result& result, const ie::Tasks& tasks, std::optional<double> threshold);

}  // namespace reamo::pipeline
