// JSON documents that are read.
#pragma once

#include "cli/json.hpp"

#include <rapidjson/document.h>

namespace ntpkeygen::cli {

using JsonDocument =
    rapidjson::GenericDocument<rapidjson::UTF8<>, rapidjson::MemoryPoolAllocator<JsonMemory>, JsonMemory>;
using JsonValue = JsonDocument::ValueType;

} // namespace ntpkeygen::cli
