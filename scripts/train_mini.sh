#!/usr/bin/env bash
# Makes models/reamo-mini from nothing. Every stage resumes where it was interrupted; run it again to go on.
# Usage: scripts/train_mini.sh [RUNS]   (default: runs; needs `scripts/setup.sh build artwork`)
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${1:-runs}
threads=${THREADS:-2}
reamo=build/release/bin/reamo
artwork=.cache/artwork
mkdir -p "$runs" .cache/atlas "$artwork"

if [ ! -d "$artwork/node_modules/openmoji" ]; then
  (cd "$artwork" && npm install --no-audit --no-fund --silent @twemoji/svg @iconify-json/emojione openmoji @lobehub/fluent-emoji-3d)
fi
atlases=()
for style in noto twemoji openmoji emojione; do
  [ -f ".cache/atlas/$style.safetensors" ] || "$reamo" data atlas "$style" --node-modules "$artwork/node_modules" -o ".cache/atlas/$style.safetensors"
  atlases+=(--atlas ".cache/atlas/$style.safetensors")
done
annotated=()
[ -d "$runs/annotated/ner" ] && annotated=(--annotated "$runs/annotated/ner")

[ -f "$runs/vocab/bpe.json" ] || "$reamo" train vocabulary --texts 10000 "${annotated[@]}" -o "$runs/vocab"
train() { "$reamo" train "$@" --threads "$threads"; }
train dense --run "$runs/dense" "${atlases[@]}" --steps 1700 -o "$runs/dense/dense.safetensors"
train grounder --run "$runs/grounder" "${atlases[@]}" --bpe "$runs/vocab/bpe.json" --init "$runs/dense/dense.safetensors" \
  --steps "${GROUNDER_STEPS:-4000}" -o "$runs/grounder/visual.safetensors"
train uie --run "$runs/uie" "${atlases[@]}" --tokenizer "$runs/vocab/tokenizer.model" "${annotated[@]}" \
  --steps "${UIE_STEPS:-10000}" -o "$runs/uie/reasoner.safetensors"
listener=()
if [ -d "$runs/speech/train" ]; then
  train listener --run "$runs/listener" --shards "$runs/speech/train" --held-out "$runs/speech/test" -o "$runs/listener/final.safetensors"
  listener=(--listener "$runs/listener/final.safetensors")
fi
"$reamo" train bundle --tokenizer "$runs/vocab/tokenizer.model" --reasoner "$runs/uie/reasoner.safetensors" \
  --bpe "$runs/vocab/bpe.json" --visual "$runs/grounder/visual.safetensors" "${listener[@]}" -o models/reamo-mini
