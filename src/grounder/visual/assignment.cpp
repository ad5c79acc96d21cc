#include "grounder/visual/assignment.h"

#include <algorithm>
#include <limits>

namespace reamo::grounder {
namespace {

// Rows <= columns. Shortest augmenting paths with potentials; index 0 is a sentinel.
std::vector<int> assign_wide(const std::vector<std::vector<double>>& cost) {
  const std::size_t rows = cost.size(), columns = cost[0].size();
  std::vector<double> row_potential(rows + 1, 0), column_potential(columns + 1, 0);
  std::vector<std::size_t> row_of(columns + 1, 0), came_from(columns + 1, 0);
  for (std::size_t row = 1; row <= rows; ++row) {
    row_of[0] = row;
    std::size_t column = 0;
    std::vector<double> slack(columns + 1, std::numeric_limits<double>::infinity());
    std::vector<char> used(columns + 1, 0);
    do {
      used[column] = 1;
      const std::size_t current = row_of[column];
      double step = std::numeric_limits<double>::infinity();
      std::size_t next = 0;
      for (std::size_t j = 1; j <= columns; ++j) {
        if (used[j]) continue;
        const double reduced = cost[current - 1][j - 1] - row_potential[current] - column_potential[j];
        if (reduced < slack[j]) slack[j] = reduced, came_from[j] = column;
        if (slack[j] < step) step = slack[j], next = j;
      }
      for (std::size_t j = 0; j <= columns; ++j) {
        if (used[j]) row_potential[row_of[j]] += step, column_potential[j] -= step;
        else slack[j] -= step;
      }
      column = next;
    } while (row_of[column] != 0);
    while (column != 0) {
      row_of[column] = row_of[came_from[column]];
      column = came_from[column];
    }
  }
  std::vector<int> column_of(rows, -1);
  for (std::size_t j = 1; j <= columns; ++j) {
    if (row_of[j] != 0) column_of[row_of[j] - 1] = int(j - 1);
  }
  return column_of;
}

}  // namespace

std::vector<int> assign(const std::vector<std::vector<double>>& cost) {
  if (cost.empty()) return {};
  const std::size_t rows = cost.size(), columns = cost[0].size();
  if (columns == 0) return std::vector<int>(rows, -1);
  if (rows <= columns) return assign_wide(cost);
  std::vector<std::vector<double>> turned(columns, std::vector<double>(rows));
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) turned[j][i] = cost[i][j];
  }
  const std::vector<int> row_of = assign_wide(turned);
  std::vector<int> column_of(rows, -1);
  for (std::size_t j = 0; j < columns; ++j) column_of[std::size_t(row_of[j])] = int(j);
  return column_of;
}

}  // namespace reamo::grounder
