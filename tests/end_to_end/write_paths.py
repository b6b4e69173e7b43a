"""What the tests of faults and of power loss share: every way in which the program writes files, and what must hold of
a folder whatever happened on the way.
"""
import dataclasses
import hashlib
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile

OLD_MODE = 0o640
OLD_STAMP = 4000000000
SAMPLES = 5000


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(77)


# --- what a complete file is

KEY_LINE = re.compile(rb" *[0-9]+ AES ([$-}]{16}|[0-9a-f]{32})")


def is_ntpsec_file(_name, content, _folder):
    lines = content.split(b"\n")
    keys = sum(KEY_LINE.fullmatch(line) is not None for line in lines)
    # 40 and 60 in runs that keep the current ones.
    return lines[-1] == b"" and keys in (20, 40, 60) and len(lines) >= keys + 3


def is_chrony_file(_name, content, _folder):
    lines = content.split(b"\n")
    keys = sum(re.fullmatch(rb"[0-9]+ AES128 HEX:[0-9A-Fa-f]{32}", line) is not None for line in lines)
    return lines[-1] == b"" and keys == 20


def is_recording(name, content, folder):
    if not name.endswith(".json"):
        return content == folder.inputs["samples"]
    try:
        return json.loads(content)["sha256"] == hashlib.sha256(folder.inputs["samples"]).hexdigest()
    except ValueError:
        return False


def is_transposed(_name, content, folder):
    return hashlib.sha256(content).digest() == folder.transposed


def is_report(_name, content, _folder):
    return content.startswith(b"<!DOCTYPE html>") and content.rstrip().endswith(b"</html>")


# --- the ways to write

NO_UNNAMED = "the first unnamed file"  # found in a trace: its number differs from way to way


@dataclasses.dataclass(frozen=True)
class Way:
    title: str
    before: str  # the folder that the run finds
    arguments: tuple
    is_whole: object
    mode: int  # of the new files
    base: str = ""  # what does not work here, as strace spells it


def generating(title, before, words="", base=""):
    mode = 0o400 if before == "nothing" else OLD_MODE
    return Way(title, before, ("--quiet", *words.split()), is_ntpsec_file, mode, base)


NO_EXCHANGE = "renameat2:error=EINVAL"
CONVERT = ("convert", "{inputs}/ntp.keys", "--from", "ntpsec", "--to", "chrony", "--hex", "--quiet")
RECORD = ("entropy", "record", "file:{inputs}/samples", "--samples", str(SAMPLES), "--quiet", "--output", "samples")
REPORT = ("entropy", "report", "{inputs}/samples", "--threads", "1", "--quiet", "--output", "report.html")
WAYS = (
    generating("first run", "nothing"),
    generating("first run --no-link", "nothing", "--no-link"),
    generating("over an older link", "link"),
    generating("older link, --json", "link", "--json"),
    generating("--keep-current --first-id auto", "link", "--keep-current --first-id auto"),
    generating("--output", "nothing", "--output ntp.keys"),
    generating("--output --replace", "file", "--output ntp.keys --replace"),
    generating("--output --replace of a link", "link", "--output ntp.keys --replace"),
    generating("--adopt", "file", "--adopt"),
    generating("first run, no unnamed files", "nothing", "", NO_UNNAMED),
    generating("older link, no unnamed files", "link", "", NO_UNNAMED),
    generating("older link, no /proc", "link", "", "linkat:error=ENOENT"),
    generating("older link, no exchange of names", "link", "", NO_EXCHANGE),
    generating("--replace, no exchange of names", "file", "--output ntp.keys --replace", NO_EXCHANGE),
    generating("--adopt, no exchange of names", "file", "--adopt", NO_EXCHANGE),
    Way("convert --output", "nothing", (*CONVERT, "--output", "ntp.keys"), is_chrony_file, 0o400),
    Way("convert --output --replace", "file", (*CONVERT, "--output", "ntp.keys", "--replace"), is_chrony_file,
        OLD_MODE),
    Way("entropy record", "nothing", RECORD, is_recording, 0o600),
    Way("entropy record, no unnamed files", "nothing", RECORD, is_recording, 0o600, NO_UNNAMED),
    Way("entropy report", "nothing", REPORT, is_report, 0o644),
    Way("entropy report --replace", "report", (*REPORT, "--replace"), is_report, 0o644),
    Way("entropy transpose", "nothing", ("entropy", "transpose", "{inputs}/restarts", "--quiet", "--output", "columns"),
        is_transposed, 0o600),
)


