// What readers share: the keys that their program has so far, the lines that it takes nothing from, and which of
// several keys with one id is left.
#pragma once

#include "ntpkeygen/sdk/key_file_reader.hpp"
#include "ntpkeygen/sdk/linear_sort.hpp"
#include "ntpkeygen/sdk/text_lines.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace ntpkeygen {

// An Interpretation in the making.
class LoadedKeys {
public:
  // In the place of a MAC's index: a key that the program has, and with which it computes nothing.
  static constexpr std::uint8_t no_mac = 0xff;

  LoadedKeys(std::size_t file_size, std::size_t shortest_key_line, SecretMemory &memory)
      : store_(memory, file_size / 2) {
    mac_of_.fill(no_mac);
    constexpr std::size_t usual_most = 65536;
    result_.readings.reserve(std::min(file_size / shortest_key_line + 1, usual_most));
  }

  // A key's bytes, copied, for `Reading::bytes`; zeros behind them up to `size`.
  [[nodiscard]] Extent stored(std::span<const std::byte> bytes, std::size_t size = 0) {
    const Extent extent{static_cast<std::uint32_t>(store_.size()),
                        static_cast<std::uint32_t>(std::max(size, bytes.size()))};
    store_.append(bytes);
    if (size > bytes.size())
      std::ranges::fill(store_.extend(size - bytes.size()), std::byte{0});
    return extent;
  }
  // `outcome`, `decided_by` and `reason` are the reader's own to set.
  [[nodiscard]] Interpretation &result() noexcept { return result_; }

  // The index of the MAC that the program has as its function number so-and-so; `spec() -> MacSpec`.
  template <class Spec> [[nodiscard]] std::uint8_t mac_index(std::uint8_t function, Spec &&spec) {
    std::uint8_t &index = mac_of_[function];
    if (index == no_mac) {
      index = static_cast<std::uint8_t>(result_.macs.size());
      result_.macs.push_back(spec());
    }
    return index;
  }
  // For functions that stand in a table.
  template <class Functions>
  [[nodiscard]] std::uint8_t mac_index(const Functions &table, const typename Functions::value_type &function) {
    return mac_index(static_cast<std::uint8_t>(&function - table.data()), [&] { return function.spec(); });
  }

  // In the file's order.
  void add(const Reading &reading) {
    ascending_ = ascending_ && (result_.readings.empty() || result_.readings.back().id < reading.id);
    result_.readings.push_back(reading);
  }
  void refuse(std::optional<KeyId> id, Extent origin, std::string_view rule, std::string_view reason) {
    result_.refusals.push_back({id, origin, std::string(rule), std::string(reason)});
  }
  void refuse(std::optional<KeyId> id, Extent origin, const LineFault &fault) {
    refuse(id, origin, fault.rule, fault.reason);
  }
  // A line whose key is not used. One without a MAC was refused when it was added.
  void refuse(const Reading &reading, std::string_view rule, std::string_view reason) {
    if (reading.mac != no_mac)
      refuse(reading.id, reading.origin, rule, reason);
  }

  // The readings by id, those of one id in the file's order. False: they were so, and no id is there twice.
  bool sort_readings() {
    if (!ascending_)
      sort_by_number(result_.readings, [](const Reading &reading) { return reading.id; });
    return !ascending_;
  }
  // One reading for each id: `winner(readings, first) -> Reading` is asked where there are several, in the file's order
  // and from the table's place `first` on, and refuses the others.
  template <class Winner> void one_for_each_id(Winner &&winner) {
    if (!sort_readings())
      return;
    std::vector<Reading> &readings = result_.readings;
    std::size_t kept = 0;
    for (std::size_t first = 0, end = 0; first < readings.size(); first = end) {
      end = first + 1;
      while (end < readings.size() && readings[end].id == readings[first].id)
        ++end;
      readings[kept++] = end - first == 1
                             ? readings[first]
                             : winner(std::span<const Reading>(readings).subspan(first, end - first), first);
    }
    readings.resize(kept);
    sort_refusals();
  }
  void first_of_each_id_wins(std::string_view reason) {
    one_for_each_id([&](std::span<const Reading> lines, std::size_t) { return refuse_all_but(lines, 0, reason); });
  }
  void last_of_each_id_wins(std::string_view reason) {
    one_for_each_id(
        [&](std::span<const Reading> lines, std::size_t) { return refuse_all_but(lines, lines.size() - 1, reason); });
  }
  // For a winner.
  Reading refuse_all_but(std::span<const Reading> lines, std::size_t used, std::string_view reason) {
    for (std::size_t i = 0; i < lines.size(); ++i)
      if (i != used)
        refuse(lines[i], "duplicate-id", reason);
    return lines[used];
  }

  // The program has no key: what it read is given up.
  [[nodiscard]] Interpretation take_none(FileOutcome outcome) {
    sort_refusals();
    result_.outcome = outcome;
    result_.readings.clear();
    result_.macs.clear();
    return std::move(result_);
  }
  [[nodiscard]] Interpretation take(FileOutcome outcome = FileOutcome::loaded) {
    std::erase_if(result_.readings, [](const Reading &reading) { return reading.mac == no_mac; });
    result_.outcome = outcome;
    result_.store = store_.take();
    return std::move(result_);
  }

private:
  void sort_refusals() {
    sort_by_number(result_.refusals, [](const Refusal &refusal) { return refusal.origin.offset; });
  }

  SecretWriter store_;
  Interpretation result_{};
  std::array<std::uint8_t, 256> mac_of_{};
  bool ascending_ = true;
};

// A reader that is one function.
class FunctionReader final : public KeyFileReader {
public:
  using ReadKeys = Interpretation (*)(std::span<const std::byte> file, SecretMemory &memory);

  FunctionReader(ReaderInfo info, ReadKeys read_keys) : info_(std::move(info)), read_keys_(read_keys) {}

  [[nodiscard]] const ReaderInfo &info() const noexcept override { return info_; }

  [[nodiscard]] Result<Interpretation> interpret(std::span<const std::byte> file,
                                                 SecretMemory &memory) const noexcept override {
    return guarded([&]() -> Result<Interpretation> { return read_keys_(file, memory); });
  }

private:
  ReaderInfo info_;
  ReadKeys read_keys_;
};

} // namespace ntpkeygen
