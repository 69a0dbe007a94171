#!/usr/bin/env python3
"""Compares what mdfuse says of an array with what mdadm says of it, field by field.

Usage: compare-mdadm.py [-n] [ARRAY...]

ARRAY is the name of a fixture (integration-tests/src/test/resources/fixtures), or of a state below ("states" lists
them); without one, all are compared. -n takes the newest kernel and its mdadm instead of Debian 12's.

Fixtures: the real md driver, run as a process by run.sh, assembles a copy of the images read-only, and mdadm --detail,
--detail --export, --detail --brief and /proc/mdstat are kept; mdfuse mounts another copy read-only, and detail,
detail --export, detail --brief and status are compared with them. mdadm --examine is compared on the images themselves.
States: md and mdfuse each make the same array and bring it into the same state with the same commands.

A difference fails unless it is in KNOWN, which gives its reason. The exit status is 0 if nothing differs otherwise.
"""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FIXTURES = ROOT / "integration-tests/src/test/resources/fixtures"
MDFUSE = os.environ.get("MDFUSE", str(ROOT / "dist/mdfuse/bin/mdfuse"))
NODES = ["/dev/ubd" + letter for letter in "abcdefghijklmnop"]

# Differences that are meant. Each: the part, a regular expression for the field, and the reason.
KNOWN = [
    ("detail", r"Intent Bitmap", "md takes its bitmap into use also read-only; the field is compared where both have one"),
    ("mdstat", r"bitmap line", "the pages of md's bitmap are its own memory: mdfuse has no such number"),
    ("export", r"MD_RESHAPE_ACTIVE", "mdadm before 4.3 does not print it"),
    ("export", r"MD_DEVNAME", "mdadm prints it only if the node is in /dev/md"),
    ("brief", r"name=", "mdadm from 4.3 on leaves the name out"),
    ("brief", r"spares=", "examine: mdadm counts the journal as a spare"),
]

# The same for one array each: its name, the part and the field.
KNOWN_OF_ONE = [
    ("s5-journal", "detail", r"row \d+", "mdadm numbers a journal before the members"),
    ("s5-journal", "mdstat", r"devices", "the same numbers"),
    ("s5-journal-faulty", "detail", r"row [1-5]", "the same numbers: the rows of members without a slot come in their order"),
    ("s5-journal-faulty", "mdstat", r"devices", "the same numbers"),
    ("c0-meta090-zones", "detail", r"Layout", "md does not tell mdadm the layout that it was told; mdfuse does"),
]

# Words that mdfuse needs to mount a fixture, and mdadm or md does not.
MOUNT_WORDS = {"c0-meta090-zones": ["--raid0-layout", "alternate"]}