# --- folders

@dataclasses.dataclass(frozen=True)
class Entry:
    kind: str  # file or link
    mode: int
    owner: tuple
    content: bytes  # of a link: what it says


def contents_of(folder):
    """All that must not change; inodes and times are left out."""
    found = {}
    for entry in os.scandir(folder):
        status = entry.stat(follow_symlinks=False)
        owner = (status.st_uid, status.st_gid)
        if entry.is_symlink():
            found[entry.name] = Entry("link", 0, owner, os.fsencode(os.readlink(entry.path)))
        else:
            found[entry.name] = Entry("file", status.st_mode & 0o7777, owner, pathlib.Path(entry.path).read_bytes())
    return found


def names_without_stamps(contents):
    """What two runs have in common."""
    return sorted(re.sub("[0-9]{10}", "<stamp>", name) for name in contents)


def read_through(contents, name):
    """As a reader opens it; None: it cannot be."""
    for _ in range(8):
        entry = contents.get(name)
        if entry is None or entry.kind == "file":
            return entry
        name = os.fsdecode(entry.content)
    return None


class Surroundings:
    """The built program, and the folders that a run can find, each made once."""

    def __init__(self, build):
        os.umask(0o022)
        for name in ("NTPKEYGEN_PLUGIN_PATH", "POSIXLY_CORRECT"):
            os.environ.pop(name, None)
        os.environ["LC_ALL"] = "C"
        self.build = pathlib.Path(build).resolve()
        self.program = self.build / "bin/ntpkeygen"
        if not os.access(self.program, os.X_OK):
            sys.exit(f"{self.program} cannot be run: the argument is a build folder, such as build/release")
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="ntpkeygen-e2e."))
        self.case = self.work / "case"
        self.templates, self.beforehand, self.usual = {}, {}, {}

    def __enter__(self):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # or the folder would stay
        self._make_inputs()
        for name in ("nothing", "link", "file", "report"):
            self._make_template(name)
        return self

    def __exit__(self, *_):
        os.chdir("/")
        shutil.rmtree(self.work)

    def is_sanitized(self):
        return re.search(rb"__(asan|tsan|ubsan_handle)_", self.program.read_bytes()) is not None

    def _make_inputs(self):
        folder = self.work / "inputs"
        folder.mkdir()
        noise = random.Random(1)
        self.inputs = {"samples": noise.randbytes(SAMPLES), "restarts": noise.randbytes(1000 * 1000)}
        for name, content in self.inputs.items():
            (folder / name).write_bytes(content)
        rows = [self.inputs["restarts"][start:start + 1000] for start in range(0, 1000 * 1000, 1000)]
        self.transposed = hashlib.sha256(bytes(byte for column in zip(*rows) for byte in column)).digest()
        self._make("--quiet", "--output", folder / "ntp.keys")

    def _make(self, *arguments):
        subprocess.run([self.program, *arguments], check=True, stderr=subprocess.DEVNULL)

    def _make_template(self, name):
        folder = self.templates[name] = self.work / name
        folder.mkdir()
        if name == "link":
            self._make("--quiet", "--directory", folder, "--mode", f"0{OLD_MODE:o}")
            # Of long ago, or a run within the same second would find its first name taken.
            made = folder / os.readlink(folder / "ntp.keys")
            old = made.with_name(re.sub("[0-9]{10}$", str(OLD_STAMP), made.name))
            made.rename(old)
            (folder / "ntp.keys").unlink()
            (folder / "ntp.keys").symlink_to(old.name)
        elif name == "file":
            self._make("--quiet", "--output", folder / "ntp.keys", "--mode", f"0{OLD_MODE:o}")
        elif name == "report":
            (folder / "report.html").write_text("an older one")
        self.beforehand[name] = contents_of(folder)

    def prepare(self, way):
        """A new copy of the folder that the way finds; the current one from here on."""
        os.chdir(self.work)
        shutil.rmtree(self.case, ignore_errors=True)
        shutil.copytree(self.templates[way.before], self.case, symlinks=True)
        os.chdir(self.case)

    def command(self, way):
        return [str(self.program), *(word.format(inputs=self.work / "inputs") for word in way.arguments)]

    def run(self, way, tracer=(), environment=None):
        return subprocess.run([*tracer, *self.command(way)], stdin=subprocess.DEVNULL, capture_output=True,
                              env={**os.environ, **(environment or {})}, check=False)

    def resolve(self, way):
        """The way with what its base is on this machine."""
        if way.base != NO_UNNAMED:
            return way
        self.prepare(way)
        calls, _ = self.trace(dataclasses.replace(way, base=""), ("openat",))
        number = next(call.number for call in calls if "O_TMPFILE" in call.line)
        return dataclasses.replace(way, base=f"openat:error=EOPNOTSUPP:when={number}")

    def tracer(self, way, names, *injections):
        """strace with the base of the way and these faults, looking at calls of these names only."""
        words = ["strace", "-qq", "-o", str(self.work / "trace"), "-e", "signal=none"]
        faults = [fault for fault in (way.base, *injections) if fault]
        if not any("signal=" in fault for fault in faults):  # strace's filter lets no signal through
            words[1:1] = ["-f", "--seccomp-bpf"]
        names = {*names, *(fault.partition(":")[0] for fault in faults)}
        words += ["-e", "trace=" + ",".join(sorted(names))]
        for fault in faults:
            words += ["-e", "inject=" + fault]
        return words

    def trace(self, way, names=("all",), *injections, characters=0):
        """Runs it and returns the calls, in their order, and the exit status. `characters`: of what is written."""
        words = self.tracer(way, names, *injections)
        words[words.index("-e"):words.index("-e")] = ["-y", "-s", str(characters)]
        done = self.run(way, words)
        if done.returncode != 0 and not injections:
            sys.exit(f"{way.title} fails under strace: {os.fsdecode(done.stderr)}")
        calls, counts = [], {}
        for line in (self.work / "trace").read_text().splitlines():
            line = re.sub("^[0-9]+ +", "", line)
            if found := re.match("([a-z0-9_]+)[(]", line):
                name = found[1]
                counts[name] = counts.get(name, 0) + 1
                calls.append(Call(name, counts[name], line))
        return calls, done.returncode

    def learn(self, way):
        """The names that a run without faults leaves."""
        self.prepare(way)
        done = self.run(way, self.tracer(way, ()) if way.base else ())
        if done.returncode != 0:
            sys.exit(f"{way.title} fails: {os.fsdecode(done.stderr)}")
        self.usual[way.title] = names_without_stamps(contents_of("."))

    # --- what must hold; each answers with what does not

    def faults_of_folder(self, way, contents, errors=""):
        """Old or new, and whole; nothing open to more than it should be."""
        before = self.beforehand[way.before]
        old = {entry.content for entry in before.values() if entry.kind == "file"}
        modes = {way.mode} | {entry.mode for entry in before.values() if entry.kind == "file"}
        if "allows a group was not taken over" in errors:
            modes.add(way.mode & ~0o070)
        for name, entry in contents.items():
            if entry.kind == "link":
                if read_through(contents, name) is None:
                    yield f"{name} leads nowhere"
                continue
            if not any(entry.mode & ~mode == 0 for mode in modes | {0o600}):
                yield f"{name} has the mode {entry.mode:o}"
            if name.startswith("."):
                continue
            if entry.mode not in modes:  # a name that a reader would open
                yield f"{name} has the mode {entry.mode:o}"
            if entry.content not in old and not way.is_whole(name, entry.content, self):
                yield f"{name} is not whole: {len(entry.content)} bytes"
        for name in before:
            if name not in contents and name in ("ntp.keys", "report.html"):
                yield f"{name} is missing"
        kept = {entry.content for name, entry in contents.items() if entry.kind == "file" and not name.startswith(".")}
        if not old <= kept:
            yield "the old content is lost"

    def faults_of_success(self, way, contents, errors):
        yield from self.faults_of_folder(way, contents, errors)
        if names_without_stamps(contents) != self.usual[way.title]:
            yield f"it leaves {' '.join(sorted(contents)) or 'nothing'}"
        before = self.beforehand[way.before]
        for name in before.keys() & {"ntp.keys", "report.html"}:
            reached = read_through(contents, name)
            if reached and reached.content in {entry.content for entry in before.values()}:
                yield f"it succeeds, and {name} is the old one"
        if " error: " in errors:
            yield f"it succeeds, and says: {errors}"

    def faults_of_failure(self, way, contents, errors):
        before = self.beforehand[way.before]
        for name in sorted({*before, *contents}):
            if before.get(name) != contents.get(name):
                yield f"it fails, and {name} is {'new' if name not in before else 'gone or changed'}"
        yield from faults_of_message(errors)


