// The prompt of the published model: PAPER 3.2's wording in the Vicuna v1 template.
#include <algorithm>

#include "ie/error.h"
#include "ie/meta_response.h"
#include "reasoner/compact.h"

namespace reamo::reasoner {
namespace {

std::string_view mark_of(MediumKind kind) {
  switch (kind) {
    case MediumKind::kImage: return "<image>";
    case MediumKind::kVideo: return "<video>";
    case MediumKind::kAudio: break;
  }
  return "<audio>";
}

// Text of the user must not be read as a place for a medium.
std::string without_marks(std::string text) {
  for (const std::string_view mark : {"<image>", "<video>", "<audio>"}) {
    for (std::size_t at = 0; (at = text.find(mark, at)) != std::string::npos;) text.insert(at + mark.size() - 1, " ");
  }
  return text;
}

template <typename Types, typename Each>
std::string listed(const Types& types, const Each& each) {
  std::string out;
  for (const auto& type : types) out += (out.empty() ? "" : ", ") + each(type);
  return out;
}

// "image and audio"
std::string media_words(const Request& request) {
  std::vector<std::string> words;
  const auto add = [&](MediumKind kind, const char* word) {
    for (const MediumFeatures& medium : request.media) {
      if (medium.kind != kind) continue;
      words.emplace_back(word);
      return;
    }
  };
  add(MediumKind::kImage, "image");
  add(MediumKind::kVideo, "video");
  add(MediumKind::kAudio, "audio");
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) out += (i == 0 ? "" : i + 1 == words.size() ? " and " : ", ") + words[i];
  return out;
}

std::string instruction(const Request& request, const PromptOptions& options) {
  const ie::Schema& schema = request.schema;
  const std::string media = media_words(request);
  const std::string outline = media.empty() ? "" : ", and outline them in the given " + media;
  const auto described = [&](const std::string& name, const std::string& description) {
    return options.description_words > 0 && !description.empty() ? name + " (" + description + ")" : name;
  };
  std::string text;
  if (schema.entities) {
    text += "Please extract all entity words and categorize them by the predefined labels" + outline +
            ". The output format should be \"(entity1, label1)(entity2, label2)\". Candidate category labels: " +
            listed(*schema.entities, [&](const auto& t) { return described(t.name, t.description); }) + ".\n";
  }
  if (schema.relations) {
    text += "Please extract the relations between entities" + outline +
            ". The output format should be \"(subject, Relation, object)\". Candidate relation labels: " +
            listed(*schema.relations, [&](const auto& t) { return described(t.name, t.description); }) + ".\n";
  }
  if (schema.events) {
    text += "Please extract all possible events. Each event of a type must have a trigger verb; give the arguments if "
            "possible" + outline +
            ". The output format should be \"(Type: event type, Trigger: trigger, role1: argument1, role2: argument2)\". "
            "Candidate event types and their roles: " +
            listed(*schema.events, [&](const auto& t) {
              return described(t.name, t.description) +
                     (t.roles.empty() ? "" : " [" + listed(t.roles, [](const auto& r) { return r.name; }) + "]");
            }) + ".\n";
  }
  return text;
}

std::string example_text(const ie::Example& example) {
  ie::MetaResponse response;
  const auto mention = [&](std::size_t entity) { return ie::Ref{example.entities.at(entity).mention, std::nullopt}; };
  for (const auto& e : example.entities) response.items.push_back(ie::EntityItem{e.mention, e.type});
  for (const auto& p : example.relations) response.items.push_back(ie::RelationItem{mention(p.head), p.type, mention(p.tail)});
  for (const auto& v : example.events) {
    ie::EventItem item{v.type, v.trigger, {}};
    for (const auto& a : v.arguments) item.arguments.emplace_back(a.role, mention(a.entity));
    response.items.push_back(std::move(item));
  }
  return "Example Text: " + without_marks(example.text) + "\nExample Output: " + ie::print(response) + "\n";
}

}  // namespace

