#include "data/world.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include "data/voices.h"
#include "data/world_sheet.h"
#include "ie/document.h"
#include "ie/error.h"
#include "media/write.h"
#include "store/whole_file.h"

namespace reamo::data {
namespace {

constexpr int kSheetWidth = 200, kSheetColumns = 6;

// What is left of an instance when its media are written.
struct Lines {
  std::string document, gold;
  std::vector<signal::Image> pictures;  // for the sheet
};

void write_picture(const std::filesystem::path& path, const signal::Image& image, bool compressed, int quality) {
  if (compressed) media::write_jpeg(path, image, quality > 0 ? quality : 90);
  else media::write_png(path, image);
}

void write_sound(const std::filesystem::path& path, const signal::Audio& audio, bool compressed) {
  if (compressed) media::write_bytes(path, media::encode_m4a(audio));
  else media::write_wav(path, audio);
}

Lines write_instance(const WorldOptions& options, const synth::InstanceOptions& asked, std::uint64_t index, const synth::Atlas& atlas) {
  const synth::Instance instance = synth::make_instance(asked, index, atlas);
  synth::Rendered rendered = synth::render(instance, atlas, [](const synth::Utterance& utterance) { return speak(utterance); }, options.size);
  const std::filesystem::path media = options.out / "media";
  ie::Document document;
  document.id = instance.id;
  document.text = instance.text;
  Lines lines;
  auto name = [&](const char* kind, std::size_t i, const char* extension) { return media / (instance.id + "-" + kind + "-" + std::to_string(i) + extension); };
  for (std::size_t i = 0; i < rendered.images.size(); ++i) {
    document.images.push_back(name("image", i, options.compressed ? ".jpg" : ".png"));
    write_picture(document.images.back(), rendered.images[i].image, options.compressed, instance.images[i].jpeg_quality);
    if (options.sheet) lines.pictures.push_back(tinted(rendered.images[i], kSheetWidth));
  }
  for (std::size_t i = 0; i < rendered.audios.size(); ++i) {
    document.audios.push_back(name("audio", i, options.compressed ? ".m4a" : ".wav"));
    write_sound(document.audios.back(), rendered.audios[i].audio, options.compressed);
  }
  for (std::size_t i = 0; i < rendered.videos.size(); ++i) {
    document.videos.push_back(name("video", i, ".mp4"));
    std::vector<synth::Drawing>& frames = rendered.videos[i];
    if (options.sheet)
      for (std::size_t at : {std::size_t(0), frames.size() / 2, frames.size() - 1}) lines.pictures.push_back(tinted(frames[at], kSheetWidth));
    std::vector<signal::Image> images;
    for (synth::Drawing& frame : frames) images.push_back(std::move(frame.image));
    media::VideoOptions video;
    video.frame_rate = instance.videos[i].frame_rate;
    video.quality = options.compressed ? 23 : 12;
    media::write_mp4(document.videos.back(), media::from_images(std::move(images), instance.videos[i].frame_rate), std::nullopt, video);
  }
  lines.document = ie::write_document(document, options.out);
  lines.gold = ie::write_result(rendered.gold);
  return lines;
}

// Runs work(0 .. count - 1) on several threads; the first exception is thrown again when all have ended.
void in_parallel(std::size_t count, int threads, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next{0};
  std::exception_ptr failure;
  std::mutex mutex;
  auto run = [&] {
    for (std::size_t i = next++; i < count; i = next++) {
      try {
        work(i);
      } catch (...) {
        std::lock_guard lock(mutex);
        if (!failure) failure = std::current_exception();
        next = count;
      }
    }
  };
  std::vector<std::thread> helpers;
  for (int t = 1; t < threads; ++t) helpers.emplace_back(run);
  run();
  for (std::thread& helper : helpers) helper.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

void write_world(const WorldOptions& options, const synth::Atlas& atlas, const std::function<void(std::uint64_t)>& progress) {
  std::error_code error;
  std::filesystem::create_directories(options.out / "media", error);
  if (error) throw Error("cannot make the folder " + (options.out / "media").string() + ": " + error.message());
  synth::InstanceOptions asked;
  asked.seed = options.seed;
  asked.split = options.split;
  asked.combination = options.combination;
  asked.artwork = options.artwork;
  asked.renamed_schema = options.renamed_schema;
  asked.unrelated = options.unrelated;
  asked.tasks = options.tasks;

  store::WholeFile documents(options.out / "documents.jsonl"), gold(options.out / "gold.jsonl"), schema(options.out / "schema.json");
  schema.write(ie::write_schema(synth::world_schema()) + "\n");
  std::vector<signal::Image> pictures;
  const std::uint64_t chunk = std::uint64_t(std::max(1, options.threads)) * 4;
  for (std::uint64_t from = 0; from < options.count; from += chunk) {
    std::vector<Lines> lines(std::size_t(std::min(chunk, options.count - from)));
    in_parallel(lines.size(), options.threads, [&](std::size_t i) { lines[i] = write_instance(options, asked, options.first + from + i, atlas); });
    for (Lines& one : lines) {
      documents.write(one.document + "\n");
      gold.write(one.gold + "\n");
      for (signal::Image& picture : one.pictures) pictures.push_back(std::move(picture));
    }
    if (progress) progress(from + lines.size());
  }
  documents.commit();
  gold.commit();
  schema.commit();
  if (options.sheet) media::write_png(*options.sheet, contact_sheet(pictures, kSheetColumns));
}

synth::Atlas world_atlas(const std::vector<std::string>& styles, const std::vector<std::filesystem::path>& files, const ArtworkPaths& paths) {
  std::optional<synth::Atlas> atlas;
  auto add = [&](synth::Atlas more) {
    if (atlas) atlas->merge(std::move(more));
    else atlas = std::move(more);
  };
  for (const std::filesystem::path& file : files) add(synth::Atlas::load(file));
  std::vector<std::string> known = atlas ? atlas->styles() : std::vector<std::string>{};
  for (const std::string& style : styles)
    if (std::find(known.begin(), known.end(), style) == known.end()) add(make_atlas(style, paths));
  if (!atlas) throw UsageError("name at least one style of artwork");
  return std::move(*atlas);
}

}  // namespace reamo::data
