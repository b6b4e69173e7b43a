// The machine's network, by loopback: addresses, datagrams, and what the kernel says about ports where nobody listens.
#include "ntpkeygen/host/posix_network.hpp"

#include "support/result.hpp"
#include "support/run_control.hpp"

#include <array>
#include <cerrno>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ntpkeygen {
namespace {

using test::failed_with;
using test::succeeded;

constexpr std::uint64_t second = 1'000'000'000;

// A socket that a server would have, on a port that the kernel chose. Not there without the family.
class Peer {
public:
  explicit Peer(int family) : socket_(::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    six.sin6_addr = in6addr_loopback;
    sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const auto *address =
        family == AF_INET6 ? reinterpret_cast<const sockaddr *>(&six) : reinterpret_cast<const sockaddr *>(&four);
    socklen_t size = family == AF_INET6 ? sizeof six : sizeof four;
    there_ = socket_ >= 0 && ::bind(socket_, address, size) == 0;
    sockaddr_in6 bound{}; // the port stands at the same place for both families
    size = sizeof bound;
    if (there_ && ::getsockname(socket_, reinterpret_cast<sockaddr *>(&bound), &size) == 0)
      port = ntohs(bound.sin6_port);
  }
  Peer(const Peer &) = delete;
  Peer &operator=(const Peer &) = delete;
  ~Peer() { close(); }
  void close() {
    if (socket_ >= 0)
      ::close(socket_);
    socket_ = -1;
  }
  [[nodiscard]] bool there() const { return there_; }

  // Takes one datagram and sends one back.
  std::size_t echo(std::size_t size) {
    std::array<std::byte, 64> buffer{};
    sockaddr_in6 from{};
    socklen_t from_size = sizeof from;
    const auto got =
        ::recvfrom(socket_, buffer.data(), buffer.size(), 0, reinterpret_cast<sockaddr *>(&from), &from_size);
    const std::vector<std::byte> reply(size, buffer[0]);
    EXPECT_EQ(::sendto(socket_, reply.data(), reply.size(), 0, reinterpret_cast<sockaddr *>(&from), from_size),
              static_cast<ssize_t>(size));
    return static_cast<std::size_t>(got);
  }

  std::uint16_t port = 0;

private:
  int socket_;
  bool there_ = false;
};

class PosixNetworkTest : public ::testing::TestWithParam<int> {
protected:
  static const char *loopback() { return GetParam() == AF_INET6 ? "::1" : "127.0.0.1"; }
  void SetUp() override {
    if (!peer.there())
      GTEST_SKIP() << "this machine has no " << loopback();
    auto addresses = network.resolve(loopback(), peer.port, control);
    ASSERT_TRUE(succeeded(addresses));
    ASSERT_EQ(addresses->size(), 1U);
    address = addresses->front();
    auto connected = network.connect(address);
    ASSERT_TRUE(succeeded(connected));
    socket = std::move(*connected);
  }
  Result<std::optional<Arrival>> receive(std::uint64_t wait = 60 * second) {
    return socket->receive(buffer, network.now() + wait, control);
  }

  test::RecordingControl control;
  PosixNetwork network;
  Peer peer{GetParam()};
  NetworkAddress address;
  std::unique_ptr<DatagramSocket> socket;
  std::array<std::byte, 2048> buffer{};
};

TEST_P(PosixNetworkTest, AddressesAreShownAsPeopleTypeThem) {
  EXPECT_EQ(address.text, (GetParam() == AF_INET6 ? "[::1]:" : "127.0.0.1:") + std::to_string(peer.port));
}

TEST_P(PosixNetworkTest, DatagramsGoAndCome) {
  const std::array request{std::byte{42}, std::byte{1}};
  const std::uint64_t before = network.now();
  ASSERT_TRUE(succeeded(socket->send(request)));
  EXPECT_EQ(peer.echo(3), 2U);
  auto arrival = receive();
  ASSERT_TRUE(succeeded(arrival));
  ASSERT_TRUE(*arrival);
  EXPECT_EQ((*arrival)->size, 3U);
  EXPECT_GE((*arrival)->at, before);
  EXPECT_EQ(buffer[2], std::byte{42});
}

TEST_P(PosixNetworkTest, ALongDatagramSaysHowLongItWas) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{10'000}}) {
    ASSERT_TRUE(succeeded(socket->send(std::array{std::byte{7}})));
    peer.echo(size);
    auto arrival = receive();
    ASSERT_TRUE(succeeded(arrival));
    ASSERT_TRUE(*arrival);
    EXPECT_EQ((*arrival)->size, size);
  }
}

