#include "synth/text_clauses.h"

#include <algorithm>

#include "synth/world_schema.h"

namespace reamo::synth {
namespace {

using Form = EventFrame::Form;

}  // namespace

ClauseWriter::ClauseWriter(Story& story, const WritingPlan& plan, Random& random) : story_(story), plan_(plan), random_(random) {
  written_.relations.assign(story.relations.size(), false);
  written_.arguments.resize(story.events.size());
}

std::string_view ClauseWriter::wording(const Wordings& wordings) {
  // The test split takes half of its wordings from those that training never has.
  std::size_t known = wordings.training();
  if (test() && random_.chance(0.5)) return wordings.all[known + random_.index(wordings.all.size() - known)];
  return wordings.all[random_.index(known)];
}

int& ClauseWriter::said(int member) {
  if (said_.size() < story_.members.size()) said_.resize(story_.members.size(), 0);
  return said_[std::size_t(member)];
}

Fragment ClauseWriter::name(int member) {
  const Member& m = story_.members[std::size_t(member)];
  Fragment out = marked(m.name, Mark::What::kEntity, member);
  if (m.nested_member >= 0) {
    std::size_t at = m.name.rfind(m.nested);
    out.marks.push_back({Mark::What::kEntity, m.nested_member, at, at + m.nested.size()});
  }
  return out;
}

Fragment ClauseWriter::phrase(int member, bool subject, bool modifiers) {
  const Member m = story_.members[std::size_t(member)];
  int count = said(member)++;
  Fragment out;
  if (count > 0) {
    if (subject && member == last_subject_ && m.type == "person" && !headline_ && random_.chance(0.75)) {
      return Fragment(m.gender == Gender::kFemale ? "she" : "he");
    }
    if (!headline_) out.add(m.again);
    out.add(name(member));
    return out;
  }
  bool describe = !m.description.empty() && (must_describe(member) || (modifiers && random_.chance(0.45)));
  if (describe && !headline_) {
    // "woman in headscarf" stands only behind the name.
    bool simple = m.description.find(" in ") == std::string::npos && m.description.find(" with ") == std::string::npos && m.description.find(" who ") == std::string::npos;
    std::size_t form = simple ? random_.index(modifiers ? 4 : 2) : 2 + random_.index(2);
    switch (form) {
      case 0: return out.add(m.description + " ").add(name(member));
      case 1: return out.add("the " + m.description + " ").add(name(member));
      case 2: return out.add(name(member)).add(", " + indefinite_article(m.description) + m.description + ",");
      default: out.add(name(member)).add(", " + indefinite_article(m.description) + m.description);
    }
    modifier(member, out, Where::kAfterHead);
    return out.text.back() == ',' ? out : out.add(",");
  }
  if (modifiers && !headline_ && random_.chance(0.6)) {
    if (m.proper && m.article.empty() && random_.chance(0.4)) {
      Fragment before;
      if (modifier(member, before, Where::kBeforeHead)) return before.add(name(member));
    }
    out.add(m.article).add(name(member));
    if (modifier(member, out, random_.chance(0.7) ? Where::kAfterHead : Where::kAfterTail)) return out;
    if (m.type == "person" && m.proper && random_.chance(0.15)) out.add(", " + age() + ",");
    return out;
  }
  std::string article = headline_ ? "" : m.article;
  if (m.article == "a " && plan_.style == Style::kTweet && random_.chance(0.2)) article = "this ";
  if (!m.proper && m.article.size() > 0 && !headline_ && random_.chance(0.25)) article = m.type == "person" || m.type == "animal" ? "the " : m.article;
  out.add(article);
  bool one_word = m.name.find(' ') == std::string::npos && m.name.find('.') == std::string::npos && m.name.find('-') == std::string::npos;
  if (plan_.style == Style::kTweet && m.proper && one_word && random_.chance(0.25)) out.add("#");
  return out.add(name(member));
}

std::string ClauseWriter::age() {
  if (story_.speakable) return std::string("aged ") + std::vector<std::string>{"twenty", "thirty four", "forty one", "fifty", "sixty two"}[random_.index(5)];
  return std::to_string(random_.between(19, 88));
}

bool ClauseWriter::modifier(int member, Fragment& out, Where where) {
  std::vector<std::pair<int, int>> fitting;  // relation, pattern
  for (int r : plan_.relations) {
    if (written_.relations[std::size_t(r)]) continue;
    const StoryRelation& relation = story_.relations[std::size_t(r)];
    bool is_head = relation.head == member && where != Where::kAfterTail;
    bool is_tail = relation.tail == member && where == Where::kAfterTail;
    if (!is_head && !is_tail) continue;
    if (busy_ == (is_head ? relation.tail : relation.head)) continue;
    for (int p : patterns_of(relation.spec)) {
      const RelationPattern& pattern = relation_patterns()[std::size_t(p)];
      if (pattern.where == where && usable(pattern.test_only)) fitting.emplace_back(r, p);
    }
  }
  if (fitting.empty()) return false;
  auto [r, p] = random_.pick(fitting);
  const StoryRelation& relation = story_.relations[std::size_t(r)];
  written_.relations[std::size_t(r)] = true;
  int other = where == Where::kAfterTail ? relation.head : relation.tail;
  Fragment noun = phrase(other, false, false);
  out.add(fill(relation_patterns()[std::size_t(p)].pattern, {{'H', &noun}, {'T', &noun}}));
  return true;
}

int ClauseWriter::take(int event, int role) {
  const StoryEvent& e = story_.events[std::size_t(event)];
  std::vector<bool>& done = written_.arguments[std::size_t(event)];
  for (std::size_t i = 0; i < e.arguments.size(); ++i)
    if (e.arguments[i].first == role && !done[i]) {
      done[i] = true;
      return e.arguments[i].second;
    }
  return -1;
}

Fragment ClauseWriter::adjunct(const FrameRole& role, int member) {
  const Member& m = story_.members[std::size_t(member)];
  std::string preposition = role.preposition;
  if (preposition == "@") preposition = m.lead.empty() && m.type != "date" ? "in " : m.lead;
  Fragment out(preposition);
  return out.add(phrase(member, false, m.type != "date" && m.type != "amount"));
}

ClauseWriter::Adjuncts ClauseWriter::adjuncts(int event, const std::vector<FrameRole>& roles, bool may_lead) {
  Adjuncts out;
  std::vector<FrameRole> order = roles;
  if (order.size() > 1 && random_.chance(0.3)) std::swap(order[order.size() - 1], order[order.size() - 2]);
  for (const FrameRole& role : order) {
    int member = take(event, role.role);
    if (member < 0) continue;
    Fragment part = adjunct(role, member);
    if (may_lead && out.lead.empty() && role.preposition == "@" && random_.chance(0.3)) {
      out.lead = part;
    } else {
      out.rest.add(" ").add(part);
    }
  }
  return out;
}

const EventFrame* ClauseWriter::choose_frame(int event, bool want_noun) {
  const StoryEvent& e = story_.events[std::size_t(event)];
  if (e.frame >= 0) return &event_frames()[std::size_t(e.frame)];
  const EventFrame* best = nullptr;
  double best_score = -1;
  for (int i : frames_of(e.spec)) {
    const EventFrame& frame = event_frames()[std::size_t(i)];
    if (frame.test_only && !test()) continue;
    std::vector<int> left;
    for (const auto& [role, member] : e.arguments) left.push_back(role);
    auto claim = [&](const FrameRole& role) {
      for (std::size_t k = 0; k < e.arguments.size(); ++k) {
        if (left[k] != role.role || role.role < 0) continue;
        const std::string& type = story_.members[std::size_t(e.arguments[k].second)].type;
        if (!role.types.empty() && std::find(role.types.begin(), role.types.end(), type) == role.types.end()) continue;
        left[k] = -1;
        return true;
      }
      return false;
    };
    bool fits = true;
    double score = 0;
    if (frame.form == Form::kNoun) {
      fits = claim(frame.extras[0]);
      if (frame.extras.size() > 1) {
        bool second = claim(frame.extras[1]);
        if (frame.extras[0].role == frame.extras[1].role && !second) fits = false;
        score += second;
      }
      for (std::size_t k = 2; k < frame.extras.size(); ++k) score += claim(frame.extras[k]);
    } else {
      fits = claim(frame.subject);
      if (frame.form == Form::kTogether) fits = fits && claim(frame.subject);
      if (frame.object.role >= 0) fits = fits && claim(frame.object), score += 1;
      for (const FrameRole& role : frame.extras) {
        bool claimed = claim(role);
        score += claimed;
        if (role.required && !claimed) fits = false;
      }
    }
    if (!fits || (want_noun && frame.form != Form::kNoun)) continue;
    score += 1.2 * random_.uniform();
    if (score > best_score) best_score = score, best = &frame;
  }
  return best;
}

Fragment ClauseWriter::noun_clause(int event, const EventFrame& frame) {
  Fragment noun;
  std::size_t from = 0;
  int first = story_.events[std::size_t(event)].arguments.empty() ? -1 : peek(event, frame.extras[0].role);
  bool owner = first >= 0 && !(must_describe(first) && said(first) == 0) && story_.members[std::size_t(first)].proper && (frame.extras[0].preposition == "by " || frame.extras[0].preposition == "of ") && random_.chance(0.3) &&
               story_.members[std::size_t(first)].type != "artwork" && story_.members[std::size_t(first)].type != "product";
  if (owner) {
    noun.add(phrase(take(event, frame.extras[0].role), false, false)).add("'s ");
    from = 1;
  } else {
    noun.add(headline_ ? "" : "the ");
  }
  noun.add(trigger(frame.base, event));
  for (std::size_t i = from; i < frame.extras.size(); ++i) {
    int member = take(event, frame.extras[i].role);
    if (member >= 0) noun.add(" ").add(adjunct(frame.extras[i], member));
  }
  last_subject_ = -1;
  return noun;
}

int ClauseWriter::peek(int event, int role) {
  for (const auto& [r, member] : story_.events[std::size_t(event)].arguments)
    if (r == role) return member;
  return -1;
}

Fragment ClauseWriter::event_clause(int event) {
  written_.arguments[std::size_t(event)].assign(story_.events[std::size_t(event)].arguments.size(), false);
  const EventFrame* frame = choose_frame(event, false);
  if (!frame) {
    written_.arguments[std::size_t(event)].clear();
    return {};
  }
  noun_clause_ = frame->form == Form::kNoun;
  if (noun_clause_) {
    Fragment noun = noun_clause(event, *frame);
    if (headline_) return noun;
    return fill(wording(noun_clauses()), {{'N', &noun}});
  }
  bool transitive = frame->form == Form::kTransitive;
  bool single = count_of(event, frame->object.role) == 1 && count_of(event, frame->subject.role) == 1;
  if (frame->subject.role == frame->object.role) single = count_of(event, frame->subject.role) == 2;
  if (transitive && single && random_.chance(0.3)) return passive(event, *frame);
  return active(event, *frame);
}

Fragment ClauseWriter::list_of(int event, int role, bool subject, int& count) {
  std::vector<Fragment> parts;
  for (int member = take(event, role); member >= 0; member = take(event, role)) parts.push_back(phrase(member, subject && parts.empty(), parts.empty()));
  count = int(parts.size());
  Fragment out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i) out.add(i + 1 < parts.size() ? ", " : " and ");
    out.add(parts[i]);
  }
  return out;
}

