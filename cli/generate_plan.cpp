#include "cli/generate_plan.hpp"

#include "ntpkeygen/host/ascii.hpp"

#include <algorithm>

namespace ntpkeygen::cli {
namespace {

constexpr std::uint32_t default_count = 10;

// One --type, or one group of the recipe.
struct Request {
  std::shared_ptr<const KeyType> type{};
  std::uint16_t bits = 0;
  std::vector<Encoding> encodings{};
  std::uint32_t count = default_count;
};

std::string lengths_in_words(const KeyTypeInfo &type) {
  std::string words;
  for (const KeyLengths &lengths : type.lengths) {
    words += (words.empty() ? "" : ", ") + std::to_string(lengths.min_bits);
    if (lengths.max_bits != lengths.min_bits)
      words += " to " + std::to_string(lengths.max_bits);
  }
  return words;
}

// "AES-256": the type's name at a length that is not its usual one.
std::string name_at(const KeyTypeInfo &type, std::uint16_t bits) {
  if (bits != type.default_bits)
    for (const KeyTypeAlias &alias : type.aliases)
      if (alias.bits == bits)
        return alias.name;
  return type.name;
}

Result<void> check_length(const KeyTypeInfo &type, std::uint16_t bits) {
  if (type.mac_for(bits) != nullptr)
    return {};
  return failure(ErrorCode::invalid_argument,
                 "a key of type " + type.name + " cannot have " + std::to_string(bits) + " bits",
                 "it can have " + lengths_in_words(type));
}

// The length of a key when nobody names one.
std::uint16_t default_bits(const KeyTypeInfo &type, const FormatInfo &format) {
  const std::uint16_t most = format.most_default_bits;
  return most != 0 && most < type.default_bits && type.mac_for(most) != nullptr ? most : type.default_bits;
}

Result<Request> request_type(const std::string &typed, const FormatInfo &format, const GenerateOptions &options,
                             PluginSet &plugins) {
  auto type = plugins.key_type(typed);
  if (!type)
    return failure(std::move(type).error());
  const KeyTypeInfo &info = (*type)->info();
  std::uint16_t bits = options.bits.value_or(default_bits(info, format));
  const auto alias = std::ranges::find_if(
      info.aliases, [&](const KeyTypeAlias &known) { return equal_ignoring_case(known.name, typed); });
  if (alias != info.aliases.end() && alias->bits != 0) {
    if (options.bits)
      return failure(ErrorCode::invalid_argument,
                     "'--bits " + std::to_string(*options.bits) + "' and '--type " + typed + "', which stands for " +
                         std::to_string(alias->bits) + " bits, exclude each other",
                     "leave out '--bits', or write '--type " + info.name + "'");
    bits = alias->bits;
  }
  if (auto checked = check_length(info, bits); !checked)
    return failure(std::move(checked).error());
  return Request{*type, bits, options.encodings, options.count.value_or(default_count)};
}

Result<std::vector<Request>> request_recipe(const Recipe &recipe, const GenerateOptions &options, PluginSet &plugins) {
  const bool as_it_is = !options.bits && options.encodings.empty();
  std::vector<Request> requests;
  for (const KeyGroup &group : recipe.groups) {
    auto type = plugins.key_type(group.type);
    if (!type)
      return failure(std::move(type).error());
    const std::uint16_t bits = options.bits.value_or(group.bits);
    if (auto checked = check_length((*type)->info(), bits); !checked)
      return failure(std::move(checked).error());
    const auto encodings = as_it_is ? std::vector{group.encoding} : options.encodings;
    // With other lengths or encodings asked for, a type of several groups counts once.
    if (as_it_is || std::ranges::none_of(requests, [&](const Request &known) { return known.type == *type; }))
      requests.push_back({*type, bits, encodings, options.count.value_or(group.count)});
  }
  return requests;
}

Result<void> add_groups(GeneratePlan &plan, const Request &request) {
  const KeyTypeInfo &type = request.type->info();
  std::vector<Encoding> encodings = request.encodings;
  if (encodings.empty()) {
    auto chosen = plan.format->default_encodings(type, request.bits);
    if (!chosen)
      return failure(std::move(chosen).error());
    encodings = std::move(*chosen);
  }
  for (const Encoding encoding : encodings) {
    auto spelling = plan.format->spelling(type, request.bits, encoding);
    if (!spelling)
      return failure(std::move(spelling).error());
    plan.groups.push_back({.type = type.name,
                           .mac = *type.mac_for(request.bits),
                           .bits = request.bits,
                           .encoding = encoding,
                           .spelling = std::move(*spelling),
                           .count = request.count});
    plan.group_names.push_back(name_at(type, request.bits));
  }
  for (const std::string &advice : type.advice)
    if (std::ranges::find(plan.advice, advice) == plan.advice.end())
      plan.advice.push_back(advice);
  return {};
}

bool same_groups(const std::vector<PlannedGroup> &groups, const Recipe &recipe) {
  return std::ranges::equal(groups, recipe.groups, [](const PlannedGroup &a, const KeyGroup &b) {
    return a.type == b.type && a.bits == b.bits && a.encoding == b.encoding;
  });
}

std::string joined_names(const std::vector<std::string> &names) {
  std::string joined;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i), names[i]) ==
        names.begin() + static_cast<std::ptrdiff_t>(i))
      joined += (joined.empty() ? "" : "+") + names[i];
  return joined;
}

} // namespace

