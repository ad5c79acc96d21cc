// The folders under src/ are levels (ARCHITECTURE.md): each may include its own headers and those of the folders in
// its row, nothing else of ours.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;

const Names kBelowLevel5{"ie",      "signal",   "store", "eval",     "media", "nn",      "encoder", "reasoner",
                         "grounder", "synth",    "pipeline", "train", "convert", "data", "report"};

Names with(Names names, const Names& more) {
  names.insert(more.begin(), more.end());
  return names;
}

// Who knows whom. A name with a slash allows that header only (without its ending).
const std::map<std::string, Names> kKnows{
    {"ie", {}},
    {"signal", {"ie"}},
    {"store", {"ie"}},
    {"eval", {"ie"}},
    {"media", {"ie", "signal"}},
    {"nn", {"ie", "store"}},
    {"encoder", {"ie", "signal", "store", "nn"}},
    {"reasoner", {"ie", "store", "nn"}},
    {"grounder", {"ie", "signal", "store", "nn"}},
    {"synth", {"ie", "signal", "store"}},
    {"pipeline", {"ie", "signal", "store", "eval", "media", "nn", "encoder", "reasoner", "grounder"}},
    {"train", {"ie", "signal", "store", "eval", "nn", "encoder", "reasoner", "grounder", "synth"}},
    {"convert", {"ie", "store", "nn", "encoder", "reasoner", "grounder"}},
    {"data", {"ie", "signal", "store", "media", "synth", "reasoner/tokenizer"}},
    {"report", {"ie", "signal", "media"}},
    {"parity", kBelowLevel5},
    {"benchmark", kBelowLevel5},
    {"cli", with(kBelowLevel5, {"parity", "benchmark"})},
};

bool is_source(const fs::path& path) {
  static const Names kEndings{".h", ".hpp", ".cpp", ".cc", ".inc"};
  return kEndings.contains(path.extension().string());
}

std::string joined(const Names& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "nothing" : text;
}

// A sentence for each include that the row of `folder` does not have.
std::vector<std::string> faults_of(const std::string& folder, const fs::path& file, const std::string& shown) {
  static const std::regex kInclude(R"re(^\s*#\s*include\s*"([^"/]+)/([^"]+)")re");
  std::vector<std::string> faults;
  Names known = kKnows.at(folder);
  if (file.stem().string().ends_with("_test")) known.insert("store");  // tests read reference tensors
  std::ifstream stream(file);
  std::string line;
  for (int number = 1; std::getline(stream, line); ++number) {
    std::smatch match;
    if (!std::regex_search(line, match, kInclude)) continue;
    const std::string other = match[1], header = match[2];
    if (!kKnows.contains(other) || other == folder || known.contains(other)) continue;
    if (known.contains(other + "/" + header.substr(0, header.rfind('.')))) continue;
    faults.push_back(shown + ", line " + std::to_string(number) + ": src/" + folder + " includes \"" + other + "/" + header +
                     "\", but it may know only " + joined(known) + ".");
  }
  return faults;
}

TEST(Levels, FoldersIncludeOnlyWhatTheirRowHas) {
  const fs::path root = fs::path(REAMO_SOURCE_DIR) / "src";
  std::size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (!entry.is_regular_file() || !is_source(entry.path())) continue;
    const fs::path shown = fs::relative(entry.path(), root);
    const std::string folder = shown.begin()->string();
    ASSERT_TRUE(kKnows.contains(folder)) << "src/" << folder << " has no row in this test and in ARCHITECTURE.md.";
    ++files;
    for (const std::string& fault : faults_of(folder, entry.path(), "src/" + shown.generic_string())) ADD_FAILURE() << fault;
  }
  EXPECT_GT(files, 0u);
}

TEST(Levels, RowsGoDownwards) {
  // No folder reaches itself through the rows.
  for (const auto& [folder, known] : kKnows) {
    Names reached, next{folder};
    while (!next.empty()) {
      Names after;
      for (const std::string& name : next) {
        for (const std::string& below : kKnows.at(name)) {
          const std::string other = below.substr(0, below.find('/'));
          ASSERT_TRUE(kKnows.contains(other)) << "src/" << other << " has no row.";
          if (reached.insert(other).second) after.insert(other);
        }
      }
      next = std::move(after);
    }
    EXPECT_FALSE(reached.contains(folder)) << "src/" << folder << " knows itself through its row.";
  }
}

TEST(Levels, AFaultIsSeen) {
  const fs::path file = fs::path(testing::TempDir()) / "reamo_levels_fault.cpp";
  std::ofstream(file) << "#include \"ie/mask.h\"\n#include <vector>\n  #  include \"nn/weights.h\"\n#include \"reasoner/tokenizer.h\"\n";
  EXPECT_EQ(faults_of("signal", file, "x.cpp").size(), 2u);
  EXPECT_EQ(faults_of("data", file, "x.cpp").size(), 1u);
  EXPECT_EQ(faults_of("nn", file, "x.cpp").size(), 1u);
  EXPECT_TRUE(faults_of("cli", file, "x.cpp").empty());
  EXPECT_EQ(faults_of("signal", file, "x.cpp")[0],
            "x.cpp, line 3: src/signal includes \"nn/weights.h\", but it may know only ie.");
}

}  // namespace
