#include "eval/assignment.h"

#include <algorithm>
#include <limits>

namespace reamo::eval {
namespace {

using Assignment = std::vector<std::optional<std::size_t>>;

// Shortest augmenting paths with potentials (Kuhn-Munkres); rows <= columns, costs are minimised.
std::vector<std::size_t> cheapest_columns(
    std::size_t rows, std::size_t columns,
    const std::function<double(std::size_t, std::size_t)>& cost) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  std::vector<double> row_potential(rows + 1, 0), column_potential(columns + 1, 0);
  std::vector<std::size_t> row_of(columns + 1, 0), way(columns + 1, 0);  // 1-based; 0 is none
  for (std::size_t row = 1; row <= rows; ++row) {
    row_of[0] = row;
    std::size_t column = 0;
    std::vector<double> least(columns + 1, kInfinity);
    std::vector<bool> used(columns + 1, false);
    do {
      used[column] = true;
      const std::size_t r = row_of[column];
      double delta = kInfinity;
      std::size_t next = 0;
      for (std::size_t c = 1; c <= columns; ++c) {
        if (used[c]) continue;
        const double reduced = cost(r - 1, c - 1) - row_potential[r] - column_potential[c];
        if (reduced < least[c]) {
          least[c] = reduced;
          way[c] = column;
        }
        if (least[c] < delta) {
          delta = least[c];
          next = c;
        }
      }
      for (std::size_t c = 0; c <= columns; ++c) {
        if (used[c]) {
          row_potential[row_of[c]] += delta;
          column_potential[c] -= delta;
        } else {
          least[c] -= delta;
        }
      }
      column = next;
    } while (row_of[column] != 0);
    while (column != 0) {
      row_of[column] = row_of[way[column]];
      column = way[column];
    }
  }
  std::vector<std::size_t> columns_of(rows);
  for (std::size_t c = 1; c <= columns; ++c) {
    if (row_of[c] != 0) columns_of[row_of[c] - 1] = c - 1;
  }
  return columns_of;
}

}  // namespace

Assignment best_assignment(const std::vector<std::vector<double>>& scores) {
  const std::size_t rows = scores.size(), columns = rows == 0 ? 0 : scores[0].size();
  Assignment assignment(rows);
  if (columns == 0) return assignment;
  if (rows <= columns) {
    const auto chosen = cheapest_columns(
        rows, columns, [&](std::size_t r, std::size_t c) { return -scores[r][c]; });
    for (std::size_t r = 0; r < rows; ++r) assignment[r] = chosen[r];
  } else {
    const auto chosen = cheapest_columns(
        columns, rows, [&](std::size_t c, std::size_t r) { return -scores[r][c]; });
    for (std::size_t c = 0; c < columns; ++c) assignment[chosen[c]] = c;
  }
  return assignment;
}

Assignment largest_matching(std::size_t rows, std::size_t columns,
                            const std::function<bool(std::size_t, std::size_t)>& fits) {
  std::vector<std::vector<std::size_t>> options(rows);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c) {
      if (fits(r, c)) options[r].push_back(c);
    }
  }
  Assignment row_of(columns), column_of(rows);
  for (std::size_t start = 0; start < rows; ++start) {
    // Breadth first from `start` to a free column, then flip the path.
    std::vector<std::optional<std::size_t>> reached_from(columns);
    std::vector<std::size_t> queue{start};
    std::optional<std::size_t> end;
    for (std::size_t q = 0; q < queue.size() && !end; ++q) {
      for (const std::size_t c : options[queue[q]]) {
        if (reached_from[c]) continue;
        reached_from[c] = queue[q];
        if (!row_of[c]) {
          end = c;
          break;
        }
        queue.push_back(*row_of[c]);
      }
    }
    while (end) {
      const std::size_t row = *reached_from[*end];
      const auto before = column_of[row];
      row_of[*end] = row;
      column_of[row] = *end;
      end = before;
    }
  }
  return column_of;
}

std::size_t largest_matching_size(std::size_t rows, std::size_t columns,
                                  const std::function<bool(std::size_t, std::size_t)>& fits) {
  const auto matching = largest_matching(rows, columns, fits);
  return static_cast<std::size_t>(
      std::count_if(matching.begin(), matching.end(), [](const auto& c) { return c.has_value(); }));
}

}  // namespace reamo::eval