TEST_P(PosixNetworkTest, OthersAreNotHeard) {
  const Peer other(GetParam());
  ASSERT_TRUE(succeeded(socket->send(std::array{std::byte{7}})));
  // Its own datagram, seen by nobody here: the socket is connected to the peer.
  auto arrival = receive(0);
  ASSERT_TRUE(succeeded(arrival));
  EXPECT_FALSE(*arrival);
}

TEST_P(PosixNetworkTest, TheDeadlineEndsTheWait) {
  const std::uint64_t deadline = network.now() + second / 100;
  auto arrival = socket->receive(buffer, deadline, control);
  ASSERT_TRUE(succeeded(arrival));
  EXPECT_FALSE(*arrival);
  EXPECT_GE(network.now(), deadline);
}

TEST_P(PosixNetworkTest, APortWhereNobodyListensIsAnErrorAndNotTheEnd) {
  peer.close();
  ASSERT_TRUE(succeeded(socket->send(std::array{std::byte{7}})));
  auto arrival = receive();
  ASSERT_TRUE(failed_with(arrival, ErrorCode::io));
  EXPECT_EQ(arrival.error().sys_errno, ECONNREFUSED);
  arrival = receive(second / 100);
  ASSERT_TRUE(succeeded(arrival)) << "it is told once";
  EXPECT_FALSE(*arrival);
}

TEST_P(PosixNetworkTest, AnInterruptionEndsTheWait) {
  control.cancel = true;
  EXPECT_TRUE(failed_with(receive(), ErrorCode::cancelled));
}

INSTANTIATE_TEST_SUITE_P(Families, PosixNetworkTest, ::testing::Values(AF_INET, AF_INET6),
                         [](const auto &family) { return family.param == AF_INET6 ? "IPv6" : "IPv4"; });

TEST(PosixNetworkNames, AnInterruptionEndsALookUp) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP()
      << "the thread sanitizer does not know the resolver's own thread, and crashes where it still runs at exit";
#endif
  test::RecordingControl control;
  control.cancel = true;
  EXPECT_TRUE(failed_with(PosixNetwork().resolve("name.invalid", 123, control), ErrorCode::cancelled));
}

TEST(PosixNetworkNames, AnAddressThatIsOnEveryLinkNeedsItsInterface) {
  PosixNetwork network;
  const auto address = network.resolve("fe80::1", 123, test::RecordingControl());
  ASSERT_TRUE(succeeded(address));
  const auto socket = network.connect(address->front());
  ASSERT_FALSE(socket);
  if (socket.error().sys_errno == EAFNOSUPPORT)
    GTEST_SKIP() << "this machine has no IPv6";
  EXPECT_EQ(socket.error().hint, "a link-local address needs the interface behind it, such as fe80::1%eth0");
}

TEST(PosixNetworkNames, ABroadcastAddressIsNoServers) {
  PosixNetwork network;
  const auto address = network.resolve("255.255.255.255", 123, test::RecordingControl());
  ASSERT_TRUE(succeeded(address));
  const auto socket = network.connect(address->front());
  ASSERT_FALSE(socket);
  if (socket.error().sys_errno == ENETUNREACH)
    GTEST_SKIP() << "this machine has no network";
  EXPECT_EQ(socket.error().hint, "give the address of one server, and not one for all in a network");
}

} // namespace
} // namespace ntpkeygen
