// The classes of errors of the published analysis (PAPER section 7), counted.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "eval/options.h"
#include "ie/result.h"

namespace reamo::eval {

enum class ItemKind : std::size_t { kEntity, kRelation, kTrigger, kArgument };
inline constexpr std::size_t kItemKinds = 4;
const char* item_kind_name(ItemKind kind);  // "entity", ..

// Items of one kind. gold = right + wrong_type + propagated + incomplete; predicted = right + wrong_type + repeated + invented.
struct ItemErrors {
  std::size_t gold = 0, right = 0;
  std::size_t wrong_type = 0;  // the same place (ends, word, entity) with another type or role
  std::size_t propagated = 0;  // not found, and an entity or trigger that it is made of was not found either
  std::size_t incomplete = 0;  // not found otherwise
  std::size_t predicted = 0;
  std::size_t repeated = 0;  // predicted again, with the same type and key
  std::size_t invented = 0;  // predicted and none of the above
  ItemErrors& operator+=(const ItemErrors& other);
  friend bool operator==(const ItemErrors&, const ItemErrors&) = default;
};

// Places of gold entities, one for each key and medium outside the text where gold has it:
// present = right + wrong_match + misplaced + missed + propagated; and of absent ones, `over` were predicted.
struct PlaceErrors {
  std::size_t present = 0, right = 0;
  std::size_t wrong_match = 0;  // the place of another gold entity of the medium
  std::size_t misplaced = 0;    // a place of none
  std::size_t missed = 0;       // no place there
  std::size_t propagated = 0;   // the entity itself was not predicted
  std::size_t absent = 0, over = 0;  // of the keys that were predicted
  PlaceErrors& operator+=(const PlaceErrors& other);
  friend bool operator==(const PlaceErrors&, const PlaceErrors&) = default;
};

struct ErrorCounts {
  std::array<ItemErrors, kItemKinds> items;
  PlaceErrors places;
  const ItemErrors& of(ItemKind kind) const { return items[static_cast<std::size_t>(kind)]; }
  ErrorCounts& operator+=(const ErrorCounts& other);
  friend bool operator==(const ErrorCounts&, const ErrorCounts&) = default;
};

enum class ItemState { kRight, kMisplaced, kWrongType, kMissing, kExtra };
const char* item_state_name(ItemState state);  // "right", ..

// A gold item beside the predicted one, in words; "" where there is none.
struct ItemPair {
  ItemKind kind = ItemKind::kEntity;
  ItemState state = ItemState::kRight;
  std::string gold, pred;
};

struct ErrorAnalysis {
  ErrorCounts counts;
  std::vector<ItemPair> pairs;  // only where asked for
};
// `pred` null: nothing was predicted. Tasks that the gold result was not asked for are left out.
ErrorAnalysis analyse(const ie::Result& gold, const ie::Result* pred, const Options& options, bool with_pairs);

}  // namespace reamo::eval
