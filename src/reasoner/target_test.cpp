#include "reasoner/target.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <tuple>

#include "ie/error.h"
#include "nn/functional.h"

namespace reamo::reasoner {
namespace {

Tokenizer small_tokenizer() {
  static const Tokenizer tokenizer = [] {
    std::vector<std::string> lines;
    for (int i = 0; i < 40; ++i) {
      lines.push_back("Mary Chen works for Harbor Bank in Paris , said John Smith .");
      lines.push_back("person organization location works for Attack attacker place bombed the embassy");
      lines.push_back("( Mary , person ) image audio video woman in the red coat");
    }
    const auto path = std::filesystem::path(testing::TempDir()) / "target_tokenizer.model";
    train_tokenizer(lines, 500, path);
    Tokenizer made = Tokenizer::load(path, {true, compact_tokens()});
    std::filesystem::remove(path);
    return made;
  }();
  return tokenizer;
}

ie::Schema small_schema() {
  ie::Schema schema;
  schema.entities = std::vector<ie::EntityType>{{"person", "a human"}, {"organization", ""}, {"location", ""}};
  schema.relations = std::vector<ie::RelationType>{{"works for", "", {"person"}, {"organization"}}};
  schema.events = std::vector<ie::EventType>{{"Attack", "", {{"attacker", {"person"}}, {"place", {"location"}}}}};
  return schema;
}

Request small_request(std::string text) { return {small_schema(), std::move(text), {}, {}}; }

ie::MetaResponse small_response() {
  ie::MetaResponse response;
  response.items = {ie::EntityItem{"Mary Chen", "person"}, ie::EntityItem{"Harbor Bank", "organization"},
                    ie::RelationItem{{"Mary Chen", {}}, "works for", {"Harbor Bank", {}}},
                    ie::EventItem{"Attack", "bombed", {{"attacker", {"Mary Chen", {}}}}}};
  return response;
}

PromptOptions compact() {
  PromptOptions options;
  options.style = PromptStyle::kCompact;
  return options;
}

std::string text_of(const Tokenizer& tokenizer, const Ids& ids) {
  std::string text;
  for (const std::int64_t id : ids) text += id >= 0 ? tokenizer.token_bytes(id) : "?";
  return text;
}

TEST(CompactPrompt, ReadsAsDocumented) {
  const Tokenizer tokenizer = small_tokenizer();
  Request request = small_request("Mary Chen works for Harbor Bank.");
  request.media = {{"image-0", MediumKind::kImage, torch::zeros({2, 4})}};
  const Prompt prompt = build_prompt(request, tokenizer, compact());
  EXPECT_EQ(text_of(tokenizer, prompt.ids),
            "<ner> person , organization , location<re> works for<ee> Attack ( attacker , place )"
            "<media> image-0\?\?<text> Mary Chen works for Harbor Bank.<answer>");
  ASSERT_EQ(prompt.sources.size(), 1u);
  EXPECT_EQ(prompt.sources[0].text, "Mary Chen works for Harbor Bank.");
  EXPECT_EQ(prompt.features.size(), 1u);
  EXPECT_EQ(prompt.labels.size(), 7u);
  EXPECT_TRUE(prompt.left_out.empty());
}

TEST(CompactPrompt, SaysWhatDoesNotFit) {
  const Tokenizer tokenizer = small_tokenizer();
  PromptOptions options = compact();
  const std::string text = "Mary Chen works for Harbor Bank. Mary Chen works for Harbor Bank. John Smith bombed the embassy.";
  options.max_tokens = static_cast<std::int64_t>(build_prompt(small_request(text), tokenizer, options).ids.size()) - 5;
  const Prompt prompt = build_prompt(small_request(text), tokenizer, options);
  EXPECT_LE(static_cast<std::int64_t>(prompt.ids.size()), options.max_tokens);
  ASSERT_EQ(prompt.left_out.size(), 1u);
  EXPECT_EQ(prompt.left_out[0].name, "text");
  EXPECT_EQ(prompt.left_out[0].start, prompt.sources[0].text.size());
  EXPECT_EQ(prompt.left_out[0].end, text.size());
  options.max_tokens = 10;
  EXPECT_THROW(build_prompt(small_request(text), tokenizer, options), Error);
}

TEST(Windows, CoverTheTextAndOverlap) {
  const Tokenizer tokenizer = small_tokenizer();
  std::string text;
  for (int i = 0; i < 30; ++i) text += "Mary Chen works for Harbor Bank in Paris. ";
  const auto windows = text_windows(text, tokenizer, 60, 12);
  ASSERT_GT(windows.size(), 3u);
  EXPECT_EQ(windows.front().first, 0u);
  EXPECT_EQ(windows.back().second, text.size());
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const auto [start, end] = windows[i];
    EXPECT_LE(tokenizer.encode_text(std::string_view(text).substr(start, end - start)).size(), 62u);
    if (i) {
      EXPECT_LE(start, windows[i - 1].second);
      EXPECT_GT(end, windows[i - 1].second);
    }
  }
}

TEST(Target, WritesMentionsWithTheTokensOfTheSource) {
  const Tokenizer tokenizer = small_tokenizer();
  const TrainingExample example =
      make_example(small_request("\"Mary Chen\" bombed Harbor Bank, they say."), small_response(), tokenizer, compact());
  const std::string text = text_of(tokenizer, example.target);
  const ie::MetaResponse read = ie::parse_strict(text);
  EXPECT_EQ(read, small_response()) << text;
  EXPECT_EQ(example.target.back(), tokenizer.eos());
  ASSERT_EQ(example.kinds.size(), example.target.size());
  // Every name token can be copied from the prompt.
  for (std::size_t i = 0; i < example.target.size(); ++i) {
    if (example.kinds[i] != TargetKind::kName && example.kinds[i] != TargetKind::kLabel) continue;
    bool found = false;
    for (std::size_t j = 0; j < example.prompt.size(); ++j) found |= example.copyable[j] && example.prompt[j] == example.target[i];
    EXPECT_TRUE(found) << tokenizer.token_bytes(example.target[i]);
  }
}

TEST(Target, TagsSourceTokensWithLabelPositions) {
  const Tokenizer tokenizer = small_tokenizer();
  const TrainingExample example =
      make_example(small_request("Mary Chen bombed Harbor Bank"), small_response(), tokenizer, compact());
  ASSERT_EQ(example.hints.labels.size(), 4u);  // three entity types and an event type
  EXPECT_EQ(tokenizer.token_bytes(example.prompt[std::size_t(example.hints.labels[0])]), " person");
  std::vector<std::int64_t> tags;
  for (const std::int64_t tag : example.hints.tags) {
    if (tag != kIgnore) tags.push_back(tag);
  }
  EXPECT_EQ(tags.front(), 1);                                    // begins label 0
  EXPECT_NE(std::find(tags.begin(), tags.end(), 7), tags.end());  // the trigger begins label 3
  EXPECT_NE(std::find(tags.begin(), tags.end(), 3), tags.end());  // the bank begins label 1
}

TEST(Target, LinksMentionsWithRelationsAndRoles) {
  const Tokenizer tokenizer = small_tokenizer();
  const TrainingExample example =
      make_example(small_request("Mary Chen bombed Harbor Bank , Mary Chen"), small_response(), tokenizer, compact());
  const Hints& hints = example.hints;
  ASSERT_EQ(hints.relations.size(), 1u);
  ASSERT_EQ(hints.roles.size(), 2u);
  EXPECT_EQ(tokenizer.token_bytes(example.prompt[std::size_t(hints.relations[0])]), " for");
  ASSERT_EQ(hints.mentions.size(), 3u);  // Harbor Bank once, Mary Chen twice
  std::multiset<std::tuple<std::string, Hints::Part, std::size_t>> links;
  for (const Hints::Link& link : hints.links) {
    links.emplace(tokenizer.token_bytes(example.prompt[std::size_t(hints.mentions[link.mention])]), link.part, link.label);
  }
  using P = Hints::Part;
  EXPECT_EQ(links, (std::multiset<std::tuple<std::string, Hints::Part, std::size_t>>{
                       {" Harbor", P::kTail, 0}, {" Mary", P::kHead, 0}, {" Mary", P::kHead, 0}, {" Mary", P::kRole, 0}, {" Mary", P::kRole, 0}}));
  // In a batch they keep their places whatever stands before.
  const TrainingExample longer = make_example(small_request("John Smith said that Mary Chen bombed Harbor Bank in Paris"), small_response(), tokenizer, compact());
  for (const bool apart : {false, true}) {
    const TrainingBatch batch = collate({longer, example}, tokenizer.pad(), apart);
    const HintBatch& told = batch.hints;
    ASSERT_EQ(told.rows.size(0), 5);
    EXPECT_EQ(told.heads.sum().item<float>(), 3);
    EXPECT_EQ(told.tails.sum().item<float>(), 2);
    EXPECT_EQ(told.parts.sum().item<float>(), 3);
    const torch::Tensor ids = apart ? torch::cat({batch.prefixes.ids.index_select(0, batch.prefixes.row), batch.ids}, 1) : batch.ids;
    for (std::int64_t m = 0; m < 5; ++m) {
      const auto id = ids[told.rows[m].item<std::int64_t>()][told.columns[m].item<std::int64_t>()].item<std::int64_t>();
      EXPECT_EQ(tokenizer.token_bytes(id), told.tails[m].sum().item<float>() > 0 ? " Harbor" : " Mary");
    }
  }
}

TEST(Loss, FallsToNothingOnOneBatch) {
  const Tokenizer tokenizer = small_tokenizer();
  ReasonerConfig config = mini_config(tokenizer.size(), 4);
  config.model.hidden_size = 48;
  config.model.intermediate_size = 96;
  config.model.num_hidden_layers = 2;
  config.model.num_attention_heads = 2;
  Llama model(config.model);
  model->initialize(1);
  std::vector<TrainingExample> examples;
  Request with_image = small_request("Mary Chen bombed Harbor Bank");
  with_image.media = {{"image-0", MediumKind::kImage, torch::ones({2, 4})}};
  examples.push_back(make_example(with_image, small_response(), tokenizer, config.prompt));
  for (const std::int64_t row : {0, 1}) examples.back().shown.push_back({row, tokenizer.encode_text("Paris").front(), 0.5f});
  ie::MetaResponse other;
  other.items = {ie::EntityItem{"John Smith", "person"}};
  examples.push_back(make_example(small_request("it was John Smith"), other, tokenizer, config.prompt));
  const TrainingBatch batch = collate(examples, tokenizer.pad(), false);
  EXPECT_EQ(batch.ids.size(1), batch.prompt + batch.targets.size(1));
  torch::optim::AdamW optimizer(model->parameters(), torch::optim::AdamWOptions(3e-3));
  const Losses first = training_loss(model, batch);
  EXPECT_GT(first.target, 3.0);
  EXPECT_GT(first.tag, 0.5);
  EXPECT_GT(first.link, 0.5);
  EXPECT_GT(first.shown, 3.0);
  Losses last;
  for (int step = 0; step < 60; ++step) {
    optimizer.zero_grad();
    last = training_loss(model, batch);
    last.total.backward();
    optimizer.step();
  }
  EXPECT_LT(last.target, 0.3);
  EXPECT_LT(last.tag, 0.5);
  EXPECT_LT(last.link, first.link / 4);
  EXPECT_LT(last.shown, 1.0);
  for (const auto& item : model->named_parameters()) {
    EXPECT_TRUE(item.value().grad().defined()) << item.key();
  }
}

TEST(Loss, DoesNotDependOnPadding) {
  const Tokenizer tokenizer = small_tokenizer();
  ReasonerConfig config = mini_config(tokenizer.size(), 4);
  config.model.num_hidden_layers = 2;
  Llama model(config.model);
  model->initialize(2);
  torch::NoGradGuard no_grad;
  const auto one = make_example(small_request("Mary Chen bombed Harbor Bank"), small_response(), tokenizer, config.prompt);
  const auto longer = make_example(small_request("Mary Chen bombed Harbor Bank in Paris , said John Smith , Mary Chen and John Smith ."),
                                   small_response(), tokenizer, config.prompt);
  // A schema that is not the others', and longer.
  Request other = small_request("Mary Chen bombed Harbor Bank");
  other.schema.entities->push_back({"building", ""});
  const auto third = make_example(other, small_response(), tokenizer, config.prompt);
  for (const bool apart : {false, true}) {
    double sum = 0;
    std::int64_t targets = 0;
    for (const TrainingExample& example : {one, longer, third}) {
      const Losses alone = training_loss(model, collate({example}, 0, apart));
      sum += alone.target * double(alone.targets);
      targets += alone.targets;
    }
    const TrainingBatch batch = collate({one, longer, third}, 0, apart);
    EXPECT_EQ(batch.prefixes.size() > 0, apart);
    if (apart) EXPECT_EQ(batch.prefixes.ids.size(0), 2);
    EXPECT_NEAR(training_loss(model, batch).target, sum / double(targets), 1e-4);
  }
}

// What is read apart in training gives the same gradients as one document at a time.
TEST(Loss, SharedSchemasGiveTheSameGradients) {
  const Tokenizer tokenizer = small_tokenizer();
  ReasonerConfig config = mini_config(tokenizer.size(), 4);
  config.model.num_hidden_layers = 2;
  Llama model(config.model);
  model->initialize(2);
  const auto one = make_example(small_request("Mary Chen bombed Harbor Bank"), small_response(), tokenizer, config.prompt);
  const auto two = make_example(small_request("Harbor Bank , Mary Chen bombed Harbor Bank"), small_response(), tokenizer, config.prompt);
  const auto gradient = [&](const std::vector<TrainingExample>& examples) {
    model->zero_grad();
    training_loss(model, collate(examples, 0, true), {0}).total.backward();
    return model->model->layers[0]->self_attn->k_proj->weight.grad().clone();
  };
  const torch::Tensor both = gradient({one, two}), apart = (gradient({one}) + gradient({two})) / 2;
  EXPECT_LT((both - apart).abs().max().item<double>(), 1e-5 + 1e-3 * both.abs().max().item<double>());
  EXPECT_GT(both.abs().max().item<double>(), 0);
}

}  // namespace
}  // namespace reamo::reasoner
