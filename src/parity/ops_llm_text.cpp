#include "ie/error.h"
#include "parity/ops_llm.h"
#include "parity/published_rules.h"
#include "reasoner/prompt.h"
#include "reasoner/tokenizer.h"

namespace reamo::parity {
namespace {

using nlohmann::json;
using reasoner::Ids;

// `config.added_tokens` in the order of their ids, or the six that REAMO adds.
std::vector<std::string> added_tokens(const json& config) {
  if (!config.contains("added_tokens")) return {"<concept>", "UIE", "<Module>", "</Module>", "<Instruction>", "</Instruction>"};
  std::vector<std::pair<std::int64_t, std::string>> by_id;
  for (const auto& [token, id] : config.at("added_tokens").items()) by_id.emplace_back(id.get<std::int64_t>(), token);
  std::sort(by_id.begin(), by_id.end());
  std::vector<std::string> tokens;
  for (const auto& [id, token] : by_id) tokens.push_back(token);
  return tokens;
}

// Text before each <image> with its own <s>, dropped but for the first: the older function, which knows pictures only.
Ids encode_image_only(const reasoner::Tokenizer& tokenizer, const std::string& text) {
  Ids ids;
  std::size_t from = 0;
  for (bool first = true;; first = false) {
    const std::size_t at = text.find("<image>", from);
    Ids piece = tokenizer.encode(text.substr(from, at == std::string::npos ? at : at - from));
    if (!first && !piece.empty() && piece.front() == tokenizer.bos()) piece.erase(piece.begin());
    ids.insert(ids.end(), piece.begin(), piece.end());
    if (at == std::string::npos) return ids;
    ids.push_back(reasoner::kImageToken);
    from = at + std::string("<image>").size();
  }
}

void expect_equal(nn::CaseResult& result, const json& got, const json& expected, const std::string& what) {
  ++result.compared;
  if (got != expected) result.fail(what + ": " + got.dump().substr(0, 200) + ", expected " + expected.dump().substr(0, 200));
}

nn::CaseResult run_encode(const nn::Case& reference, const json& data) {
  nn::CaseResult result;
  const std::vector<std::string> six = added_tokens(reference.config());
  std::vector<std::string> nine = six;
  nine.insert(nine.end(), {"<image>", "<audio>", "<video>"});
  for (bool legacy : {true, false}) {
    for (const auto& [suffix, added] : std::map<std::string, std::vector<std::string>>{{"plain", {}}, {"reamo", six}, {"placeholders", nine}}) {
      const std::string column = (legacy ? "legacy_" : "nonlegacy_") + suffix;
      if (!data.contains(column)) continue;
      const auto tokenizer = reasoner::Tokenizer::load(reference.file("model"), {legacy, added});
      for (std::size_t i = 0; i < data.at("strings").size(); ++i) {
        expect_equal(result, tokenizer.encode(data.at("strings")[i].get<std::string>()), data.at(column)[i], column + "/" + std::to_string(i));
      }
    }
  }
  const auto tokenizer = reasoner::Tokenizer::load(reference.file("model"));
  for (std::size_t i = 0; i < data.at("strings").size(); ++i) {
    expect_equal(result, tokenizer.encode_raw(data.at("strings")[i].get<std::string>()), data.at("raw_sentencepiece")[i], "raw/" + std::to_string(i));
  }
  return result;
}

nn::CaseResult run_decode(const nn::Case& reference, const json& data) {
  nn::CaseResult result;
  for (bool legacy : {true, false}) {
    const auto tokenizer = reasoner::Tokenizer::load(reference.file("model"), {legacy, added_tokens(reference.config())});
    for (std::size_t i = 0; i < data.size(); ++i) {
      const Ids ids = data[i].at("ids").get<Ids>();
      for (bool skip : {false, true}) {
        const std::string column = std::string(legacy ? "legacy" : "nonlegacy") + "_skip_special_" + (skip ? "true" : "false");
        if (data[i].at(column).is_null()) continue;  // the published code fails
        expect_equal(result, tokenizer.decode(ids, skip), data[i].at(column), column + "/" + std::to_string(i));
      }
      if (legacy && !data[i].at("raw_sentencepiece").is_null()) {
        expect_equal(result, tokenizer.decode_raw(ids), data[i].at("raw_sentencepiece"), "raw/" + std::to_string(i));
      }
    }
  }
  return result;
}

nn::CaseResult run_prompt(const nn::Case& reference, const json& data) {
  nn::CaseResult result;
  for (std::size_t i = 0; i < data.size(); ++i) {
    const json& entry = data[i];
    if (entry.contains("template")) {
      std::vector<std::pair<std::string, std::string>> turns;
      for (const auto& turn : entry.at("turns")) {
        turns.emplace_back(turn[0].is_null() ? "" : turn[0].get<std::string>(), turn[1].is_null() ? "" : turn[1].get<std::string>());
      }
      expect_equal(result, reasoner::render_conversation(entry.at("template").get<std::string>(), turns), entry.at("prompt"), std::to_string(i));
      continue;
    }
    const std::string prompt = entry.at("prompt");
    for (bool legacy : {true, false}) {
      const std::string column = legacy ? "legacy" : "nonlegacy";
      const auto tokenizer = reasoner::Tokenizer::load(reference.file("model"), {legacy, added_tokens(reference.config())});
      expect_equal(result, tokenizer.encode_placeholders(prompt), entry.at(column), column + "/" + std::to_string(i));
      if (entry.contains(column + "_image_only_function")) {
        expect_equal(result, encode_image_only(tokenizer, prompt), entry.at(column + "_image_only_function"), column + "_image_only/" + std::to_string(i));
      }
    }
  }
  return result;
}

nn::CaseResult run_labels(const nn::Case& reference, const json& data) {
  nn::CaseResult result;
  for (bool legacy : {true, false}) {
    const std::string column = legacy ? "legacy" : "nonlegacy";
    const auto tokenizer = reasoner::Tokenizer::load(reference.file("model"), {legacy, added_tokens(reference.config())});
    for (const json& entry : data) {
      std::vector<std::pair<std::string, std::string>> turns;
      const json& messages = entry.at("conversation");
      for (std::size_t i = messages.at(0).at("from") == "gpt" ? 1 : 0; i + 1 < messages.size(); i += 2) {
        turns.emplace_back(messages[i].at("value"), messages[i + 1].at("value"));
      }
      const PublishedLabels got = published_labels(turns, tokenizer, reference.config().value("model_max_length", std::int64_t(2048)));
      const std::string what = column + "/" + entry.at("what").get<std::string>();
      expect_equal(result, got.ids, entry.at(column).at("input_ids"), what + " ids");
      expect_equal(result, got.labels, entry.at(column).at("labels"), what + " labels");
      expect_equal(result, got.mismatch.has_value(), entry.at(column).at("mismatch"), what + " mismatch");
      if (got.mismatch && entry.at(column).contains("mismatch_counts")) {
        expect_equal(result, json::array({got.mismatch->first, got.mismatch->second}), entry.at(column).at("mismatch_counts"), what + " counts");
      }
    }
  }
  return result;
}

nn::CaseResult run_stops(const json& data) {
  nn::CaseResult result;
  for (std::size_t i = 0; i < data.size(); ++i) {
    const std::optional<bool> stop = published_stop(data[i].at("sequences").get<std::vector<Ids>>(), data[i].at("stops").get<std::vector<Ids>>());
    expect_equal(result, stop ? json(*stop) : json(), data[i].at("stop"), std::to_string(i));
  }
  return result;
}

nn::CaseResult run_answers(const json& data) {
  nn::CaseResult result;
  for (const json& entry : data) {
    const PublishedAnswer got = parse_published(entry.at("text").get<std::string>());
    const std::string what = entry.at("what");
    expect_equal(result, got.output, entry.at("published_output"), what + " output");
    expect_equal(result, got.module ? json(*got.module) : json(), entry.at("published_module"), what + " module");
    expect_equal(result, got.instructions ? json(*got.instructions) : json(), entry.at("published_instruction"), what + " instructions");
  }
  return result;
}

}  // namespace

std::vector<std::string> llm_text_ops() { return {"llm.labels", "llm.meta_response", "llm.prompt", "llm.stop_rule", "llm.tokenizer"}; }

Outcome run_llm_text(const nn::Case& reference) {
  const json data = reference.data("data");
  const std::string& op = reference.op();
  if (op == "llm.labels") return {run_labels(reference, data), ""};
  if (op == "llm.meta_response") return {run_answers(data), ""};
  if (op == "llm.prompt") return {run_prompt(reference, data), ""};
  if (op == "llm.stop_rule") return {run_stops(data), ""};
  return {data.is_object() ? run_encode(reference, data) : run_decode(reference, data), ""};
}

}  // namespace reamo::parity