int ClauseWriter::count_of(int event, int role) {
  int count = 0;
  for (const auto& [r, member] : story_.events[std::size_t(event)].arguments) count += r == role;
  return count;
}

Fragment ClauseWriter::active(int event, const EventFrame& frame) {
  int subject_member = peek(event, frame.subject.role);
  bool same = subject_member == last_subject_;
  busy_ = frame.object.role >= 0 ? peek(event, frame.object.role) : -1;
  Fragment subject, object;
  int doers = 1;
  if (frame.object.role == frame.subject.role) subject = phrase(take(event, frame.subject.role), true);
  else subject = list_of(event, frame.subject.role, true, doers);
  if (frame.object.role >= 0) {
    busy_ = subject_member;
    object.add(" ");
    if (frame.object.preposition == "@") {
      object.add(adjunct(frame.object, take(event, frame.object.role)));
    } else {
      int things = 0;
      object.add(frame.object.preposition).add(list_of(event, frame.object.role, false, things));
    }
  }
  Adjuncts rest = adjuncts(event, frame.extras, !headline_ && !same);
  busy_ = -1;
  bool plural = doers > 1;
  last_subject_ = plural ? -1 : subject_member;
  std::string_view pattern = wording(active_clauses());
  bool bare = plural && (pattern.find("has ") != std::string_view::npos || pattern.find("was ") != std::string_view::npos || pattern.find("is ") != std::string_view::npos || pattern.find("$T") != std::string_view::npos);
  if (headline_) pattern = random_.chance(0.75) ? "$S $T$O$A" : "$S to $B$O$A";
  else if (bare) pattern = "$S $V$O$A";
  Fragment third = trigger(plural ? frame.base : frame.third, event), past = trigger(frame.past, event), base = trigger(frame.base, event),
           participle = trigger(frame.participle, event), gerund = trigger(frame.gerund, event);
  Fragment clause = fill(pattern, {{'S', &subject}, {'T', &third}, {'V', &past}, {'B', &base}, {'P', &participle}, {'G', &gerund}, {'O', &object}, {'A', &rest.rest}});
  if (rest.lead.empty()) return clause;
  Fragment led = rest.lead;
  return led.add(random_.chance(0.8) ? ", " : " ").add(clause);
}

