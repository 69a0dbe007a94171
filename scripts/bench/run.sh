#!/usr/bin/env bash
# Measures arrays of mdfuse beside a plain file, a mount without storage, btrfs, the real md driver, and another commit.
# bench.py says what can be set; `run.sh help` prints it.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.."
[ $# = 0 ] || exec python3 -B "$here/bench.py" help
"$here/../maven.sh" test-compile -pl benchmarks -am
exec python3 -B "$here/bench.py"
