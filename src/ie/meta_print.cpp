#include <algorithm>
#include <array>

#include "ie/meta_response.h"
#include "ie/meta_text.h"

namespace reamo::ie {
namespace {

class Printer {
 public:
  explicit Printer(Spacing spacing) : pad_(spacing == Spacing::kSpaced ? " " : "") {}

  std::string print(const MetaResponse& response) {
    text_ = "<UIE>";
    for (const Item& item : response.items) {
      text_ += " (" + pad_;
      std::visit(*this, item);
      text_ += pad_ + ")";
    }
    text_ += " </UIE>";
    for (const Call& call : response.calls) print_call(call);
    return std::move(text_);
  }

  void operator()(const EntityItem& item) {
    text_ += escape(item.mention) + comma() + escape(item.type);
  }

  void operator()(const RelationItem& item) {
    print_ref(item.head);
    text_ += comma() + escape(item.type) + comma();
    print_ref(item.tail);
  }

  void operator()(const EventItem& item) {
    text_ += "Type: " + escape(item.type) + comma() + "Trigger: " + escape(item.trigger);
    for (const auto& [role, ref] : item.arguments) {
      text_ += comma() + escape(role) + ": ";
      print_ref(ref);
    }
  }

 private:
  std::string comma() const { return pad_ + ", "; }

  void print_ref(const Ref& ref) {
    text_ += escape(ref.mention);
    if (ref.number) text_ += pad_ + "#" + std::to_string(*ref.number);
  }

  void print_call(const Call& call) {
    text_ += "\n<Module>" + pad_ + std::string(module_name(call.module)) + pad_ + "</Module>";
    for (const Instruction& instruction : call.instructions) {
      text_ += " <Instruction>" + pad_ + std::to_string(instruction.number);
      if (instruction.medium) text_ += "@" + *instruction.medium;
      text_ += ": " + escape(instruction.phrase) + pad_ + "</Instruction>";
    }
  }

  std::string pad_, text_;
};

// The published parser reads no line breaks inside a tag.
std::string on_one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace

std::string_view module_name(GrounderModule module) {
  constexpr std::array<std::string_view, 3> kNames{"ImageSegmentation", "AudioSegmentation",
                                                   "VideoTracking"};
  return kNames[static_cast<std::size_t>(module)];
}

std::string escape(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size() + 8);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool at_end = i == 0 || i + 1 == text.size();
    if (c == '\n') {
      escaped += "\\n";
      continue;
    }
    if (kSpecial.find(c) != std::string_view::npos || (at_end && is_blank(c))) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string print(const MetaResponse& response, Spacing spacing) {
  return Printer(spacing).print(response);
}

std::string print_published(const MetaResponse& response) {
  std::string text = "<UIE> ";
  for (const Item& item : response.items) {
    if (const auto* entity = std::get_if<EntityItem>(&item)) {
      text += "(" + entity->mention + ", " + entity->type + ")";
    } else if (const auto* relation = std::get_if<RelationItem>(&item)) {
      text += "(" + relation->head.mention + ", " + relation->type + ", " + relation->tail.mention +
              ")";
    } else {
      const auto& event = std::get<EventItem>(item);
      text += "(Type: " + event.type + ", Trigger: " + event.trigger;
      for (const auto& [role, ref] : event.arguments) text += ", " + role + ": " + ref.mention;
      text += ")";
    }
  }
  constexpr std::array<std::string_view, 3> kVerbs{"segmentation", "speech", "tracking"};
  for (const Call& call : response.calls) {
    text += " <Module>" + std::string(module_name(call.module)) + "</Module>";
    for (const Instruction& instruction : call.instructions) {
      text += " <Instruction>" + std::string(kVerbs[static_cast<std::size_t>(call.module)]) + ": " +
              instruction.phrase + "</Instruction>";
    }
  }
  return on_one_line(std::move(text));
}

}  // namespace reamo::ie
