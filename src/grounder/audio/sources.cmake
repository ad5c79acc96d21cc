# Sources and tests of the audio grounder, relative to src/grounder.
set(audio_sources)
set(audio_tests)
