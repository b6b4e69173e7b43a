#include "ntpkeygen/host/posix_network.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ntpkeygen {
namespace {

constexpr std::uint64_t second = 1'000'000'000, millisecond = 1'000'000;
// A signal that comes just before a wait does not end it, so no wait is longer.
constexpr std::uint64_t longest_wait = second / 5;

std::uint64_t monotonic() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * second + static_cast<std::uint64_t>(time.tv_nsec);
}

Error io_error(const std::string &what, int error) {
  return Error{ErrorCode::io, error, what + ": " + ::strerror(error), ""};
}

class UdpSocket final : public DatagramSocket {
public:
  UdpSocket(int descriptor, std::string peer) : descriptor_(descriptor), peer_(std::move(peer)) {}
  UdpSocket(const UdpSocket &) = delete;
  UdpSocket &operator=(const UdpSocket &) = delete;
  ~UdpSocket() override { ::close(descriptor_); }

  [[nodiscard]] Result<void> send(std::span<const std::byte> datagram) override {
    while (::send(descriptor_, datagram.data(), datagram.size(), 0) < 0)
      if (errno != EINTR)
        return failure(io_error("cannot send to " + peer_, errno));
    return {};
  }

  [[nodiscard]] Result<std::optional<Arrival>> receive(std::span<std::byte> buffer, std::uint64_t deadline,
                                                       const RunControl &control) override {
    for (;;) {
      if (control.cancelled())
        return failure(ErrorCode::cancelled, "interrupted");
      // With MSG_TRUNC it says how long the datagram was.
      const ssize_t size = ::recv(descriptor_, buffer.data(), buffer.size(), MSG_DONTWAIT | MSG_TRUNC);
      const std::uint64_t now = monotonic();
      if (size >= 0)
        return Arrival{static_cast<std::size_t>(size), now};
      if (errno != EAGAIN && errno != EINTR) {
        const int error = errno;
        forget_reported_errors();
        return failure(io_error("cannot receive from " + peer_, error));
      }
      if (now >= deadline)
        return std::nullopt;
      pollfd wanted{descriptor_, POLLIN, 0};
      const std::uint64_t wait = std::min(deadline - now, longest_wait);
      static_cast<void>(::poll(&wanted, 1, static_cast<int>((wait + millisecond - 1) / millisecond)));
      if ((wanted.revents & POLLERR) != 0)
        forget_reported_errors();
    }
  }

private:
  // The queue of ICMP messages: while something is in it, poll does not wait. recv itself gives the error of each.
  void forget_reported_errors() const {
    std::array<std::byte, 64> ignored{};
    while (::recv(descriptor_, ignored.data(), ignored.size(), MSG_ERRQUEUE | MSG_DONTWAIT) >= 0) {
    }
  }

  int descriptor_;
  std::string peer_; // for messages
};

