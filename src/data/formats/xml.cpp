#include "data/formats/xml.h"

#include <algorithm>

#include "data/formats/text_lines.h"
#include "ie/error.h"
#include "ie/unicode.h"
#include "store/tensor_file.h"

namespace reamo::data {
namespace {

constexpr int kMaxDepth = 32;
constexpr std::size_t kMaxFileBytes = std::size_t{256} << 20, kMaxAttributes = 100;

class Parser {
 public:
  Parser(std::string_view text, const std::function<void(const XmlNode&)>& visit)
      : text_(text), visit_(visit) {}

  XmlNode read() {
    skip_misc();
    XmlNode root = element(0);
    skip_misc();
    if (at_ < text_.size()) fail("there is something after the root element");
    return root;
  }

 private:
  [[noreturn]] void fail(const std::string& reason) const {
    throw Error("line " + std::to_string(line_) + ": " + reason);
  }

  bool looking_at(std::string_view what) const { return text_.substr(at_).starts_with(what); }
  void advance(std::size_t count) {
    line_ += static_cast<std::uint64_t>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(at_),
                                                   text_.begin() + static_cast<std::ptrdiff_t>(at_ + count),
                                                   '\n'));
    at_ += count;
  }
  // The text up to `end`, which is passed over.
  std::string_view up_to(std::string_view end, const char* what) {
    const auto found = text_.find(end, at_);
    if (found == std::string_view::npos) fail(std::string(what) + " never ends");
    const auto part = text_.substr(at_, found - at_);
    advance(found + end.size() - at_);
    return part;
  }
  void skip_blanks() {
    const auto found = text_.find_first_not_of(" \t\r\n", at_);
    advance((found == std::string_view::npos ? text_.size() : found) - at_);
  }
  bool skip_comment() {
    if (looking_at("<!--")) {
      up_to("-->", "a comment");
    } else if (looking_at("<?")) {
      up_to("?>", "a processing instruction");
    } else {
      return false;
    }
    return true;
  }
  void skip_misc() {
    for (;;) {
      skip_blanks();
      if (skip_comment()) continue;
      if (!looking_at("<!DOCTYPE")) return;
      if (up_to(">", "the document type").find('[') != std::string_view::npos)
        fail("a document type with declarations is not read");
    }
  }

  std::string name() {
    const auto end = text_.find_first_of(" \t\r\n/>=<\"'&", at_);
    const auto found = text_.substr(at_, (end == std::string_view::npos ? text_.size() : end) - at_);
    if (found.empty() || found.size() > 200) fail("a name is missing");
    advance(found.size());
    return std::string(found);
  }

  std::string unescaped(std::string_view raw) const {
    std::string text;
    for (std::size_t i = 0; i < raw.size(); ++i) {
      if (raw[i] != '&') {
        text += raw[i];
        continue;
      }
      const auto end = raw.find(';', i);
      if (end == std::string_view::npos || end - i > 12) fail("'&' begins no entity");
      const auto entity = raw.substr(i + 1, end - i - 1);
      i = end;
      if (entity == "amp")
        text += '&';
      else if (entity == "lt")
        text += '<';
      else if (entity == "gt")
        text += '>';
      else if (entity == "quot")
        text += '"';
      else if (entity == "apos")
        text += '\'';
      else
        ie::append_utf8(text, character(entity));
    }
    return text;
  }

