# Sources and tests of the visual grounder, relative to src/grounder.
set(visual_sources
  visual/seem_config.cpp)
set(visual_tests)
