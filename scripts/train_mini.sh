#!/usr/bin/env bash
# Makes models/reamo-mini from nothing. Every stage resumes where it was interrupted; run it again to go on.
# Usage: scripts/train_mini.sh [RUNS]   (default: runs; needs `scripts/setup.sh build artwork`)
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${1:-runs}
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
# One thread for the network and one that makes its examples.
export OMP_NUM_THREADS=1
train() { "$reamo" train "$@" --threads 1; }
train dense --run "$runs/dense" "${atlases[@]}" --size 128 --steps "${DENSE_STEPS:-1700}" -o "$runs/dense/dense.safetensors"
train dense --run "$runs/dense160" "${atlases[@]}" --size 160 --init "$runs/dense/dense.safetensors" \
  --steps "${DENSE160_STEPS:-800}" -o "$runs/dense160/dense.safetensors"
train encoder --run "$runs/encoder" "${atlases[@]}" --bpe "$runs/vocab/bpe.json" --init "$runs/dense160/dense.safetensors" \
  --stem-rate 0.5 --learning-rate 1.5e-3 --steps "${ENCODER_STEPS:-1300}" -o "$runs/encoder/encoder.safetensors"
train grounder --run "$runs/grounder" "${atlases[@]}" --bpe "$runs/vocab/bpe.json" --init "$runs/encoder/encoder.safetensors" \
  --size 192 --steps "${GROUNDER_STEPS:-2400}" -o "$runs/grounder/visual.safetensors"
train uie --run "$runs/uie" "${atlases[@]}" --tokenizer "$runs/vocab/tokenizer.model" "${annotated[@]}" \
  --steps "${UIE_STEPS:-2400}" -o "$runs/uie/reasoner.safetensors"
train meta_response --run "$runs/meta" "${atlases[@]}" --tokenizer "$runs/vocab/tokenizer.model" --bpe "$runs/vocab/bpe.json" \
  --encoder "$runs/encoder/encoder.safetensors" "${annotated[@]}" --init "$runs/uie/reasoner.safetensors" \
  --learning-rate 1.2e-3 --steps "${META_STEPS:-1700}" -o "$runs/meta/reasoner.safetensors"
listener=()
if [ -d "$runs/speech/train" ]; then
  train listener --run "$runs/listener" --shards "$runs/speech/train" --held-out "$runs/speech/test" \
    --steps "${LISTENER_STEPS:-4000}" -o "$runs/listener/final.safetensors"
  listener=(--listener "$runs/listener/final.safetensors")
fi
"$reamo" train bundle --tokenizer "$runs/vocab/tokenizer.model" --reasoner "$runs/meta/reasoner.safetensors" \
  --bpe "$runs/vocab/bpe.json" --encoder "$runs/encoder/encoder.safetensors" --visual "$runs/grounder/visual.safetensors" \
  "${listener[@]}" -o models/reamo-mini