STATES = {
    # name: (create options for both, devices, journal?, then: list of steps)
    "s5-clean": ("--level 5 --raid-devices 4 --chunk 64K --assume-clean", 4, False, []),
    "s4-clean": ("--level 4 --raid-devices 3 --chunk 64K --assume-clean", 3, False, []),
    "s6-bitmap": ("--level 6 --raid-devices 4 --chunk 64K --assume-clean --bitmap internal", 4, False, []),
    "s5-ppl": ("--level 5 --raid-devices 3 --chunk 64K --assume-clean --consistency-policy ppl", 3, False, []),
    "s5-journal": ("--level 5 --raid-devices 4 --chunk 64K", 4, True, []),
    "s5-right-asymmetric": ("--level 5 --raid-devices 4 --chunk 128K --layout right-asymmetric --assume-clean", 4, False, []),
    "s5-meta10": ("--level 5 --raid-devices 3 --chunk 64K --metadata 1.0 --assume-clean", 3, False, []),
    "s5-spare": ("--level 5 --raid-devices 3 --chunk 64K --assume-clean", 4, False, ["add 3"]),
    "s5-faulty": ("--level 5 --raid-devices 4 --chunk 64K --assume-clean", 4, False, ["fail 1"]),
    "s6-faulty2": ("--level 6 --raid-devices 5 --chunk 64K --assume-clean", 5, False, ["fail 1", "fail 3"]),
    "s5-removed": ("--level 5 --raid-devices 4 --chunk 64K --assume-clean", 4, False, ["fail 2", "remove 2"]),
    "s5-rebuilding": ("--level 5 --raid-devices 3 --chunk 64K --assume-clean", 4, False,
                      ["slow", "fail 1", "add 3", "moving"]),
    "s5-rebuilt": ("--level 5 --raid-devices 3 --chunk 64K --assume-clean", 4, False, ["fail 1", "add 3", "wait"]),
    "s6-replacing": ("--level 6 --raid-devices 4 --chunk 64K --assume-clean", 5, False,
                     ["slow", "add 4", "replace 1 4", "moving"]),
    "s6-replaced": ("--level 6 --raid-devices 4 --chunk 64K --assume-clean", 5, False,
                    ["add 4", "replace 1 4", "wait"]),
    "s5-checking": ("--level 5 --raid-devices 4 --chunk 64K --assume-clean", 4, False,
                    ["slow", "check", "moving"]),
    "s5-repairing": ("--level 5 --raid-devices 4 --chunk 64K --assume-clean", 4, False,
                     ["slow", "repair", "moving"]),
    "s5-journal-faulty": ("--level 5 --raid-devices 4 --chunk 64K", 4, True, ["wait", "fail 0"]),
}
MEMBER_BYTES = 24 << 20
JOURNAL_BYTES = 12 << 20


def run(*command, check=True, **options):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    if check and done.returncode != 0:
        raise SystemExit("%s: status %d\n%s%s" % (" ".join(map(str, command)), done.returncode, done.stdout, done.stderr))
    return done


def boot(job, images, newest):
    """Runs a job in the real md driver's machine and returns what it prints."""
    with tempfile.NamedTemporaryFile("w", suffix=".sh") as script:
        script.write(job)
        script.flush()
        return run(HERE / "run.sh", *(["-n"] if newest else []), "-t", "100", script.name, *images, check=False).stdout


SHOW = """
show() {
  for what in detail export brief; do
    echo "@@ $what"
    case $what in detail) mdadm --detail $md;; *) mdadm --detail --$what $md;; esac
  done
  echo "@@ mdstat"; sed -n "/^${md#/dev/} /,/^$/p" /proc/mdstat
  echo "@@ end"
}
"""


def sections(text):
    parts, part = {}, None
    for line in text.splitlines():
        if line.startswith("@@ "):
            part = line[3:]
            parts[part] = []
        elif part:
            parts[part].append(line)
    return parts


def ours(mount):
    """The same parts, of a mounted array."""
    return {
        "detail": run(MDFUSE, "detail", mount).stdout.split("\n    mdfuse\n")[0].splitlines(),
        "export": run(MDFUSE, "detail", "--export", mount).stdout.splitlines(),
        "brief": run(MDFUSE, "detail", "--brief", mount).stdout.splitlines(),
        "mdstat": run(MDFUSE, "status", mount).stdout.splitlines()[1:-1],
    }


def named(path, names):
    """The neutral name of a device: the same on both sides."""
    return names.get(path, path)


def detail_fields(lines, names, moving):
    fields = {}
    for line in lines:
        label, colon, value = line.partition(" : ")
        if colon:
            value = re.sub(r" +\(local to host .*", "", value)
            if label.strip().endswith("Status") and moving:
                value = "moving"
            fields[label.strip()] = value
        row = re.match(r"\s+(\d+|-)\s+\d+\s+\d+\s+(\d+|-)\s+(\S.*?)(?:   (/\S+))?$", line)
        if row and not colon:
            device = named(row.group(4), names) if row.group(4) else ""
            fields["row %d" % len([f for f in fields if f.startswith("row")])] = (
                "%s %s %s %s" % (row.group(1), row.group(2), row.group(3), device))
    return fields