Fragment ClauseWriter::passive(int event, const EventFrame& frame) {
  int subject_member = take(event, frame.subject.role), object_member = take(event, frame.object.role);
  busy_ = subject_member;
  Fragment object = phrase(object_member, true);
  Fragment agent;
  busy_ = object_member;
  agent.add(" by ").add(phrase(subject_member));
  Adjuncts rest = adjuncts(event, frame.extras, !headline_);
  busy_ = -1;
  last_subject_ = object_member;
  Fragment participle = trigger(frame.participle, event);
  std::string_view pattern = headline_ ? "$O $P$Y$A" : wording(passive_clauses());
  Fragment clause;
  // Adjuncts before or after the agent.
  if (random_.chance(0.3)) {
    clause = fill(pattern, {{'O', &object}, {'P', &participle}, {'Y', &rest.rest}, {'A', &agent}});
  } else {
    clause = fill(pattern, {{'O', &object}, {'P', &participle}, {'Y', &agent}, {'A', &rest.rest}});
  }
  if (rest.lead.empty()) return clause;
  Fragment led = rest.lead;
  return led.add(", ").add(clause);
}

Fragment ClauseWriter::relation_clause(int r) {
  const StoryRelation relation = story_.relations[std::size_t(r)];
  std::vector<int> fitting;
  for (int p : patterns_of(relation.spec)) {
    const RelationPattern& pattern = relation_patterns()[std::size_t(p)];
    if (pattern.where == Where::kClause && (!pattern.test_only || test())) fitting.push_back(p);
  }
  written_.relations[std::size_t(r)] = true;
  const std::string& pattern = relation_patterns()[std::size_t(random_.pick(fitting))].pattern;
  bool head_first = pattern.find("$H") < pattern.find("$T");
  bool front = pattern[0] == '$';
  int first = head_first ? relation.head : relation.tail, second = head_first ? relation.tail : relation.head;
  busy_ = second;
  Fragment a = phrase(first, front);
  busy_ = first;
  Fragment b = phrase(second);
  busy_ = -1;
  if (front) last_subject_ = first;
  return fill(pattern, {{'H', head_first ? &a : &b}, {'T', head_first ? &b : &a}});
}

}  // namespace reamo::synth
