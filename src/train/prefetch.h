// Batches made ahead of the training step, on other threads, in order.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace reamo::train {

// `make(index)` must be a function of the index alone. get() is called with consecutive indices from any start. With no
// threads the caller makes each item itself.
template <typename T>
class Prefetch {
 public:
  Prefetch(std::function<T(std::int64_t)> make, int threads, std::int64_t ahead = 4)
      : make_(std::move(make)), thread_count_(threads), ahead_(ahead) {}
  ~Prefetch() {
    {
      std::lock_guard lock(mutex_);
      stop_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  Prefetch(const Prefetch&) = delete;
  Prefetch& operator=(const Prefetch&) = delete;

  T get(std::int64_t index) {
    if (thread_count_ == 0) return make_(index);
    std::unique_lock lock(mutex_);
    if (threads_.empty()) {
      next_ = wanted_ = index;
      for (int i = 0; i < thread_count_; ++i) threads_.emplace_back([this] { work(); });
    }
    wanted_ = index;
    changed_.notify_all();
    changed_.wait(lock, [&] { return failure_ || ready_.count(index) != 0; });
    if (failure_) std::rethrow_exception(failure_);
    auto node = ready_.extract(index);
    wanted_ = index + 1;
    changed_.notify_all();
    return std::move(node.mapped());
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [&] { return stop_ || next_ < wanted_ + ahead_; });
      if (stop_) return;
      const std::int64_t index = next_++;
      lock.unlock();
      try {
        T item = make_(index);
        lock.lock();
        ready_.emplace(index, std::move(item));
      } catch (...) {
        lock.lock();
        failure_ = std::current_exception();
      }
      changed_.notify_all();
      if (failure_) return;
    }
  }

  std::function<T(std::int64_t)> make_;
  int thread_count_;
  std::int64_t ahead_;
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::int64_t, T> ready_;
  std::int64_t next_ = 0, wanted_ = 0;
  bool stop_ = false;
  std::exception_ptr failure_;
};

}  // namespace reamo::train
