#include "ie/error.h"
#include "ie/medium_name.h"
#include "ie/meta_response.h"
#include "ie/meta_text.h"
#include "ie/unicode.h"

namespace reamo::ie {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{16} << 20;

[[noreturn]] void fail(std::size_t position, const std::string& reason) {
  throw Error("meta-response, byte " + std::to_string(position) + ": " + reason);
}

class StrictParser {
 public:
  explicit StrictParser(std::string_view text) : text_(text) {}

  MetaResponse parse() {
    MetaResponse response;
    expect("<UIE>");
    while (!accept("</UIE>")) response.items.push_back(item());
    while (skip_blanks(), at_ < text_.size()) response.calls.push_back(call());
    return response;
  }

 private:
  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }

  bool accept(std::string_view token) {
    skip_blanks();
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }

  void expect(std::string_view token) {
    if (!accept(token)) fail(at_, "expected \"" + std::string(token) + "\"");
  }

  // Everything up to `end`, which is read too.
  Piece until(char end, const char* what) {
    const std::size_t stop = find_plain(text_, end, at_);
    if (stop == std::string_view::npos) fail(at_, std::string(what) + " has no end");
    const Piece piece{text_.substr(at_, stop - at_), at_};
    at_ = stop + 1;
    return piece;
  }

  static std::string terminal(Piece piece, const char* what) {
    piece = trimmed(piece);
    if (piece.raw.empty()) fail(piece.position, std::string("the ") + what + " is empty");
    for (const char c : kSpecial.substr(1)) {
      const std::size_t at = find_plain(piece.raw, c);
      if (at != std::string_view::npos) {
        fail(piece.position + at,
             std::string("\"") + c + "\" in a " + what + " needs a backslash before it");
      }
    }
    std::optional<std::size_t> fault;
    std::string text = unescape(piece.raw, &fault);
    if (fault) fail(piece.position + *fault, "a backslash stands before something that needs none");
    return text;
  }

  static Ref ref(Piece piece) {
    const std::size_t hash = rfind_plain(piece.raw, '#');
    if (hash == std::string_view::npos) return {terminal(piece, "mention"), std::nullopt};
    return {terminal(piece.part(0, hash), "mention"), number(piece.part(hash + 1))};
  }

  static std::size_t number(Piece piece) {
    piece = trimmed(piece);
    const auto value = decimal(piece.raw);
    if (!value || *value == 0) fail(piece.position, "expected the number of an item, from 1");
    return *value;
  }

  // "Type: attack": the name before the colon and the value after it.
  static std::pair<Piece, Piece> named(Piece field) {
    const std::size_t colon = find_plain(field.raw, ':');
    if (colon == std::string_view::npos) fail(field.position, "expected a name and a colon");
    return {trimmed(field.part(0, colon)), field.part(colon + 1)};
  }

  static Piece value_of(Piece field, std::string_view name) {
    const auto [key, value] = named(field);
    if (key.raw != name) fail(key.position, "expected \"" + std::string(name) + ":\"");
    return value;
  }

  Item item() {
    expect("(");
    const std::size_t start = at_;
    const Piece inside = until(')', "an item");
    const bool is_event = find_plain(inside.raw, ':') != std::string_view::npos;
    std::vector<Piece> fields;
    for (std::size_t from = 0;;) {
      const std::size_t comma = find_plain(inside.raw, ',', from);
      if (comma == std::string_view::npos) {
        fields.push_back(inside.part(from));
        break;
      }
      fields.push_back(inside.part(from, comma - from));
      from = comma + 1;
    }
    if (is_event) return event(fields, start);
    if (fields.size() == 2)
      return EntityItem{terminal(fields[0], "mention"), terminal(fields[1], "type")};
    if (fields.size() == 3)
      return RelationItem{ref(fields[0]), terminal(fields[1], "type"), ref(fields[2])};
    fail(start, "an item of " + std::to_string(fields.size()) +
                    " fields is neither an entity (2) nor a relation (3)");
  }

  static EventItem event(const std::vector<Piece>& fields, std::size_t start) {
    if (fields.size() < 2) fail(start, "an event needs a type and a trigger");
    EventItem event{terminal(value_of(fields[0], "Type"), "type"),
                    terminal(value_of(fields[1], "Trigger"), "mention"),
                    {}};
    for (std::size_t i = 2; i < fields.size(); ++i) {
      const auto [role, value] = named(fields[i]);
      event.arguments.emplace_back(terminal(role, "role"), ref(value));
    }
    return event;
  }

  Call call() {
    expect("<Module>");
    const std::size_t start = at_;
    const Piece name = trimmed(until('<', "a module"));
    --at_;
    expect("</Module>");
    Call call{};
    bool known = false;
    for (const auto module : {GrounderModule::kImageSegmentation,
                              GrounderModule::kAudioSegmentation, GrounderModule::kVideoTracking}) {
      if (name.raw == module_name(module)) {
        call.module = module;
        known = true;
      }
    }
    if (!known)
      fail(start, "the module is none of ImageSegmentation, AudioSegmentation, VideoTracking");
    while (accept("<Instruction>")) call.instructions.push_back(instruction());
    return call;
  }

  Instruction instruction() {
    const Piece inside = until('<', "an instruction");
    --at_;
    expect("</Instruction>");
    const auto [target, phrase] = named(inside);
    Instruction instruction;
    const std::size_t at = target.raw.find('@');
    instruction.number = number(target.part(0, at));
    if (at != std::string_view::npos) {
      const Piece medium = trimmed(target.part(at + 1));
      if (!medium_kind(medium.raw) || medium.raw == "text")
        fail(medium.position, "expected the name of a medium");
      instruction.medium = std::string(medium.raw);
    }
    instruction.phrase = terminal(phrase, "phrase");
    return instruction;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

MetaResponse parse_strict(std::string_view text) {
  if (text.size() > kMaxBytes) throw Error("meta-response: longer than the limit of 16 MiB");
  if (!is_valid_utf8(text)) to_code_points(text);  // throws, naming the byte
  return StrictParser(text).parse();
}

}  // namespace reamo::ie
