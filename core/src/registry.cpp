#include "ntpkeygen/host/registry.hpp"

#include "ntpkeygen/host/ascii.hpp"

#include <algorithm>
#include <exception>
#include <new>
#include <optional>

namespace ntpkeygen {
namespace {

bool before(std::string_view a, std::string_view b) noexcept {
  return std::ranges::lexicographical_compare(a, b, [](char x, char y) { return lower(x) < lower(y); });
}

template <class T> bool is_called(const T &thing, std::string_view name) noexcept {
  if (equal_ignoring_case(name_of(thing), name))
    return true;
  if constexpr (std::is_same_v<T, KeyType>)
    return std::ranges::any_of(thing.info().aliases,
                               [name](const KeyTypeAlias &alias) { return equal_ignoring_case(alias.name, name); });
  return false;
}

std::string quoted(PluginKind kind, std::string_view name) {
  return std::string(kind_in_words(kind)) + " '" + std::string(name) + "'";
}

// What is wrong with a thing by itself; empty: nothing.
template <class T> std::string flaw_of(const T &) {
  return {};
}

template <> std::string flaw_of(const EntropyAssessment &assessment) {
  return assessment.procedures().empty() ? "it has no procedures" : "";
}

template <> std::string flaw_of(const KeyType &type) {
  const KeyTypeInfo &info = type.info();
  if (info.lengths.empty())
    return "it has no lengths";
  std::size_t least = 1;
  for (const KeyLengths &some : info.lengths) {
    if (some.min_bits < least || some.max_bits < some.min_bits || !some.hold(some.min_bits))
      return "its lengths are not whole bytes in ascending order";
    least = some.max_bits + std::size_t{1};
  }
  if (info.mac_for(info.default_bits) == nullptr)
    return "its default of " + std::to_string(info.default_bits) + " bits is not one of its lengths";
  for (std::size_t i = 0; i < info.aliases.size(); ++i) {
    const KeyTypeAlias &alias = info.aliases[i];
    if (!is_plugin_name(alias.name))
      return "its alias '" + alias.name + "' is not a name";
    if (alias.bits != 0 && info.mac_for(alias.bits) == nullptr)
      return "its alias '" + alias.name + "' stands for " + std::to_string(alias.bits) + " bits, which it cannot have";
    if (equal_ignoring_case(alias.name, info.name) ||
        std::any_of(info.aliases.begin(), info.aliases.begin() + std::ptrdiff_t(i),
                    [&](const auto &x) { return equal_ignoring_case(x.name, alias.name); }))
      return "its alias '" + alias.name + "' stands there twice";
  }
  return {};
}

// The thing is destroyed before what keeps its code in memory.
template <class T> struct Kept {
  std::shared_ptr<const void> keep_alive;
  std::unique_ptr<T> thing;
};

} // namespace

// Collects what a plugin adds until all of it is known to be good.
class Registry::Staging final : public Registrar {
public:
  explicit Staging(const Registry &registry) : registry_(registry) {}

  Result<void> add(std::unique_ptr<RandomSourceProvider> provider) noexcept override {
    return take(std::move(provider));
  }
  Result<void> add(std::unique_ptr<KeyType> type) noexcept override { return take(std::move(type)); }
  Result<void> add(std::unique_ptr<KeyFileFormat> format) noexcept override { return take(std::move(format)); }
  Result<void> add(std::unique_ptr<KeyFileReader> reader) noexcept override { return take(std::move(reader)); }
  Result<void> add(std::unique_ptr<MacEngine> engine) noexcept override { return take(std::move(engine)); }
  Result<void> add(std::unique_ptr<EntropyAssessment> assessment) noexcept override {
    return take(std::move(assessment));
  }

  // A plugin that goes on after a thing of its own was not taken is not enrolled in part. (Wording out_of_memory would
  // need memory, so it is no refusal.)
  [[nodiscard]] Result<void> complete() const {
    if (out_of_memory_)
      return failure(Error{ErrorCode::out_of_memory});
    return refusal_ ? Result<void>(failure(*refusal_)) : Result<void>();
  }

  // Gives everything to the registry. Whatever can fail for want of memory comes before the first change.
  void commit(Registry &registry, const std::shared_ptr<const void> &keep_alive) {
    auto shelves = std::tuple(merged<RandomSourceProvider>(keep_alive), merged<KeyType>(keep_alive),
                              merged<KeyFileFormat>(keep_alive), merged<KeyFileReader>(keep_alive),
                              merged<MacEngine>(keep_alive), merged<EntropyAssessment>(keep_alive));
    registry.shelves_.swap(shelves);
  }

private:
  template <class T> using Staged = std::vector<std::unique_ptr<T>>;

  template <class T> Result<void> take(std::unique_ptr<T> thing) noexcept {
    Result<void> taken = guarded([&]() -> Result<void> {
      if (std::optional<Error> error = refuse(thing.get())) {
        if (!refusal_)
          refusal_ = error;
        return failure(std::move(*error));
      }
      std::get<Staged<T>>(staged_).push_back(std::move(thing));
      return {};
    });
    out_of_memory_ = out_of_memory_ || (!taken && taken.error().code == ErrorCode::out_of_memory);
    return taken;
  }

