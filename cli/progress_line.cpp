#include "cli/progress_line.hpp"

#include <new>

namespace ntpkeygen::cli {
namespace {

constexpr auto pause = std::chrono::milliseconds(100); // between two changes of the line
constexpr auto enough = std::chrono::seconds(1);       // to estimate from

std::string in_words(std::chrono::seconds time) {
  const auto seconds = time.count();
  if (seconds < 60)
    return std::to_string(seconds) + " s";
  if (seconds < 3600)
    return std::to_string(seconds / 60) + " min " + std::to_string(seconds % 60) + " s";
  return std::to_string(seconds / 3600) + " h " + std::to_string(seconds / 60 % 60) + " min";
}

} // namespace

void ProgressLine::progress(std::string_view stage, std::uint64_t done, std::uint64_t total) noexcept {
  if (!shown_ || total == 0)
    return;
  try {
    const Time now = now_();
    if (stage_ != stage) {
      stage_ = stage;
      began_ = now;
    } else if (now - last_ < pause) {
      return;
    }
    last_ = now;
    if (done >= total)
      return clear();
    const double share = static_cast<double>(done) / static_cast<double>(total);
    std::string line = "\r" + stage_ + ": " + std::to_string(done * 100 / total) + " %";
    if (const std::chrono::duration<double> spent = now - began_; done != 0 && spent >= enough)
      line += ", about " + in_words(std::chrono::ceil<std::chrono::seconds>(spent * (1 - share) / share)) + " left";
    visible_ = true;
    static_cast<void>(err_.write(line + "\033[K"));
  } catch (const std::bad_alloc &) {
    return; // the work matters more
  }
}

void ProgressLine::clear() noexcept {
  if (!visible_)
    return;
  visible_ = false;
  static_cast<void>(err_.write("\r\033[K"));
}

} // namespace ntpkeygen::cli
