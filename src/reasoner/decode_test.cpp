#include "reasoner/decode.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "ie/meta_response.h"
#include "nn/functional.h"
#include "reasoner/reasoner.h"
#include "reasoner/target.h"
#include "reasoner/token_filter.h"

namespace reamo::reasoner {
namespace {

Tokenizer small_tokenizer() {
  static const Tokenizer tokenizer = [] {
    std::vector<std::string> lines;
    for (int i = 0; i < 40; ++i) {
      lines.push_back("Mary Chen works for Harbor Bank in Paris , said John Smith .");
      lines.push_back("person organization works for Attack attacker bombed the embassy woman in the red coat image");
    }
    const auto path = std::filesystem::path(testing::TempDir()) / "decode_tokenizer.model";
    train_tokenizer(lines, 480, path);
    Tokenizer made = Tokenizer::load(path, {true, compact_tokens()});
    std::filesystem::remove(path);
    return made;
  }();
  return tokenizer;
}

ie::Schema small_schema() {
  ie::Schema schema;
  schema.entities = std::vector<ie::EntityType>{{"person", ""}, {"organization", ""}};
  schema.relations = std::vector<ie::RelationType>{{"works for", "", {"person"}, {"organization"}}};
  schema.events = std::vector<ie::EventType>{{"Attack", "", {{"attacker", {"person"}}}}};
  return schema;
}

ReasonerConfig small_config(const Tokenizer& tokenizer) {
  ReasonerConfig config = mini_config(tokenizer.size(), 4);
  config.model.hidden_size = 48;
  config.model.intermediate_size = 96;
  config.model.num_hidden_layers = 2;
  config.model.num_attention_heads = 2;
  return config;
}

std::vector<Request> requests() {
  Request first{small_schema(), "Mary Chen works for \"Harbor Bank\", they say.", {}, {}};
  Request second{small_schema(), "John Smith bombed the embassy", {{"image-0", MediumKind::kImage, torch::ones({2, 4})}}, {}};
  return {first, second};
}
std::vector<ie::MetaResponse> responses() {
  ie::MetaResponse first, second;
  first.items = {ie::EntityItem{"Mary Chen", "person"}, ie::EntityItem{"Harbor Bank", "organization"},
                 ie::RelationItem{{"Mary Chen", {}}, "works for", {"Harbor Bank", {}}}};
  second.items = {ie::EntityItem{"John Smith", "person"}, ie::EventItem{"Attack", "bombed", {{"attacker", {"John Smith", {}}}}}};
  second.calls = {{ie::GrounderModule::kImageSegmentation, {{1, std::nullopt, "woman in the red coat"}}}};
  return {first, second};
}

TEST(Decode, SaysWhatItHasLearned) {
  const Tokenizer tokenizer = small_tokenizer();
  const ReasonerConfig config = small_config(tokenizer);
  Llama model(config.model);
  model->initialize(1);
  std::vector<TrainingExample> examples;
  for (std::size_t i = 0; i < 2; ++i) examples.push_back(make_example(requests()[i], responses()[i], tokenizer, config.prompt));
  const TrainingBatch batch = collate(examples, tokenizer.pad(), model->config().bidirectional_prompt);
  torch::optim::AdamW optimizer(model->parameters(), torch::optim::AdamWOptions(4e-3));
  for (int step = 0; step < 80; ++step) {
    optimizer.zero_grad();
    training_loss(model, batch).total.backward();
    optimizer.step();
  }
  const Reasoner reasoner(config, tokenizer, model);
  const std::vector<Answer> answers = reasoner.answer(requests());
  ASSERT_EQ(answers.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(answers[i].text, ie::print(responses()[i]));
    EXPECT_FALSE(answers[i].truncated);
    ASSERT_EQ(answers[i].item_scores.size(), responses()[i].items.size());
    for (const double score : answers[i].item_scores) {
      EXPECT_GT(score, 0.5);
      EXPECT_LE(score, 1.0);
    }
    // Alone as in the batch, and again when the schema is remembered.
    for (int time = 0; time < 2; ++time) EXPECT_EQ(reasoner.answer({requests()[i]})[0].text, answers[i].text);
  }
  AnswerOptions free;
  free.constrained = false;
  EXPECT_NE(reasoner.answer(requests(), free)[0].text.find("Mary Chen"), std::string::npos);
}

// A model that knows nothing still answers validly, whatever the limit.
TEST(Decode, AnswersAreValidUntrained) {
  const Tokenizer tokenizer = small_tokenizer();
  const ReasonerConfig config = small_config(tokenizer);
  for (const std::int64_t limit : {1, 7, 40, 120}) {
    Llama model(config.model);
    model->initialize(std::uint64_t(limit));
    const Reasoner reasoner(config, tokenizer, model);
    AnswerOptions options;
    options.max_new_tokens = limit;
    for (const Answer& answer : reasoner.answer(requests(), options)) {
      const ie::MetaResponse response = ie::parse_strict(answer.text);
      EXPECT_EQ(response.items.size(), answer.item_scores.size()) << answer.text;
    }
  }
}

// The filter and the automaton agree on every token.
TEST(TokenFilter, AllowsWhatTheGrammarTakes) {
  const Tokenizer tokenizer = small_tokenizer();
  const TokenFilter filter(tokenizer);
  GrammarOptions options;
  options.sources = {"Mary Chen works for \"Harbor Bank\", they say."};
  options.media = {{"image-0", MediumKind::kImage}};
  for (const bool free : {false, true}) {
    options.free_mentions = free;
    const Grammar grammar(small_schema(), options);
    for (const std::string prefix :
         {"<UIE>", "<UIE> (", "<UIE> ( ", "<UIE> (Mary", "<UIE> (Mary ", "<UIE> (Mary Chen ,", "<UIE> (Mary Chen, person",
          "<UIE> (Mary, person) (Type: Attack,", "<UIE> (Mary, person)</UIE>", "<UIE> (Mary, person)</UIE><Module>ImageSegmentation</Module><Instruction>1:",
          "<UIE> (Mary, person)</UIE><Module>ImageSegmentation</Module><Instruction>1: red"}) {
      const auto state = grammar.next(grammar.start(), prefix);
      ASSERT_TRUE(state) << prefix;
      std::vector<std::int64_t> allowed;
      filter.allowed(grammar, *state, allowed);
      const std::set<std::int64_t> given(allowed.begin(), allowed.end());
      for (std::int64_t id = 0; id < tokenizer.size(); ++id) {
        const std::string& bytes = tokenizer.token_bytes(id);
        if (bytes.empty() || tokenizer.is_byte(id)) continue;
        EXPECT_EQ(grammar.next(*state, bytes).has_value(), given.contains(id)) << prefix << "|" << bytes;
      }
      EXPECT_EQ(given.contains(tokenizer.eos()), grammar.complete(*state)) << prefix;
    }
  }
}

TEST(Sampling, FiltersInOrder) {
  const torch::Tensor logits = torch::tensor({{1.0f, 3.0f, 2.0f, 3.0f}});
  SamplingOptions options;
  options.top_k = 1;
  EXPECT_EQ(torch::isfinite(filter_logits(logits, {}, options)).sum().item<std::int64_t>(), 2);  // ties stay
  options.top_k = 0;
  options.top_p = 0.01;
  EXPECT_EQ(torch::isfinite(filter_logits(logits, {}, options)).sum().item<std::int64_t>(), 1);
  options.top_p = 1;
  options.repetition_penalty = 2;
  const torch::Tensor penalised = filter_logits(logits, torch::tensor({{0, 1, 1}}), options);
  EXPECT_TRUE(torch::equal(penalised, torch::tensor({{0.5f, 1.5f, 2.0f, 3.0f}})));
}

TEST(Sampling, StopsAtTheEndOnly) {
  EXPECT_TRUE(ends_with_stop(Ids{5, 7, 835}, {{835}}));
  EXPECT_FALSE(ends_with_stop(Ids{835, 7}, {{835}}));
  EXPECT_TRUE(ends_with_stop(Ids{1, 2277, 29937}, {{835}, {2277, 29937}}));
  EXPECT_FALSE(ends_with_stop(Ids{}, {{835}}));
}

}  // namespace
}  // namespace reamo::reasoner