Result<GeneratePlan> plan_generation(const GenerateOptions &options, PluginSet &plugins) {
  GeneratePlan plan;
  auto format = plugins.key_file_format(options.format);
  if (!format)
    return failure(std::move(format).error());
  plan.format = std::move(*format);

  std::vector<Request> requests;
  if (options.types.empty()) {
    auto recipe = request_recipe(plan.format->recipe(), options, plugins);
    if (!recipe)
      return failure(std::move(recipe).error());
    requests = std::move(*recipe);
  }
  for (const std::string &typed : options.types) {
    auto request = request_type(typed, plan.format->info(), options, plugins);
    if (!request)
      return failure(std::move(request).error());
    if (std::ranges::any_of(
            requests, [&](const Request &known) { return known.type == request->type && known.bits == request->bits; }))
      return failure(ErrorCode::invalid_argument,
                     "'--type " + typed + "': keys of type " + name_at(request->type->info(), request->bits) +
                         " are asked for twice",
                     "'--count' makes a group larger");
    requests.push_back(std::move(*request));
  }
  for (const Request &request : requests)
    if (auto added = add_groups(plan, request); !added)
      return failure(std::move(added).error());

  const Recipe &recipe = plan.format->recipe();
  const bool usual = same_groups(plan.groups, recipe);
  plan.label = usual ? recipe.label : joined_names(plan.group_names);
  plan.announced_as = usual ? recipe.announced_as : plan.label;

  if (!plan.format->info().reader.empty()) {
    auto reader = plugins.key_file_reader(plan.format->info().reader);
    if (!reader)
      return failure(std::move(reader).error());
    plan.reader = std::move(*reader);
  }

  auto source = KeySource::find(options.sources, options.min_entropy, plugins);
  if (!source)
    return failure(std::move(source).error());
  plan.source = std::move(*source);
  return plan;
}

Result<void> number_groups(GeneratePlan &plan, std::uint64_t first) {
  const FormatInfo &format = plan.format->info();
  const std::string range = std::to_string(format.first_id) + " to " + std::to_string(format.last_id);
  if (first < format.first_id || first > format.last_id)
    return failure(ErrorCode::invalid_argument, "the first key id " + std::to_string(first) + " is out of range",
                   "key ids of the format " + format.name + " go from " + range);
  std::uint64_t total = 0;
  for (const PlannedGroup &group : plan.groups)
    total += group.count;
  if (first + total > std::uint64_t{format.last_id} + 1)
    return failure(ErrorCode::invalid_argument,
                   std::to_string(total) + " keys from id " + std::to_string(first) + " on would pass the last id, " +
                       std::to_string(format.last_id),
                   "key ids of the format " + format.name + " go from " + range +
                       "; lower '--count' or '--first-id', or name one '--encoding'");
  // A program looks each of them up, and the file has to fit into memory, here and there.
  constexpr std::uint64_t most = 1'000'000;
  if (total > most)
    return failure(ErrorCode::invalid_argument,
                   std::to_string(total) + " keys are too many for one file, which has " + std::to_string(most) +
                       " at most",
                   "lower '--count'");
  for (PlannedGroup &group : plan.groups) {
    group.first_id = static_cast<KeyId>(first);
    first += group.count;
  }
  return {};
}

Result<std::string> owner_name(const GenerateOptions &options, Host &host) {
  std::string name;
  if (options.host)
    name = *options.host;
  else if (auto own = host.name())
    name = std::move(*own);
  else
    return failure(std::move(own).error());
  const std::string origin =
      options.host ? "'--host " + printable(name) + "'" : "this host's name, '" + printable(name) + "',";
  if (name.empty())
    return failure(ErrorCode::invalid_argument, options.host ? "'--host' is empty" : "this host has no name",
                   "give the name that the file is to carry with '--host NAME'");
  // It stands in a file name and in a comment of the file, where a line break would begin a line of keys.
  if (std::ranges::any_of(name, [](char c) { return c <= ' ' || c > '~' || c == '/'; }))
    return failure(ErrorCode::invalid_argument, origin + " cannot be part of a file name",
                   "give a name of printable ASCII characters without blanks and slashes with '--host NAME'");
  constexpr std::size_t longest = 200; // leaves room for the rest of a file name of 255 bytes
  if (name.size() > longest)
    return failure(ErrorCode::invalid_argument,
                   (options.host ? "the name given with '--host'" : "this host's name") + std::string(" is ") +
                       std::to_string(name.size()) + " characters long",
                   "give one of at most " + std::to_string(longest) + " characters with '--host NAME'");
  return name;
}

} // namespace ntpkeygen::cli