def export_fields(lines, names, moving):
    fields, devices = {}, {}
    for line in lines:
        key, _, value = line.partition("=")
        match = re.match(r"MD_DEVICE_(.*)_(ROLE|DEV)$", key)
        if match:
            devices.setdefault(match.group(1), {})[match.group(2)] = value
        else:
            fields[key] = value
    for device in devices.values():
        fields["device " + named(device.get("DEV", "?"), names)] = device["ROLE"]
    return fields


def brief_fields(lines, names, moving):
    fields = {"lines": len(lines)}
    for word in lines[0].split()[2:] if lines else []:
        key, _, value = word.partition("=")
        fields[key + "="] = value
    return fields


def without_numbers(line):
    """A line of progress without its bar and numbers, and without the spaces that pad a number of one digit."""
    return re.sub(r" *[0-9.]+", "N", re.sub(r"\[[=>.]+\]", "[BAR]", line))


def mdstat_fields(lines, names, moving):
    """The device line, the line of blocks, and the progress: names of devices are left to the neutral ones."""
    fields = {}
    for line in lines:
        if re.match(r"\S+ : ", line):
            words = line.split()
            first = next(i for i, word in enumerate(words) if "[" in word)
            fields["state"] = " ".join(words[2:first])
            fields["devices"] = " ".join(sorted(re.sub(r"^.*\[", "[", word) for word in words[first:]))
        elif " blocks " in line:
            fields["blocks"] = line
        elif re.search(r"(recovery|resync|check) +=", line):
            fields["progress"] = without_numbers(line) if moving else line
            bar = re.search(r"\[([=>.]+)\]", line).group(1)
            per_mille = float(re.search(r"= *([0-9.]+)%", line).group(1)) * 10
            fields["bar"] = bar == "=" * int(per_mille // 50) + ">" + "." * int(20 - per_mille // 50)
        elif "bitmap:" in line:
            fields["bitmap line"] = line
    return fields


READERS = {"detail": detail_fields, "export": export_fields, "brief": brief_fields, "mdstat": mdstat_fields}


def known(name, part, field):
    rules = [rule[:2] for rule in KNOWN] + [rule[1:3] for rule in KNOWN_OF_ONE if rule[0] == name]
    return any(part == where and re.search(what, field) for where, what in rules)


def compare(name, theirs, mine, names, moving, ignored=()):
    differences, count, excused = [], 0, 0
    for part, reader in READERS.items():
        left, right = reader(theirs.get(part, []), names, moving), reader(mine[part], names, moving)
        if part == "detail" and not left:
            differences.append("%s: mdadm printed nothing" % name)
            continue
        for field in list(left) + [field for field in right if field not in left]:
            count += 1
            if left.get(field) != right.get(field) and field not in ignored:
                if known(name, part, field):
                    excused += 1
                else:
                    differences.append("%s: %s: %s: mdadm %r, mdfuse %r" % (name, part, field, left.get(field), right.get(field)))
        labels = [label for label in left if label in right]
        order = [label for label in right if label in left]
        if labels != order and part == "detail":
            differences.append("%s: %s: order: mdadm %s, mdfuse %s" % (name, part, labels, order))
    print("%-24s %3d fields, %d known differences, %d others" % (name, count, excused, len(differences)), flush=True)
    print("".join(line + "\n" for line in differences), end="", flush=True)
    return differences


def mounted(images, options, work):
    mount = work / "mnt"
    mount.mkdir(exist_ok=True)
    attempts = [[], ["--run"], ["--force"]]
    for attempt in attempts:
        done = run(MDFUSE, "mount", *options, *attempt, *images, mount, check=False)
        if done.returncode == 0:
            return mount
    raise SystemExit("mount %s: %s" % (images, done.stderr))


def fixture(name, newest, work):
    """Both look read-only at copies of the images."""
    directory = work / name
    directory.mkdir()
    run("tar", "-C", directory, "-xJf", FIXTURES / (name + ".tar.xz"))
    facts = json.loads((FIXTURES / (name + ".json")).read_text())
    for failed in filter(None, str(facts.get("failed", "")).split(",")):
        (directory / ("disk%s.img" % failed)).unlink(missing_ok=True)
    images = sorted(directory.glob("disk*.img")) + sorted(directory.glob("journal.img"))
    differences = examine(name, images)
    theirs_dir = work / (name + "-md")
    theirs_dir.mkdir()
    for image in images:
        run("cp", "--sparse=always", image, theirs_dir)
    # Of a RAID-0 that does not record it, md has to be told which kernels wrote it: a later one, as in MOUNT_WORDS.
    job = "md=/dev/md0\necho 2 >/sys/module/raid0/parameters/default_layout\n%s\nmdadm --assemble --readonly --run $md \"$@\" >&2 || exit 1\nshow\nmdadm --stop $md >&2\n" % SHOW
    theirs = sections(boot(job, [theirs_dir / image.name for image in images], newest))
    mount = mounted(images, ["--read-only", "--overlay", "none", *MOUNT_WORDS.get(name, [])], work)
    names = {str(image): "d%d" % i for i, image in enumerate(images)}
    names.update({node: "d%d" % i for i, node in enumerate(NODES[: len(images)])})
    try:
        # A replay or resync by md writes superblocks; what it then says of times and events is of its own.
        dirty = facts.get("end") == "power"
        ignored = ("Update Time", "Events", "State") if dirty else ()
        differences += compare(name, theirs, ours(mount), names, False, ignored)
    finally:
        run(MDFUSE, "umount", mount)
        shutil.rmtree(directory)
        shutil.rmtree(theirs_dir)
    return differences


def examine(name, images):
    """mdadm --examine --export and --brief need no driver."""
    differences = []
    for form in ("--export", "--brief"):
        targets = [[image] for image in images] if form == "--export" else [images]
        for target in targets:
            theirs = run("mdadm", "--examine", form, *target, check=False).stdout.splitlines()
            mine = run(MDFUSE, "examine", form, *target, check=False).stdout.splitlines()
            if form == "--brief":
                theirs, mine = ([line for line in lines if "spares=" not in line] for lines in (theirs, mine))
            elif "meta090" in name:
                # mdadm gives the creation time of metadata 0.90 under this key.
                theirs, mine = ([line for line in lines if "MD_UPDATE_TIME" not in line] for lines in (theirs, mine))
            if theirs != mine:
                differences.append("%s: examine %s %s: mdadm %s, mdfuse %s" % (name, form, target[0].name, theirs, mine))
                print(differences[-1], flush=True)
    return differences


MD_STEPS = {
    "add": "mdadm $md --add ${d[%s]} >&2",
    "fail": "mdadm $md --fail ${d[%s]} >&2; sleep 0.3",
    "remove": "mdadm $md --remove ${d[%s]} >&2",
    "replace": "mdadm $md --replace ${d[%s]} --with ${d[%s]} >&2",
    "slow": "echo 400 >$s/sync_speed_max; echo 1 >$s/sync_speed_min",
    "check": "echo check >$s/sync_action",
    "repair": "echo repair >$s/sync_action",
    "moving": "sleep 2",
    "wait": "idle",
}


def their_state(options, count, journal, steps, images, newest):
    words = options.split()
    lines = ["md=/dev/md0 s=/sys/block/md0/md", SHOW, 'd=("$@")',
             'idle() { sleep 0.3; for n in $(seq 600); do grep -q "^idle" $s/sync_action && break; sleep 0.05; done; }']
    members = int(words[words.index("--raid-devices") + 1])
    # mdadm 4.6 asks whether a bitmap is wanted, of an array with a journal or a partial parity log too.
    bitmap = "" if journal or "--bitmap" in words or "ppl" in words else "--bitmap none"
    command = "mdadm --create $md --run %s %s --name vol %s ${d[@]:0:%d}" % (
        options, bitmap, "--write-journal ${d[%d]}" % count if journal else "", members)
    lines += [command + " >&2 2>&1 || exit 1", "idle"]
    for step in steps:
        verb, *numbers = step.split()
        lines.append(MD_STEPS[verb] % tuple(numbers))
    lines += ["sleep 0.5", "show", "echo 200000 >$s/sync_speed_max", "idle", "mdadm --stop $md >&2"]
    return sections(boot("\n".join(lines), images, newest))


def my_state(options, count, journal, steps, images, work):
    words = options.split()
    members = int(words[words.index("--raid-devices") + 1])
    run(MDFUSE, "create", *words, "--name", "vol", *(["--write-journal", images[count]] if journal else []), *images[:members])
    mount = mounted(images[:members] + images[count:], [], work)
    file = next(mount.iterdir())

    def attribute(name, value):
        run("setfattr", "-n", "user.md." + name, "-v", value, file)

    def settle():
        run(MDFUSE, "wait", mount, check=False)

    try:
        settle()
        for step in steps:
            verb, *numbers = step.split()
            devices = [images[int(number)] for number in numbers]
            if verb == "replace":
                run(MDFUSE, "replace", mount, devices[0], "--with", devices[1])
            elif verb in ("add", "fail", "remove"):
                run(MDFUSE, verb, mount, *devices)
            elif verb == "slow":
                attribute("sync_speed_min", "1")
                attribute("sync_speed_max", "400")
            elif verb in ("check", "repair"):
                attribute("sync_action", verb)
            elif verb == "moving":
                time.sleep(2)
            elif verb == "wait":
                settle()
        time.sleep(0.5)
        return ours(mount)
    finally:
        run(MDFUSE, "umount", mount)


def state(name, newest, work):
    options, count, journal, steps = STATES[name]
    directory = work / name
    sides = []
    for side in ("md", "mdfuse"):
        (directory / side).mkdir(parents=True)
        images = [directory / side / ("disk%d.img" % i) for i in range(count)] + (
            [directory / side / "journal.img"] if journal else [])
        for image in images:
            with open(image, "wb") as file:
                file.truncate(JOURNAL_BYTES if image.name == "journal.img" else MEMBER_BYTES)
        sides.append(images)
    theirs = their_state(options, count, journal, steps, sides[0], newest)
    mine = my_state(options, count, journal, steps, sides[1], work)
    names = {str(image): "d%d" % i for i, image in enumerate(sides[1])}
    names.update({node: "d%d" % i for i, node in enumerate(NODES[: len(sides[0])])})
    moving = "moving" in steps
    shutil.rmtree(directory)
    # Two arrays that were made at two times.
    ignored = ("UUID", "MD_UUID", "UUID=", "Creation Time", "Update Time", "Events", "Name", "MD_NAME", "name=")
    return compare(name, theirs, mine, names, moving, ignored)


def main():
    # A stop by timeout(1) unmounts too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    words = sys.argv[1:]
    newest = "-n" in words
    chosen = [word for word in words if word != "-n"]
    if chosen == ["states"]:
        print("\n".join(STATES))
        return 0
    if not chosen:
        made_by_newest = lambda path: path.name.startswith("n-")
        chosen = [path.name[: -len(".tar.xz")] for path in sorted(FIXTURES.glob("*.tar.xz")) if made_by_newest(path) == newest]
        chosen += list(STATES)
    differences = []
    with tempfile.TemporaryDirectory(prefix="mdfuse-compare-") as scratch:
        for name in chosen:
            make = state if name in STATES else fixture
            try:
                differences += make(name, newest, pathlib.Path(scratch))
            except SystemExit as failure:
                if failure.code == 143:
                    raise
                differences.append("%s: %s" % (name, failure))
                print("%-24s failed: %s" % (name, failure), flush=True)
    print("%d arrays, %d differences that are not known" % (len(chosen), len(differences)))
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
