// The file system of the machine.
#pragma once

#include "ntpkeygen/host/file_system.hpp"

namespace ntpkeygen {

class PosixFileSystem final : public FileSystem {
public:
  [[nodiscard]] Result<std::unique_ptr<Folder>> open_folder(const std::string &path) override;
  [[nodiscard]] Result<SecretText> read_standard_input(std::uint64_t limit, SecretMemory &memory) override;
};

} // namespace ntpkeygen