def faults_of_message(errors):
    lines = errors.splitlines()
    numbers = [number for number, line in enumerate(lines) if line.startswith("ntpkeygen: error: ")]
    if len(numbers) != 1 or any(re.match("ntpkeygen: (error|hint|warning|notice): .", line) is None for line in lines):
        yield f"it fails, and says: {errors or 'nothing'}"


@dataclasses.dataclass(frozen=True)
class Call:
    name: str
    number: int  # among those of its name
    line: str  # as strace prints it


def strace_or_skip(surroundings):
    if surroundings.is_sanitized():
        skip("a sanitizer does not work under strace")
    if shutil.which("strace") is None:
        skip("strace is not installed")
    words = ["strace", "-f", "--seccomp-bpf", "-o", "/dev/null", "-e", "trace=none", "true"]
    if subprocess.run(words, stderr=subprocess.DEVNULL, check=False).returncode != 0:
        skip("strace may not trace here (ptrace is not allowed)")
    # What some file systems lack is taken away where it belongs.
    usual = next(way for way in WAYS if way.title == "over an older link")
    surroundings.prepare(usual)
    for call in surroundings.trace(usual, ("openat", "renameat2"))[0]:
        if re.search("(O_TMPFILE|RENAME_EXCHANGE).* = -1 ", call.line):
            skip(f"the file system of {surroundings.work.parent} lacks something: {call.line}")


class Table:
    """The cases of each way, and what was wrong with them; the last line of all says how many."""

    def __init__(self, *columns):
        self.columns = columns
        self.sums = [0] * len(columns)
        self.bad = 0
        self.shown = {}
        print("  " + f"{'way to write':<36}" + "".join(f"{column:>14}" for column in columns))

    def complain(self, way, case, complaints):
        """Of one case. Returns how many cases are bad: none or one."""
        complaints = list(complaints)
        if not complaints:
            return 0
        self.bad += 1
        self.shown[way.title] = self.shown.get(way.title, 0) + 1
        if self.shown[way.title] <= 20:
            print(f"  FAILED {way.title}: {case}")
            for complaint in complaints:
                print(f"      {complaint.rstrip()}")
        return 1

    def row(self, title, *numbers):
        self._print(title, numbers)
        self.sums = [total + number for total, number in zip(self.sums, numbers)]

    def _print(self, title, numbers):
        print(f"  {title:<36}" + "".join(f"{number:>14,}" for number in numbers), flush=True)

    def end(self):
        self._print("all", self.sums)
        if self.bad:
            print(f"{self.bad} failed")
        return 1 if self.bad else 0
