#include "synth/text.h"

#include <algorithm>

#include "synth/text_clauses.h"

namespace reamo::synth {
namespace {

class Writer : private ClauseWriter {
 public:
  using ClauseWriter::ClauseWriter;

  Written write() {
    Fragment text = body();
    finish(text);
    return std::move(written_);
  }

 private:
  // Somebody who reports; known or new.
  Fragment reporter(const Fragment& clause) {
    int member = find_member(story_, random_.chance(0.7) ? std::vector<std::string>{"person"} : std::vector<std::string>{"organization"}, {last_subject_}, random_);
    if (story_.members[std::size_t(member)].type == "person" && !story_.members[std::size_t(member)].proper && said(member) == 0) return "a source";
    for (const Mark& mark : clause.marks)
      if (mark.what == Mark::What::kEntity && mark.index == member) return "a source";
    Fragment out = phrase(member);
    return out;
  }

  Fragment wrap(Fragment clause, bool calm) {
    Fragment who;
    std::string_view pattern;
    switch (plan_.style) {
      case Style::kTweet: pattern = wording(tweet_wrappers()); break;
      case Style::kChat: pattern = random_.chance(0.5) ? wording(chat_wrappers()) : wording(calm ? calm_wrappers() : plain_wrappers()); break;
      default:
        if (random_.chance(0.2)) {
          // Who reports is chosen after the clause, so a pronoun in it cannot mean the reporter.
          who = reporter(clause);
          pattern = wording(wrappers());
          last_subject_ = -1;
        } else {
          pattern = wording(calm ? calm_wrappers() : plain_wrappers());
        }
    }
    if (story_.speakable)
      while (pattern.find_first_of("(#\"") != std::string_view::npos) pattern = wording(calm ? calm_wrappers() : plain_wrappers());
    return fill(pattern, {{'C', &clause}, {'R', &who}});
  }

  Fragment sentence(Fragment clause) {
    if (clause.empty()) return clause;
    if (plan_.style == Style::kTweet) {
      static const std::vector<std::string> kEnds = {"", "", "!", ".", "!!", "..."};
      if (clause.text.back() == ',') clause.text.pop_back();
      return clause.add(random_.pick(kEnds));
    }
    if (clause.text.back() == '?' || clause.text.back() == '!') {
      capitalise_first(clause);
      return clause;
    }
    clause.add(random_.chance(0.04) && plan_.style == Style::kChat ? "!" : ".");
    capitalise_first(clause);
    return clause;
  }

  Fragment headline(int event) {
    headline_ = true;
    Fragment clause = event_clause(event);
    headline_ = false;
    last_subject_ = -1;
    if (clause.empty()) return clause;
    if (!noun_clause_) clause = fill(wording(headline_wrappers()), {{'C', &clause}});
    if (clause.text.back() == ',') clause.text.pop_back();
    double form = random_.uniform();
    if (form < 0.6) title_case(clause);
    else if (form < 0.65) upper_all_ascii(clause);
    else capitalise_first(clause);
    return clause;
  }

  // A sentence without facts: nothing at all, or members that are only mentioned.
  Fragment extra() {
    const bool tweet = plan_.style == Style::kTweet, chat = plan_.style == Style::kChat;
    double form = random_.uniform();
    if (form < 0.55) return std::string(wording(tweet ? tweet_fillers() : chat ? chat_fillers() : fillers()));
    static const std::vector<std::string> kTypes = {"person", "organization", "location", "product", "animal", "vehicle", "food", "tool", "building", "instrument", "clothing", "plant", "artwork", "award", "object"};
    auto fresh = [&] { return phrase(add_member(story_, random_.pick(kTypes), random_), false, false); };
    last_subject_ = -1;
    Fragment x = fresh();
    if (form < 0.8 || story_.speakable) {
      Fragment out = fill(wording(mentions()), {{'X', &x}});
      if (!tweet) capitalise_first(out);
      return out;
    }
    Fragment y = fresh(), z = fresh();
    Fragment out = fill(wording(listings()), {{'X', &x}, {'Y', &y}, {'Z', &z}});
    if (!tweet) capitalise_first(out);
    return out;
  }