std::string in_words(const sockaddr *address, socklen_t size) {
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  if (::getnameinfo(address, size, host.data(), host.size(), port.data(), port.size(),
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return "an address of an unknown kind";
  const std::string name = host.data();
  return (address->sa_family == AF_INET6 ? "[" + name + "]" : name) + ":" + port.data();
}

// One look-up in the resolver's own thread, so that the user can interrupt the wait for it.
struct LookUp {
  std::string host{}, port{};
  addrinfo hints{};
  gaicb request{};

  LookUp(std::string host_name, std::uint16_t port_number, int flags)
      : host(std::move(host_name)), port(std::to_string(port_number)) {
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_DGRAM;
    hints.ai_flags = AI_NUMERICSERV | flags;
    request.ar_name = host.c_str();
    request.ar_service = port.c_str();
    request.ar_request = &hints;
  }
  LookUp(const LookUp &) = delete;
  LookUp &operator=(const LookUp &) = delete;
  ~LookUp() {
    if (request.ar_result != nullptr)
      ::freeaddrinfo(request.ar_result);
  }
};

// What getaddrinfo(3) would return; EAI_INTR: the user has interrupted it.
int look_up(std::unique_ptr<LookUp> &look_up, const RunControl &control) {
  std::array<gaicb *, 1> requests{&look_up->request};
  if (const int error = ::getaddrinfo_a(GAI_NOWAIT, requests.data(), 1, nullptr); error != 0)
    return error;
  for (;;) {
    if (control.cancelled()) {
      // The thread writes into it, however long it takes.
      if (::gai_cancel(requests[0]) == EAI_NOTCANCELED)
        static_cast<void>(look_up.release());
      return EAI_INTR;
    }
    if (const int error = ::gai_error(requests[0]); error != EAI_INPROGRESS)
      return error;
    const timespec wait{0, static_cast<long>(longest_wait)};
    static_cast<void>(::gai_suspend(requests.data(), 1, &wait));
  }
}

tl::unexpected<Error> not_resolved(const std::string &host, int error) {
  const std::string name = "the name " + host;
  switch (error) {
  case EAI_INTR:
    return failure(ErrorCode::cancelled, "interrupted while " + name + " was looked up");
  case EAI_AGAIN:
    return failure(ErrorCode::unavailable, name + " cannot be looked up now: no name server answers",
                   "try again, or give the server's address");
  default:
    return failure(ErrorCode::not_found, name + " does not resolve: " + ::gai_strerror(error),
                   "check the name, or give the server's address");
  }
}

// RFC 4007 section 6: the same link-local address may be on every link.
bool lacks_interface(const sockaddr_storage &address) {
  sockaddr_in6 six{};
  std::memcpy(&six, &address, sizeof six);
  return six.sin6_family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&six.sin6_addr) && six.sin6_scope_id == 0;
}

} // namespace

Result<std::vector<NetworkAddress>> PosixNetwork::resolve(const std::string &host, std::uint16_t port,
                                                          const RunControl &control) {
  // An address needs no name server and no thread.
  auto found = std::make_unique<LookUp>(host, port, AI_NUMERICHOST);
  int error = ::getaddrinfo(found->host.c_str(), found->port.c_str(), &found->hints, &found->request.ar_result);
  if (error != 0) {
    // Of families that this machine has no address of, nothing is wanted.
    found = std::make_unique<LookUp>(host, port, AI_ADDRCONFIG);
    error = look_up(found, control);
  }
  if (error != 0)
    return not_resolved(host, error);
  std::vector<NetworkAddress> addresses;
  for (const addrinfo *each = found->request.ar_result; each != nullptr; each = each->ai_next) {
    const auto raw = std::as_bytes(std::span(reinterpret_cast<const char *>(each->ai_addr), each->ai_addrlen));
    addresses.push_back({in_words(each->ai_addr, each->ai_addrlen), {raw.begin(), raw.end()}});
  }
  if (addresses.empty())
    return not_resolved(host, EAI_NONAME);
  return addresses;
}

Result<std::unique_ptr<DatagramSocket>> PosixNetwork::connect(const NetworkAddress &address) {
  sockaddr_storage storage{};
  if (address.bytes.size() > sizeof storage)
    return failure(Error{ErrorCode::invalid_argument});
  std::memcpy(&storage, address.bytes.data(), address.bytes.size());
  const int descriptor = ::socket(storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0)
    return failure(io_error("cannot make a socket for " + address.text, errno));
  auto made = std::make_unique<UdpSocket>(descriptor, address.text);
  // Without it, "host unreachable" is not told.
  const int on = 1;
  if (storage.ss_family == AF_INET6)
    static_cast<void>(::setsockopt(descriptor, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on));
  else
    static_cast<void>(::setsockopt(descriptor, IPPROTO_IP, IP_RECVERR, &on, sizeof on));
  if (::connect(descriptor, reinterpret_cast<const sockaddr *>(&storage),
                static_cast<socklen_t>(address.bytes.size())) != 0) {
    Error error = io_error("there is no way to " + address.text, errno);
    error.hint = lacks_interface(storage) ? "a link-local address needs the interface behind it, such as fe80::1%eth0"
                 : error.sys_errno == EACCES ? "give the address of one server, and not one for all in a network"
                                             : "check the address, and this machine's network";
    return failure(std::move(error));
  }
  return made;
}

std::uint64_t PosixNetwork::now() {
  return monotonic();
}

} // namespace ntpkeygen
