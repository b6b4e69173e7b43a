// JSON documents on standard output, streamed: a document tree of a large keys file would take its size many times
// over.
#pragma once

#include "cli/foreign_text.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <cstdlib>
#include <new>
#include <string>
#include <string_view>

namespace ntpkeygen::cli {

// RapidJSON's own allocator hands on the null pointer of a malloc that fails, and it is used.
class JsonMemory {
public:
  static constexpr bool kNeedFree = true; // NOLINT(readability-identifier-naming): RapidJSON's name
  static void *Malloc(std::size_t size) { return size == 0 ? nullptr : taken(std::malloc(size)); }
  static void *Realloc(void *memory, std::size_t, std::size_t size) {
    if (size != 0)
      return taken(std::realloc(memory, size));
    std::free(memory);
    return nullptr;
  }
  static void Free(void *memory) noexcept { std::free(memory); }

private:
  static void *taken(void *memory) {
    if (memory == nullptr)
      throw std::bad_alloc();
    return memory;
  }
};
using JsonBuffer = rapidjson::GenericStringBuffer<rapidjson::UTF8<>, JsonMemory>;
template <class Stream> using JsonWriterTo =
    rapidjson::Writer<Stream, rapidjson::UTF8<>, rapidjson::UTF8<>, JsonMemory>;

// Into memory, for documents that do not grow with their input; those that do are written through a BufferedOutput.
using JsonWriter = JsonWriterTo<JsonBuffer>;

// JSON is UTF-8 (RFC 8259 section 8.1), a file's name need not be.
template <class Stream> void put(JsonWriterTo<Stream> &json, std::string_view text) {
  if (std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; })) {
    json.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  } else {
    const std::string valid = as_utf8(text);
    json.String(valid.data(), static_cast<rapidjson::SizeType>(valid.size()));
  }
}
template <class Stream> void put_key(JsonWriterTo<Stream> &json, std::string_view text) {
  json.Key(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}
template <class Stream> void put(JsonWriterTo<Stream> &json, std::string_view key, std::string_view text) {
  put_key(json, key);
  put(json, text);
}
// Absent values are null.
template <class Stream> void put_or_null(JsonWriterTo<Stream> &json, std::string_view key, std::string_view text) {
  put_key(json, key);
  text.empty() ? static_cast<void>(json.Null()) : put(json, text);
}

// The document with its line end.
inline std::string_view finished(JsonBuffer &buffer) {
  buffer.Put('\n');
  return {buffer.GetString(), buffer.GetSize()};
}

} // namespace ntpkeygen::cli