  template <class T> [[nodiscard]] std::optional<Error> refuse(const T *thing) const {
    constexpr PluginKind kind = kind_of<T>;
    if (thing == nullptr)
      return Error{ErrorCode::plugin_fault, 0, "a " + std::string(kind_in_words(kind)) + " that it enrolls is null"};
    const std::string_view name = name_of(*thing);
    if (!is_plugin_name(name))
      return Error{ErrorCode::plugin_fault, 0,
                   name.empty() ? "a " + std::string(kind_in_words(kind)) + " that it enrolls has no name"
                                : "the " + quoted(kind, name) + " has a name that cannot be looked up",
                   "a name is 1 to 64 of the characters a-z 0-9 @ . + _ -"};
    if (std::string flaw = flaw_of(*thing); !flaw.empty())
      return Error{ErrorCode::plugin_fault, 0, "the " + quoted(kind, name) + " is not whole: " + flaw};
    if (const T *owner = owner_of<T>(name))
      return Error{ErrorCode::already_exists, 0,
                   "the name '" + std::string(name) + "' is taken by the " + quoted(kind, name_of(*owner))};
    if constexpr (std::is_same_v<T, KeyType>)
      for (const KeyTypeAlias &alias : thing->info().aliases)
        if (const T *owner = owner_of<T>(alias.name))
          return Error{ErrorCode::already_exists, 0,
                       "the alias '" + alias.name + "' of the " + quoted(kind, name) + " is taken by the " +
                           quoted(kind, name_of(*owner))};
    return std::nullopt;
  }

  template <class T> [[nodiscard]] const T *owner_of(std::string_view name) const noexcept {
    for (const std::unique_ptr<T> &other : std::get<Staged<T>>(staged_))
      if (is_called(*other, name))
        return other.get();
    return registry_.find<T>(name).get();
  }

  template <class T> [[nodiscard]] Shelf<T> merged(const std::shared_ptr<const void> &keep_alive) {
    Shelf<T> shelf = registry_.all<T>();
    for (std::unique_ptr<T> &thing : std::get<Staged<T>>(staged_)) {
      const auto kept = std::make_shared<Kept<T>>(Kept<T>{keep_alive, std::move(thing)});
      const std::string_view name = name_of(*kept->thing);
      const auto place = std::ranges::upper_bound(shelf, name, before, [](const auto &x) { return name_of(*x); });
      shelf.insert(place, std::shared_ptr<const T>(kept, kept->thing.get()));
    }
    return shelf;
  }

  const Registry &registry_;
  std::tuple<Staged<RandomSourceProvider>, Staged<KeyType>, Staged<KeyFileFormat>, Staged<KeyFileReader>,
             Staged<MacEngine>, Staged<EntropyAssessment>>
      staged_;
  std::optional<Error> refusal_;
  bool out_of_memory_ = false;
};

Result<void> Registry::enroll(const std::function<Result<void>(Registrar &)> &enroll,
                              const std::shared_ptr<const void> &keep_alive) {
  Staging staging(*this);
  // A plugin's own exceptions end in the plugin (NTPKEYGEN_PLUGIN); those of one that was made in another way end and
  // are destroyed here, while the code that threw them is still in memory.
  try {
    Result<void> result = enroll(staging);
    if (!result)
      return result;
    if (result = staging.complete(); !result)
      return result;
    staging.commit(*this, keep_alive);
    return {};
  } catch (const std::bad_alloc &) {
    return failure(Error{ErrorCode::out_of_memory});
  } catch (const std::exception &exception) {
    return failure(ErrorCode::plugin_fault, std::string("it threw an exception while enrolling: ") + exception.what());
  } catch (...) {
    return failure(ErrorCode::plugin_fault, "it threw something that is no std::exception while enrolling");
  }
}

template <class T> std::shared_ptr<const T> Registry::find(std::string_view name) const {
  for (const std::shared_ptr<const T> &thing : all<T>())
    if (is_called(*thing, name))
      return thing;
  return nullptr;
}

template <class T> const std::vector<std::shared_ptr<const T>> &Registry::all() const {
  return std::get<Shelf<T>>(shelves_);
}

template std::shared_ptr<const RandomSourceProvider> Registry::find(std::string_view) const;
template std::shared_ptr<const KeyType> Registry::find(std::string_view) const;
template std::shared_ptr<const KeyFileFormat> Registry::find(std::string_view) const;
template std::shared_ptr<const KeyFileReader> Registry::find(std::string_view) const;
template std::shared_ptr<const MacEngine> Registry::find(std::string_view) const;
template std::shared_ptr<const EntropyAssessment> Registry::find(std::string_view) const;
template const std::vector<std::shared_ptr<const RandomSourceProvider>> &Registry::all() const;
template const std::vector<std::shared_ptr<const KeyType>> &Registry::all() const;
template const std::vector<std::shared_ptr<const KeyFileFormat>> &Registry::all() const;
template const std::vector<std::shared_ptr<const KeyFileReader>> &Registry::all() const;
template const std::vector<std::shared_ptr<const MacEngine>> &Registry::all() const;
template const std::vector<std::shared_ptr<const EntropyAssessment>> &Registry::all() const;

std::string_view kind_in_words(PluginKind kind) noexcept {
  switch (kind) {
  case PluginKind::random_source:
    return "random source";
  case PluginKind::key_type:
    return "key type";
  case PluginKind::key_file_format:
    return "key file format";
  case PluginKind::key_file_reader:
    return "key file reader";
  case PluginKind::mac_engine:
    return "MAC engine";
  case PluginKind::entropy_assessment:
    return "entropy assessment";
  }
  return "plugin";
}

bool is_plugin_name(std::string_view name) noexcept {
  constexpr std::size_t longest = 64;
  return !name.empty() && name.size() <= longest && std::ranges::all_of(name, [](char c) {
    return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("@.+_-").find(c) != std::string_view::npos;
  });
}

} // namespace ntpkeygen