void build_published_prompt(const Request& request, const Tokenizer& tokenizer, const PromptOptions& options,
                            Prompt& prompt) {
  std::vector<const MediumFeatures*> placed;
  std::int64_t rows = 0;
  std::string marks;
  for (const MediumFeatures& medium : request.media) {
    const torch::Tensor features = feature_rows(medium.features);
    if (!features.defined() || features.size(0) == 0) continue;
    placed.push_back(&medium);
    rows += features.size(0) - 1;  // the mark itself counts as one
    marks += std::string(mark_of(medium.kind)) + "\n";
  }
  struct Part {
    std::string name, title, text;
    std::size_t kept;
  };
  std::vector<Part> parts;
  if (request.text) parts.push_back({"text", "Input Text: ", *request.text, request.text->size()});
  for (const MediumFeatures& medium : request.media) {
    if (const auto heard = request.transcripts.find(medium.name); heard != request.transcripts.end()) {
      parts.push_back({medium.name, "Transcript of " + medium.name + ": ", heard->second.text, heard->second.text.size()});
    }
  }
  std::size_t examples = request.schema.examples.size();
  const bool ground = !request.media.empty();
  const auto tokens = [&] {
    std::string user = marks + instruction(request, options);
    for (std::size_t i = 0; i < examples; ++i) user += example_text(request.schema.examples[i]);
    for (const Part& part : parts) user += part.title + without_marks(part.text.substr(0, part.kept)) + "\n";
    if (ground) user += "Please also output the module name and the detailed segmentation instruction.\n";
    if (options.think_step_by_step) user += "Please think step by step.\n";
    user.pop_back();
    return tokenizer.encode_placeholders(render_conversation("v1", {{user, ""}}));
  };

  // Examples go first, then the end of the longest text, until it fits.
  Ids ids = tokens();
  const auto surplus = [&] { return static_cast<std::int64_t>(ids.size()) + rows - options.max_tokens; };
  while (surplus() > 0 && examples > 0) {
    --examples;
    ids = tokens();
  }
  while (surplus() > 0) {
    const auto longest = std::max_element(parts.begin(), parts.end(), [](const Part& a, const Part& b) { return a.kept < b.kept; });
    if (longest == parts.end() || longest->kept == 0) {
      throw Error("the schema and the media need " + std::to_string(ids.size() + std::size_t(rows)) +
                  " tokens of the prompt, the model takes " + std::to_string(options.max_tokens));
    }
    const Ids words = tokenizer.encode_text(longest->text.substr(0, longest->kept));
    const std::int64_t keep = std::max<std::int64_t>(0, static_cast<std::int64_t>(words.size()) - surplus());
    std::size_t kept = std::min(source_text(tokenizer, Ids(words.begin(), words.begin() + keep)).size(), longest->kept - 1);
    while (kept > 0 && (static_cast<unsigned char>(longest->text[kept]) & 0xC0) == 0x80) --kept;
    longest->kept = kept;
    ids = tokens();
  }
  for (std::size_t i = examples; i < request.schema.examples.size(); ++i) {
    prompt.left_out.push_back({"example-" + std::to_string(i + 1), 0, request.schema.examples[i].text.size()});
  }
  for (Part& part : parts) {
    if (part.kept < part.text.size()) prompt.left_out.push_back({part.name, part.kept, part.text.size()});
    prompt.sources.push_back({part.name, part.text.substr(0, part.kept), 0, {}});
  }
  std::size_t next = 0;
  for (const std::int64_t id : ids) {
    if (id >= 0) {
      prompt.ids.push_back(id);
      continue;
    }
    const torch::Tensor features = feature_rows(placed.at(next++)->features);
    prompt.ids.insert(prompt.ids.end(), static_cast<std::size_t>(features.size(0)), id);
    prompt.features.push_back(features);
  }
  prompt.copyable.assign(prompt.ids.size(), 0);
}

}  // namespace reamo::reasoner
