#!/usr/bin/env bash
# What answers that look at nothing score on the real data beside the checkout: imports each set, makes the baselines, scores them,
# prints two Markdown tables (percent, 95% intervals).
# Usage: scripts/baseline_table.sh [DATA]   (default: ../shared/data); needs jq
set -euo pipefail
cd "$(dirname "$0")/.."
data=${1:-../shared/data}
reamo=${REAMO:-build/release/bin/reamo}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# import FORMAT INPUT... -o DIR [OPTION]...
import() { "$reamo" data import "$@" >"$work/log" 2>&1 || { tail -3 "$work/log" >&2; return 1; }; }

# score SET BASELINE [OPTION]...: JSON of the figures of all documents.
score() {
  local set=$1 baseline=$2
  shift 2
  "$reamo" data baseline "$baseline" --gold "$work/$set/gold.jsonl" -o "$work/$set/$baseline.jsonl" "$@"
  "$reamo" eval --gold "$work/$set/gold.jsonl" --pred "$work/$set/$baseline.jsonl" --json --counts | jq .all
}

percent='def p: if . == null then "-" else (. * 1000 | round) as $n | "\($n / 10 | floor).\($n % 10)" end;
  def score(k): .ci95 as $ci | .[k] | p + (if $ci then " [\($ci[0] | p), \($ci[1] | p)]" else "" end);'

# text_row NAME FORMAT TEST [TRAIN]: the most frequent type is that of TRAIN, without one that of TEST itself.
text_row() {
  local name=$1 format=$2 types=()
  import "$format" "$data/text/$3" -o "$work/test"
  if [ -n "${4:-}" ]; then
    import "$format" "$data/text/$4" -o "$work/train"
    types=(--types "$work/train/gold.jsonl")
  fi
  score test capitalised --documents "$work/test/documents.jsonl" "${types[@]}" | jq -r --arg name "$name" --arg file "$3" \
    "$percent"' "| \($name) | `\($file)` | \(.instances) | \(.entity.gold) | \(.entity.p | p) | \(.entity.r | p) | \(.entity | score("f1")) |"'
}

# place_rows NAME SET: of the figures, those that the set has gold for.
place_rows() {
  local baseline
  for baseline in whole centre random; do
    score "$2" "$baseline" | jq -r --arg name "$1" --arg baseline "$baseline" "$percent"'
      (if .mask.gold > 0 then "mask IoU | \(.mask.gold) | \(.mask | score("iou"))"
       elif .tracklet.gold > 0 then "tracklet J | \(.tracklet.gold) | \(.tracklet | score("j"))"
       else "segment IoU | \(.segment.gold) | \(.segment | score("iou"))" end) as $places
      | "| \($name) | \($baseline) | \(.instances) | \($places) | \(.miss_grounding.rate | p) | \(.over_grounding.rate | p) | \(.joint | score("f1")) |"'
  done
}

# word_times FOLDER: the words of its JSON as RTTM, each in the place of a speaker.
word_times() {
  mkdir -p "$work/$1"
  jq -r '.[] | select(.words) | (.file | sub("[.][a-z0-9]+$"; "")) as $file | .words[]
    | "SPEAKER \($file) 1 \(.start) \(.end - .start) <NA> <NA> \(.word) <NA> <NA>"' "$data/speech/$1/$1.json" >"$work/$1/words.rttm"
  import rttm "$work/$1/words.rttm" --images "$data/speech" -o "$work/$1"
}

echo "| text | file | documents | gold entities | P | R | F1 |"
echo "| --- | --- | --- | --- | --- | --- | --- |"
text_row WNUT17 conll wnut17/emerging.test.annotated wnut17/wnut17train.conll
for domain in ai literature politics science; do
  text_row "CrossNER $domain" conll "crossner/$domain/test.txt" "crossner/$domain/train.txt"
done
text_row CoNLL04 conll04 conll04/test.txt conll04/train.txt
text_row GMNER gmner gmner/txt/test.txt gmner/txt/dev.txt
text_row M2E2 m2e2 m2e2/text_multimedia_event.json

echo
echo "| places | baseline | documents | figure | gold places | score | missed | over | joint F1 |"
echo "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
import coco "$data/coco_mini/instances/annotations.json" "$data/coco_mini/instances/captions.json" -o "$work/coco"
place_rows "COCO instances" coco
import coco-panoptic "$data/coco_mini/panoptic/annotations.json" -o "$work/panoptic"
place_rows "COCO panoptic" panoptic
import gmner "$data/text/gmner/txt/test.txt" -o "$work/gmner"
place_rows GMNER gmner
import davis "$data/davis" -o "$work/davis"
place_rows DAVIS davis
word_times connected_digits
place_rows "connected digits, word times" connected_digits
word_times sentences
place_rows "sentences, word times" sentences
