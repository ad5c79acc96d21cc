// The assignment problem.
#pragma once

#include <vector>

namespace reamo::grounder {

// cost[row][column], all rows of one length. The column of each row, -1 where there are fewer columns than rows and the
// row gets none, so that the sum of the chosen costs is smallest (Hungarian method, O(n^3)).
std::vector<int> assign(const std::vector<std::vector<double>>& cost);

}  // namespace reamo::grounder
