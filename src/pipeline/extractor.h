// The river: from a document to a result.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ie/document.h"
#include "ie/result.h"
#include "ie/schema.h"
#include "media/limits.h"
#include "pipeline/model.h"

namespace reamo::pipeline {

struct ExtractOptions {
  ie::Tasks tasks;                                       // what is returned; of those that the schema asks
  std::optional<double> threshold;                       // of item scores and groundings
  bool soundtrack = true;
  std::map<std::string, ie::Transcript> transcripts;     // replace the listener, by medium
  std::map<std::string, std::string> meta_responses;     // replace the reasoner, by document id
  bool timing = false;
  std::int64_t max_new_tokens = 512;
  media::Limits limits;
};

// One result, or why there is none.
struct Outcome {
  std::optional<ie::Result> result;
  std::string error;
};

class Extractor {
 public:
  Extractor(Model& model, ie::Schema schema, ExtractOptions options);

  // Documents need an id. They are answered in order; the reasoner takes them as one batch. A document that cannot be
  // read fails alone.
  std::vector<Outcome> extract(const std::vector<ie::Document>& documents);

 private:
  struct Work;
  void read(Work& work);
  void reason(std::vector<Work>& batch);
  void finish(Work& work);

  Model& model_;
  ie::Schema schema_;
  ExtractOptions options_;
};

}  // namespace reamo::pipeline
