# Sources and tests of the visual grounder, relative to src/grounder.
set(visual_sources
  visual/attention.cpp
  visual/dot_product.cpp
  visual/focalnet.cpp
  visual/grounding_loss.cpp
  visual/mask_decoder.cpp
  visual/pixel_decoder.cpp
  visual/preprocess.cpp
  visual/seem.cpp
  visual/seem_config.cpp
  visual/text_encoder.cpp)
set(visual_tests
  visual/grounding_loss_test.cpp)
