# Sources and tests of the audio grounder, relative to src/grounder.
set(audio_sources
  audio/ctc_align.cpp
  audio/listener_net.cpp
  audio/log_mel_net.cpp
  audio/speech_text.cpp
  audio/wav2vec2.cpp
  audio/word_times.cpp)
set(audio_tests)
