// Keys that stand in manuals, standards and tutorials: whoever reads can use them, so none protects anything.
#pragma once

#include <array>
#include <string_view>

namespace ntpkeygen {

struct PublishedKey {
  std::string_view text{}; // the key's bytes; hex digits where `hex`
  bool hex = false;
  std::string_view source{}; // completes "the key is published ..."
};

inline constexpr std::string_view in_chrony_manual = "in chrony.conf(5)", in_cisco_manual = "in Cisco's IOS manuals",
                                  in_ntp_tutorials = "in many NTP tutorials",
                                  in_appliance_manual = "in manuals of time servers", in_rfc_4493 = "in RFC 4493",
                                  in_sp_800_38b = "in NIST SP 800-38B", in_own_manual = "in this program's own manual",
                                  in_word_lists = "in every list of common passwords",
                                  in_sample_files = "in a sample keys file that is copied on the web";

inline constexpr std::array published_keys{
    // chrony.conf(5), directive keyfile
    PublishedKey{"tulip", false, in_chrony_manual},
    PublishedKey{"hyacinth", false, in_chrony_manual},
    PublishedKey{"crocus", false, in_chrony_manual},
    PublishedKey{"933f62be1d604e68a81b557f18cfa200483f5b70", true, in_chrony_manual},
    PublishedKey{"7ea62ae64d190114d46d5a082f948ec1", true, in_chrony_manual},
    PublishedKey{"37ddcbc67bb902bcb8e995977fab4d2b5642f5b32ebceee421921d97e5cbfe39", true, in_chrony_manual},
    // Cisco IOS, "ntp authentication-key 42 md5 ..."
    PublishedKey{"aNiceKey", false, in_cisco_manual},
    PublishedKey{"cisco", false, in_cisco_manual},
    PublishedKey{"cisco123", false, in_cisco_manual},
    // Symmetricom's user manuals of TimeVault and XLi, "Editing the MD5 keys"
    PublishedKey{"Symmetricom", false, in_appliance_manual},
    PublishedKey{"truetime", false, in_appliance_manual},
    PublishedKey{"TTXli", false, in_appliance_manual},
    PublishedKey{"longshot", false, in_appliance_manual},
    PublishedKey{"xyz123", false, in_appliance_manual},
    // vendors' guides to ntp.keys, in the layout of ntp-keygen
    PublishedKey{"&>10%XXK90'51VwV<xq~", false, in_sample_files},
    PublishedKey{"1b4zLW~d^!K:]RsD'qb6", false, in_sample_files},
    PublishedKey{"a27872d3030a902568446c751b4551a7629af65c", true, in_sample_files},
    PublishedKey{"21bc3b4865dbb9e920902abdccb3e04ff97a5e74", true, in_sample_files},
    PublishedKey{"267736fe24fef5ba85ae11594132ab5d6f6daba9", true, in_sample_files},
    // section 4; SP 800-38B appendix D has the same and two longer ones
    PublishedKey{"2b7e151628aed2a6abf7158809cf4f3c", true, in_rfc_4493},
    PublishedKey{"8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b", true, in_sp_800_38b},
    PublishedKey{"603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4", true, in_sp_800_38b},
    // README.md and docs/man; tests/docs/published_keys looks for all of them
    PublishedKey{"sundial", false, in_own_manual},
    PublishedKey{"0g6S3RnLsxMBQwq`", false, in_own_manual},
    PublishedKey{"H{a=C.f&Je|wOTt-", false, in_own_manual},
    PublishedKey{"fe24ef430a91526750a59452f0281973", true, in_own_manual},
    PublishedKey{"7cbc6c021e312afb3b5bf9335152e85f", true, in_own_manual},
    PublishedKey{"127019148202a828d517423d015fa32e", true, in_own_manual},
    PublishedKey{"12e653dbbc7c7f7352e21f0ebc4b2b9d", true, in_own_manual},
    PublishedKey{"e1058d24f91ae2a1ed2705853f3d3f5e314f5a575b1b4a0e07115a03f1461f7a", true, in_own_manual},
    PublishedKey{"c43b3a59cdf4485dec521b229292fdfacb506b12aa9502d0fa3eccab6e3f8369", true, in_own_manual},
    PublishedKey{"T&.4YzGZ=S=kqM5b=I$v", false, in_own_manual},
    PublishedKey{"xi@Xj8F*L(o-j&W[5_>d", false, in_own_manual},
    PublishedKey{"bdcb1f1c7f95e73e6e1285ab4545df6b", true, in_own_manual},
    PublishedKey{"d2f04f514464c4cd51e4e50308eb3533", true, in_own_manual},
    PublishedKey{"2d44151434d2c5e123695d791b3718a4", true, in_own_manual},
    PublishedKey{"65ef10430bbeb53b9e9e88eb9766187f", true, in_own_manual},
    PublishedKey{"Yr4Tq0vXw2Lk8ZbN", false, in_own_manual},
    PublishedKey{"00112233445566778899aabbccddeeff00112233", true, in_own_manual},
    PublishedKey{"0123456789abcdef", false, in_own_manual},
    PublishedKey{"VN'Q5[h)?ad*4^{<", false, in_own_manual},
    PublishedKey{"c871032f77507ddb18634d33f9d1fea0", true, in_own_manual},
    PublishedKey{"b05e9a2b5ad6a9db8b90eef90704a0fbaf3d2b5bf4c98869", true, in_own_manual},
    PublishedKey{"uI)c^Sy%rAg6t=mHx|<9", false, in_own_manual},
    PublishedKey{"3eefb95ccdb1b51177612a8fb244e2f6d53da806", true, in_own_manual},
    PublishedKey{"dfe0b66a29db31bfe3e9339f701e9ab8", true, in_own_manual},
    PublishedKey{"3fc2c2e4f02faa50d42f9f3f1d92f6b4", true, in_own_manual},
    PublishedKey{"a5ce8aae75b5fa9d04e2c1f1a57d8f1cf5d6f8e0b0e26e60c34d1d04acb5b4f1", true, in_own_manual},
    PublishedKey{"0e3b6a1e5c1df43d1d1b9d1ee3f3a1a6d2e7c0b4", true, in_own_manual},
    PublishedKey{"7b0e1c1f3f0ce3bb2d2fc1b3a3a3f0c94b8d7a51", true, in_own_manual},
    PublishedKey{"o*Kp{=2Lr[4mJ9^x/Qz:", false, in_own_manual},
    PublishedKey{"x2Rk9PmW4tQz7LcV0bNe", false, in_own_manual},
    PublishedKey{"w7GqR3nZk5YtB1mXc9Lf", false, in_own_manual},
    // words that examples of every vendor use
    PublishedKey{"secret", false, in_ntp_tutorials},
    PublishedKey{"mysecret", false, in_ntp_tutorials},
    PublishedKey{"secretkey", false, in_ntp_tutorials},
    PublishedKey{"mykey", false, in_ntp_tutorials},
    PublishedKey{"testkey", false, in_ntp_tutorials},
    PublishedKey{"ntpkey", false, in_ntp_tutorials},
    PublishedKey{"ntp", false, in_ntp_tutorials},
    PublishedKey{"key1", false, in_ntp_tutorials},
    PublishedKey{"test", false, in_word_lists},
    PublishedKey{"password", false, in_word_lists},
    PublishedKey{"Password1", false, in_word_lists},
    PublishedKey{"changeme", false, in_word_lists},
    PublishedKey{"admin", false, in_word_lists},
    PublishedKey{"letmein", false, in_word_lists},
};

} // namespace ntpkeygen
