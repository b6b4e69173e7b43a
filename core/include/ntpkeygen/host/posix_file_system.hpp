// The file system of the machine.
#pragma once

#include "ntpkeygen/host/file_system.hpp"

namespace ntpkeygen {

class PosixFileSystem final : public FileSystem {
public:
  [[nodiscard]] Result<std::unique_ptr<Folder>> open_folder(const std::string &path) override;
};

} // namespace ntpkeygen
