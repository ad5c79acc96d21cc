// The schema that a set of gold results uses.
#pragma once

#include <map>
#include <set>
#include <string>

#include "ie/result.h"

namespace reamo::data {

// Types in alphabetical order; heads, tails and roles allow the entity types that were seen there. A task
// that no result has is not asked.
class SchemaCollector {
 public:
  void add(const ie::Result& result);
  ie::Schema schema() const;

 private:
  struct Pair {
    std::set<std::string> head, tail;
  };

  ie::Tasks tasks_;
  std::set<std::string> entities_;
  std::map<std::string, Pair> relations_;
  std::map<std::string, std::map<std::string, std::set<std::string>>> events_;  // type, role, entity types
};

}  // namespace reamo::data
