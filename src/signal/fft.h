// The discrete Fourier transform of power-of-two lengths.
#pragma once

#include <complex>
#include <cstddef>
#include <span>
#include <vector>

namespace reamo::signal {

// Tables for one length; const and safe to share between threads.
class Fft {
 public:
  explicit Fft(std::size_t size);  // a power of two, at least 2, else std::invalid_argument
  std::size_t size() const { return size_; }
  // In place, X[k] = sum x[n] exp(-2 pi i k n / size); the inverse divides by size.
  void forward(std::span<std::complex<double>> values) const;
  void inverse(std::span<std::complex<double>> values) const;
  // |X[k]|^2 of real input, k = 0 .. size / 2.
  void power(std::span<const double> input, std::span<double> output) const;

 private:
  void transform(std::span<std::complex<double>> values, bool inverse) const;
  std::size_t size_;
  std::vector<std::complex<double>> twiddles_;  // exp(-2 pi i k / size), k < size / 2
  std::vector<std::size_t> reversed_;
};

}  // namespace reamo::signal
