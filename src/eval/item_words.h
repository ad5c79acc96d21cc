// Items in words, for people.
#pragma once

#include <string>

#include "ie/result.h"

namespace reamo::eval {

// Mary Chen (person); text 0-9; image-0 [10, 20, 30, 40]; audio-0 1.20-1.75 s; video-0 12 frames, 0.04-3.20 s; not in image-1
std::string entity_words(const ie::Entity& entity);
// Mary Chen, works for, Harbor Bank
std::string relation_words(const ie::Entity& head, const std::string& type, const ie::Entity& tail);
// Attack: bombed; text 20-26
std::string trigger_words(const ie::Event& event);
// Attack (bombed), attacker: Mary Chen
std::string argument_words(const ie::Event& event, const std::string& role, const ie::Entity& entity);

}  // namespace reamo::eval
