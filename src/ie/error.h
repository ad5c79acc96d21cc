// Errors that a user can act on.
#pragma once

#include <stdexcept>
#include <string>

namespace reamo {

// Something foreign (a file, a document, a checkpoint) is missing, broken or over a limit. The message is one
// sentence: what, where, and what would be right. The program ends with exit code 1.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The command line, schema or JSON given as an option is wrong. The program ends with exit code 2.
class UsageError : public Error {
 public:
  using Error::Error;
};

}  // namespace reamo
