// One-to-one assignments.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

namespace reamo::eval {

// The one-to-one assignment of rows to columns with the largest total of `scores[row][column]`
// (finite). As many pairs as the smaller side; the column of each row, or nullopt.
std::vector<std::optional<std::size_t>> best_assignment(
    const std::vector<std::vector<double>>& scores);

// The largest number of one-to-one pairs among those that `fits` allows; the column of each row, or
// nullopt.
std::vector<std::optional<std::size_t>> largest_matching(
    std::size_t rows, std::size_t columns,
    const std::function<bool(std::size_t, std::size_t)>& fits);
std::size_t largest_matching_size(std::size_t rows, std::size_t columns,
                                  const std::function<bool(std::size_t, std::size_t)>& fits);

}  // namespace reamo::eval
