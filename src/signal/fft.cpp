#include "signal/fft.h"

#include <bit>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <utility>

namespace reamo::signal {

Fft::Fft(std::size_t size) : size_(size) {
  if (size < 2 || !std::has_single_bit(size)) throw std::invalid_argument("the length of an FFT must be a power of two");
  for (std::size_t k = 0; k < size / 2; ++k) {
    const double angle = -2 * std::numbers::pi * double(k) / double(size);
    twiddles_.emplace_back(std::cos(angle), std::sin(angle));
  }
  reversed_.assign(size, 0);
  for (std::size_t i = 1; i < size; ++i) reversed_[i] = (reversed_[i >> 1] >> 1) | ((i & 1) ? size >> 1 : 0);
}

void Fft::transform(std::span<std::complex<double>> values, bool inverse) const {
  if (values.size() != size_) throw std::invalid_argument("the FFT was made for another length");
  for (std::size_t i = 0; i < size_; ++i) {
    if (i < reversed_[i]) std::swap(values[i], values[reversed_[i]]);
  }
  for (std::size_t half = 1; half < size_; half *= 2) {
    const std::size_t stride = size_ / (2 * half);
    for (std::size_t block = 0; block < size_; block += 2 * half) {
      for (std::size_t k = 0; k < half; ++k) {
        const double real = twiddles_[k * stride].real();
        const double imaginary = inverse ? -twiddles_[k * stride].imag() : twiddles_[k * stride].imag();
        auto &even = values[block + k], &odd = values[block + k + half];
        const std::complex<double> turned(odd.real() * real - odd.imag() * imaginary,
                                          odd.real() * imaginary + odd.imag() * real);
        odd = even - turned;
        even += turned;
      }
    }
  }
}

void Fft::forward(std::span<std::complex<double>> values) const { transform(values, false); }

void Fft::inverse(std::span<std::complex<double>> values) const {
  transform(values, true);
  for (auto& value : values) value /= double(size_);
}

void Fft::power(std::span<const double> input, std::span<double> output) const {
  if (input.size() != size_ || output.size() != size_ / 2 + 1) throw std::invalid_argument("the FFT was made for another length");
  std::vector<std::complex<double>> values(input.begin(), input.end());
  transform(values, false);
  for (std::size_t k = 0; k <= size_ / 2; ++k) output[k] = std::norm(values[k]);
}

}  // namespace reamo::signal
