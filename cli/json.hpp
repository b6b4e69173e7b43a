// JSON documents on standard output, streamed: a document tree of a large keys file would take its size many times
// over.
#pragma once

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <string_view>

namespace ntpkeygen::cli {

using JsonWriter = rapidjson::Writer<rapidjson::StringBuffer>;

inline void put(JsonWriter &json, std::string_view text) {
  json.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}
inline void put_key(JsonWriter &json, std::string_view text) {
  json.Key(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}
inline void put(JsonWriter &json, std::string_view key, std::string_view text) {
  put_key(json, key);
  put(json, text);
}
// Absent values are null.
inline void put_or_null(JsonWriter &json, std::string_view key, std::string_view text) {
  put_key(json, key);
  text.empty() ? static_cast<void>(json.Null()) : put(json, text);
}

// The document with its line end.
inline std::string_view finished(rapidjson::StringBuffer &buffer) {
  buffer.Put('\n');
  return {buffer.GetString(), buffer.GetSize()};
}

} // namespace ntpkeygen::cli
