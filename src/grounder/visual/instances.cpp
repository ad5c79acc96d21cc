#include "grounder/visual/instances.h"

#include <algorithm>
#include <functional>

namespace reamo::grounder {
namespace {

// The mean of the `top` largest values in and around the cells of a group.
double group_evidence(const std::vector<int>& cells, std::span<const float> evidence, int height, int width, int top,
                      std::vector<int>& mark, int stamp) {
  std::vector<float> near;
  for (const int cell : cells) {
    const int y = cell / width, x = cell % width;
    for (int v = std::max(0, y - 1); v <= std::min(height - 1, y + 1); ++v) {
      for (int u = std::max(0, x - 1); u <= std::min(width - 1, x + 1); ++u) {
        if (mark[v * width + u] == stamp) continue;
        mark[v * width + u] = stamp;
        near.push_back(evidence[v * width + u]);
      }
    }
  }
  const std::size_t count = std::min<std::size_t>(std::size_t(top), near.size());
  std::partial_sort(near.begin(), near.begin() + std::ptrdiff_t(count), near.end(), std::greater<>());
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += near[i];
  return count > 0 ? sum / double(count) : 0;
}

}  // namespace

std::vector<CellGroup> connected_groups(std::span<const float> values, int height, int width, float level,
                                        std::span<const float> evidence, int top, double min_share) {
  std::vector<CellGroup> groups;
  std::vector<char> seen(values.size(), 0);
  std::vector<int> stack;
  std::size_t largest = 0;
  for (int start = 0; start < height * width; ++start) {
    if (seen[start] || !(values[start] > level)) continue;
    CellGroup group;
    stack.assign(1, start);
    seen[start] = 1;
    while (!stack.empty()) {
      const int cell = stack.back(), y = cell / width, x = cell % width;
      stack.pop_back();
      group.cells.push_back(cell);
      const auto visit = [&](bool inside, int next) {
        if (!inside || seen[next] || !(values[next] > level)) return;
        seen[next] = 1;
        stack.push_back(next);
      };
      visit(y > 0, cell - width);
      visit(y + 1 < height, cell + width);
      visit(x > 0, cell - 1);
      visit(x + 1 < width, cell + 1);
    }
    largest = std::max(largest, group.cells.size());
    groups.push_back(std::move(group));
  }
  std::erase_if(groups, [&](const CellGroup& g) { return double(g.cells.size()) < min_share * double(largest); });
  std::vector<int> mark(values.size(), -1);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    groups[i].evidence = group_evidence(groups[i].cells, evidence, height, width, top, mark, int(i));
  }
  std::stable_sort(groups.begin(), groups.end(),
                   [](const CellGroup& a, const CellGroup& b) { return a.evidence > b.evidence; });
  return groups;
}

std::vector<int> nearest_group(const std::vector<CellGroup>& groups, int height, int width, int reach) {
  std::vector<int> owner(std::size_t(height) * width, -1), front, next;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    for (const int cell : groups[i].cells) {
      owner[cell] = int(i);
      front.push_back(cell);
    }
  }
  for (int step = 0; step < reach; ++step) {
    next.clear();
    for (const int cell : front) {
      const int y = cell / width, x = cell % width;
      const auto claim = [&](bool inside, int other) {
        if (!inside || owner[other] >= 0) return;
        owner[other] = owner[cell];
        next.push_back(other);
      };
      claim(y > 0, cell - width);
      claim(y + 1 < height, cell + width);
      claim(x > 0, cell - 1);
      claim(x + 1 < width, cell + 1);
    }
    front.swap(next);
  }
  return owner;
}

}  // namespace reamo::grounder
