// How the process keeps its memory.
#pragma once

namespace reamo::nn {

// Lets the allocator keep freed memory for the next tensor instead of returning it to the system: large tensors that come
// and go otherwise cost a page fault for every 4 KiB, each time. Once, at the start of a program.
void keep_freed_memory();

}  // namespace reamo::nn