  Fragment body() {
    struct Unit { bool event; int index; };
    std::vector<Unit> units;
    for (int e : plan_.events) units.push_back({true, e});
    for (int r : plan_.relations) units.push_back({false, r});
    random_.shuffle(units);
    // Events come a little earlier, so that relations can be told beside the names.
    std::stable_sort(units.begin(), units.end(), [&](const Unit& a, const Unit& b) { return a.event > b.event; });
    if (random_.chance(0.25)) random_.shuffle(units);
    std::vector<Fragment> sentences;
    std::size_t from = 0;
    bool has_headline = plan_.style == Style::kNews && units.size() > 1 && units[0].event && random_.chance(0.35);
    if (has_headline) {
      sentences.push_back(headline(units[0].index));
      if (sentences.back().empty()) sentences.pop_back(), has_headline = false;
      from = 1;
    }
    auto clause_of = [&](const Unit& unit) { return unit.event ? event_clause(unit.index) : relation_clause(unit.index); };
    for (std::size_t i = from; i < units.size(); ++i) {
      if (!units[i].event && written_.relations[std::size_t(units[i].index)]) continue;
      Fragment clause = clause_of(units[i]);
      if (clause.empty()) continue;
      bool calm = !units[i].event || noun_clause_;
      // Two facts in one sentence.
      if (i + 1 < units.size() && random_.chance(0.3) && (units[i + 1].event || !written_.relations[std::size_t(units[i + 1].index)])) {
        Fragment second = clause_of(units[i + 1]);
        if (!second.empty()) {
          static const std::vector<std::string> kJoins = {" and ", ", and ", ", while ", ", but ", "; ", ", whereas ", " after ", " before ", ", and then ", " because "};
          // Only what happens can come before or after something.
          bool happens = units[i + 1].event && !noun_clause_ && !calm;
          clause.add(kJoins[random_.index(happens ? kJoins.size() : 6)]).add(second);
          calm = true;
        }
        ++i;
      }
      sentences.push_back(sentence(wrap(std::move(clause), calm)));
    }
    for (int member : plan_.mentioned)
      if (said(member) == 0) {
        last_subject_ = -1;
        Fragment x = phrase(member);
        Fragment out = fill(wording(mentions()), {{'X', &x}});
        capitalise_first(out);
        sentences.push_back(out);
      }
    int extras = 0;
    double expected = plan_.extra;
    while (random_.chance(expected / (1 + expected)) && extras < 4) ++extras;
    if (sentences.empty() && extras == 0) extras = 1;
    for (int i = 0; i < extras; ++i) {
      Fragment more = extra();
      if (std::any_of(sentences.begin(), sentences.end(), [&](const Fragment& s) { return s.text == more.text; })) continue;
      sentences.insert(sentences.begin() + long(has_headline ? 1 + random_.index(sentences.size()) : random_.index(sentences.size() + 1)), more);
    }
    Fragment text;
    bool lines = plan_.style == Style::kChat && random_.chance(0.6);
    for (std::size_t i = 0; i < sentences.size(); ++i) {
      if (i) text.add(has_headline && i == 1 ? (random_.chance(0.8) ? "\n" : ". ") : lines ? "\n" : " ");
      if (lines) text.add("- ");
      text.add(sentences[i]);
    }
    if (plan_.style == Style::kTweet && random_.chance(0.6)) lower_all(text);
    return text;
  }

  // Bytes to code points, in text order.
  void finish(Fragment& text) {
    std::vector<std::size_t> point(text.text.size() + 1, 0);
    std::size_t count = 0;
    for (std::size_t i = 0; i < text.text.size(); ++i) {
      point[i] = count;
      bool last_of_point = i + 1 == text.text.size() || ((unsigned char)text.text[i + 1] & 0xC0) != 0x80;
      if (last_of_point) ++count;
    }
    point[text.text.size()] = count;
    for (Mark& mark : text.marks) mark.start = point[mark.start], mark.end = point[mark.end];
    std::stable_sort(text.marks.begin(), text.marks.end(), [](const Mark& a, const Mark& b) { return a.start != b.start ? a.start < b.start : a.end > b.end; });
    written_.text = std::move(text.text);
    written_.marks = std::move(text.marks);
  }
};

}  // namespace

Written write_text(Story& story, const WritingPlan& plan, Random& random) { return Writer(story, plan, random).write(); }

}  // namespace reamo::synth