  char32_t character(std::string_view entity) const {
    const bool hex = entity.starts_with("#x");
    std::uint32_t code = 0;
    const auto digits = entity.substr(std::min(entity.size(), std::size_t{hex ? 2U : 1U}));
    bool good = entity.starts_with("#") && !digits.empty() && digits.size() <= 7;
    for (const char c : digits) {
      const auto at = std::string_view("0123456789abcdef").find(static_cast<char>(c | (c >= 'A' ? 0x20 : 0)));
      if (at == std::string_view::npos || (!hex && at > 9)) {
        good = false;
        break;
      }
      code = code * (hex ? 16 : 10) + static_cast<std::uint32_t>(at);
    }
    if (!good || code == 0 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
      fail("the entity &" + std::string(entity) + "; is not known");
    return code;
  }

  void attributes(XmlNode& node) {
    for (skip_blanks(); at_ < text_.size() && text_[at_] != '>' && text_[at_] != '/'; skip_blanks()) {
      std::string key = name();
      skip_blanks();
      if (!looking_at("=")) fail("an attribute has no value");
      advance(1);
      skip_blanks();
      const char quote = at_ < text_.size() ? text_[at_] : ' ';
      if (quote != '"' && quote != '\'') fail("the value of an attribute has no quotes");
      advance(1);
      std::string value = unescaped(up_to(std::string_view(&quote, 1), "the value of an attribute"));
      if (!node.attributes.emplace(std::move(key), std::move(value)).second)
        fail("an attribute is there twice");
      if (node.attributes.size() > kMaxAttributes) fail("an element has more than 100 attributes");
    }
  }

  XmlNode element(int depth) {
    if (depth >= kMaxDepth) fail("nested deeper than " + std::to_string(kMaxDepth) + " levels");
    if (!looking_at("<")) fail("an element is missing");
    XmlNode node;
    node.line = line_;
    advance(1);
    node.name = name();
    attributes(node);
    if (looking_at("/>")) {
      advance(2);
      return node;
    }
    if (!looking_at(">")) fail("the tag <" + node.name + "> never ends");
    advance(1);
    content(node, depth);
    return node;
  }

  void content(XmlNode& node, int depth) {
    for (;;) {
      if (at_ >= text_.size()) fail("the element <" + node.name + "> never ends");
      if (looking_at("</")) break;
      if (skip_comment()) continue;
      if (looking_at("<![CDATA[")) {
        advance(9);
        node.text += up_to("]]>", "a CDATA section");
      } else if (looking_at("<")) {
        XmlNode child = element(depth + 1);
        if (depth == 0 && visit_) {
          visit_(child);
        } else {
          node.children.push_back(std::move(child));
        }
      } else {
        const auto end = text_.find('<', at_);
        const auto raw = text_.substr(at_, (end == std::string_view::npos ? text_.size() : end) - at_);
        node.text += unescaped(raw);
        advance(raw.size());
      }
    }
    advance(2);
    if (name() != node.name) fail("the element <" + node.name + "> is closed by another tag");
    skip_blanks();
    if (!looking_at(">")) fail("a closing tag never ends");
    advance(1);
    node.text = std::string(trimmed(node.text));
  }

  std::string_view text_;
  const std::function<void(const XmlNode&)>& visit_;
  std::size_t at_ = 0;
  std::uint64_t line_ = 1;
};

}  // namespace

const XmlNode* XmlNode::find(std::string_view child) const {
  const auto found =
      std::find_if(children.begin(), children.end(), [&](const XmlNode& node) { return node.name == child; });
  return found == children.end() ? nullptr : &*found;
}

const XmlNode& XmlNode::at(std::string_view child) const {
  const XmlNode* found = find(child);
  if (found == nullptr) throw Error("the element <" + name + "> has no <" + std::string(child) + ">");
  return *found;
}

const std::string& XmlNode::attribute(const std::string& key) const {
  const auto found = attributes.find(key);
  if (found == attributes.end()) throw Error("the element <" + name + "> has no attribute " + key);
  return found->second;
}

XmlNode read_xml(const std::filesystem::path& path, const std::function<void(const XmlNode&)>& visit) {
  std::string text = store::read_file(path, kMaxFileBytes);
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  if (!ie::is_valid_utf8(text)) throw Error("is not UTF-8");
  return Parser(text, visit).read();
}

std::string xml_escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\n':
        escaped += "&#10;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

}  // namespace reamo::data
