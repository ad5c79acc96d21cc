// Scores of segments in time (METRICS section 5): retrieval, detection, and frames of speech.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "eval/overlap.h"

namespace reamo::eval {

struct Query {
  ie::Segment gold;
  Segments ranked;  // predictions, best first
};
// Share of queries with a segment of IoU >= threshold among the first n; 0 without queries.
double recall_at(const std::vector<Query>& queries, std::size_t n, double threshold);
// Mean IoU of the first prediction.
double mean_first_iou(const std::vector<Query>& queries);

struct Clip {
  std::string clip;
  ie::Segment segment;
  double score = 0;  // of a prediction
};
// Average precision of one class: in descending score, each prediction takes the free gold segment
// of its clip with the largest IoU >= threshold.
double detection_ap(const std::vector<Clip>& gold, std::vector<Clip> pred, double threshold);

// nullopt unless both classes occur.
std::optional<double> roc_auc(const std::vector<bool>& labels, const std::vector<double>& scores);
// Over distinct scores, without interpolation; 0 without positives.
double average_precision(const std::vector<bool>& labels, const std::vector<double>& scores);

struct FrameF1 {
  std::vector<bool> gold, pred;
  std::size_t tp = 0, fp = 0, fn = 0, tn = 0;
  double speech = 0, macro = 0, micro = 0;
};
// Gold frames [round(start * rate), round(end * rate)), half to even; predicted: probability >
// threshold.
FrameF1 frame_f1(const Segments& gold, double rate, const std::vector<double>& probabilities,
                 double threshold);

struct DetectionError {
  double scored = 0, miss = 0, false_alarm = 0;  // seconds
  std::optional<double> rate;                    // nullopt without scored gold time
};
// Within [0, total]; the neighbourhoods of radius `collar` around every gold border are not scored.
DetectionError detection_error(const Segments& gold, const Segments& pred, double total,
                               double collar);

}  // namespace reamo::eval
