"""What NTPsec's ntpdig loads, and what the reader of that name says that it loads: the same, for generated files.

Run by the script ntpdig_reader. Arguments: the program print_keys, the number of files, and a seed.
"""
import os
import random
import struct
import subprocess
import sys

import ntp.ntpc
import ntp.packet
import ntp.util

TYPES = ["MD5", "md5", "SHA1", "SHA-1", "SHA256", "SHA384", "SHA512", "AES", "AES-128", "AES128CMAC", "aes-192", "AES-256"]
ODD_TYPES = ["AES128", "CMAC", "DES", "BF", "SEED", "M", "MISC", "MD4", "RIPEMD160", "SHAKE128", "SHA3-256", "SM3", "SM4",
             "DES-EDE", "CAMELLIA-128", "ARIA-256", "MD5-SHA1", "SHA512/256", "2.16.840.1.101.3.4.2.1", "RSA", "X" * 130]
IDS = ["1", "2", "3", "10", "65535"]
ODD_IDS = ["65536", "0", "-1", "+1", "0x1", "1abc", "4294967295", "4294967296", "4294967297", "007", "1_0", "1_", "1.5",
           "-0", "\u0661", "\u096f_1", "\u00b2", ""]
BLANKS = [" "] * 10 + ["\t", "  ", "\v", "\f", "\x1c", "\x85", "\xa0", "\u2003", "\u200b"]
ENDS = ["\n"] * 14 + ["\r\n", "\r", "\n\r", "\0\n", "", " \n", "\v\n"]
TAILS = [""] * 12 + [" # c", "#c", " #", " 127.0.0.1", " x"]
OTHER_LINES = ["", "# c", "! x y", "words", "1", "1 MD5", "1 MD5 #", "\0", "  ", "\ufeff1 MD5 a", "1#MD5 a"]
HEX = "0123456789abcdefABCDEF"
NO_HEX = list("gz+-_#x/:@\0") + ["\u00e9", "\u0661", "\uff19"]


def generated_key(rnd):
    kind = rnd.random()
    if kind < 0.3:
        return "".join(rnd.choice("abcXYZ019!$%&;:~\"'=+-_.") for _ in range(rnd.choice([1, 8, 15, 16, 19, 20, 21])))
    if kind < 0.45:
        return "".join(rnd.choice("\u00e9\xff\x80ab\u0100\u20ac") for _ in range(rnd.choice([1, 5, 20, 21])))
    key = [rnd.choice(HEX) for _ in range(rnd.choice([1, 20, 21, 22, 31, 32, 33, 40, 48, 62, 63, 64, 65, 80, 128]))]
    if rnd.random() < 0.25:
        key[rnd.randrange(len(key))] = rnd.choice(NO_HEX)
    return rnd.choice([""] * 9 + ["HEX:", "0x"]) + "".join(key)


def generated_file(rnd):
    content = b""
    for _ in range(rnd.choice([0, 1, 1, 2, 2, 3, 5])):
        line = rnd.choice(OTHER_LINES)
        if rnd.random() > 0.05:
            line = (rnd.choice([""] * 9 + [" ", "\t"]) + rnd.choice(IDS * 8 + ODD_IDS) + rnd.choice(BLANKS)
                    + rnd.choice(TYPES * 4 + ODD_TYPES) + rnd.choice(BLANKS) + generated_key(rnd) + rnd.choice(TAILS))
        encoded = line.encode("utf-8")
        if rnd.random() < 0.02:
            at = rnd.randrange(len(encoded) + 1)
            encoded = encoded[:at] + rnd.choice([b"\xff", b"\x80", b"\xc3", b"\xed\xa0\x80"]) + encoded[at:]
        content += encoded + rnd.choice(ENDS).encode("utf-8")
    return content


def key_bytes_missing(keytype, key):
    """How many bytes libntpc would write behind the end of a short key for a cipher: not to be called then."""
    return ntp.ntpc.checkname(keytype) - len(key)


def ntpdig_macs(path, packet):
    """By id, the MAC that ntpdig sends, "?" for one that no one can know; None: it fails as a whole."""
    try:
        credentials = ntp.packet.Authenticator(path)
    except ValueError:
        return None
    macs = {}
    for keyid, (keytype, key) in credentials.passwords.items():
        if keyid == 0:  # no key, to ntpdig
            continue
        try:
            if key_bytes_missing(keytype, key) > 0:
                struct.pack("!I", keyid)
                ntp.poly.polybytes(key)
                if ntp.ntpc.mac(packet, b"x" * 32, keytype):
                    macs[keyid] = "?"
                continue
            mac = ntp.packet.Authenticator.compute_mac(packet, keyid, keytype, key)
        except (ValueError, struct.error):
            continue
        if mac:
            macs[keyid] = mac[4:].hex()
    return macs


def libcrypto_name(mac):
    if not mac.startswith("cmac-"):
        return mac
    name = mac[len("cmac-"):]
    digits = name.rstrip("0123456789")
    return digits + "-" + name[len(digits):] if digits in ("aes", "aria", "camellia") else name


def reader_macs(words, packet):
    if words[0] == "exits":
        return None
    macs = {}
    for keyid, mac, size, key in (word.split(",") for word in words[1:]):
        whole = "?" if key == "?" else ntp.ntpc.mac(packet, bytes.fromhex(key), libcrypto_name(mac)).hex()
        if whole != "?" and len(whole) != 2 * int(size):
            whole += " (but of %s bytes)" % size
        macs[int(keyid)] = whole
    return macs


def main():
    imitated = "ntpsec-1.2.2"
    if ntp.util.stdversion() != imitated:
        print("skipped: the module is of %s, and the reader stands for %s" % (ntp.util.stdversion(), imitated))
        sys.exit(77)
    program, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    rnd = random.Random(seed)
    packet = bytes(range(48))
    seen = {"failed": 0, "loaded": 0, "keys": 0}
    differences = 0
    path = "/proc/self/fd/%d" % os.memfd_create("keys")  # in a folder on a disk it would take ten times as long
    with subprocess.Popen(
            [program, "ntpdig"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env={name: value for name, value in os.environ.items() if name != "LD_LIBRARY_PATH"}) as reader:
        for _ in range(count):
            content = generated_file(rnd)
            with open(path, "wb") as file:
                file.write(content)
            reader.stdin.write(b"%d\n" % len(content) + content)
            reader.stdin.flush()
            real = ntpdig_macs(path, packet)
            said = reader_macs(reader.stdout.readline().decode().split(), packet)
            seen["failed" if real is None else "loaded"] += 1
            seen["keys"] += len(real or ())
            if real != said:
                differences += 1
                print("file %r: ntpdig %s, the reader %s" % (content, real, said))
    print("%d files with %d keys that ntpdig loads, %d over which it fails: %d differences"
          % (seen["loaded"], seen["keys"], seen["failed"], differences))
    if differences or not all(seen.values()):
        sys.exit(1)


main()
